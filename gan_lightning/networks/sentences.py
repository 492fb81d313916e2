"""Sentences as vectors: small encoders that learn together with the discriminator.

They take the place of the large encoders of published text-to-image models, which are trained before on other data.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator
from gan_lightning.networks.layers.embedding import Embedder
from gan_lightning.networks.layers.stages import Stages
from gan_lightning.ranges import Size
from gan_lightning.vocabulary import Vocabulary

MOST_SHOWN = 64
"""Captions that an encoder keeps as examples."""


class SentenceEncoder(nn.Module, ABC):
    """Captions as the data deliver them, numbers of words (B, length) with zeros behind them, to vectors (B, features).

    Args:
        captions: words, length and examples of the data's captions, as `DataSpec.captions` has them.
        features: length of the vectors.
        stages: of networks that are trained one after the other. The encoder learns in the first stage only, because in
            the second one a network that no longer learns reads its vectors. None: it learns all the time.

    Attributes:
        vocabulary: the words that it can read.
        examples: captions (K, length) under which samples are shown by default.

    Raises:
        SettingError: the data have no captions.
    """

    examples: Tensor

    def __init__(self, captions: Mapping[str, Any] | None, features: int, stages: Stages | None) -> None:
        super().__init__()
        if captions is None:
            raise SettingError(
                "text_encoder: reads captions, and this data set has none; choose dataset=avatars_captions, or a model "
                "that needs none, such as model=cgan"
            )
        self.features, self.stages = features, stages
        self.vocabulary = Vocabulary(captions["words"], captions["length"])
        self.register_buffer("examples", self.vocabulary.encode(captions["shown"][:MOST_SHOWN]), persistent=False)

    def forward(self, captions: Tensor) -> Tensor:
        """Captions (B, length) to vectors (B, features)."""
        if self.stages is None or not self.stages.refining:
            return self.read(captions)
        with torch.no_grad():
            return self.read(captions)

    @abstractmethod
    def read(self, captions: Tensor) -> Tensor:
        """The same, whatever learns now."""


@final
class BagOfWords(SentenceEncoder):
    """The mean of learned vectors of the words, and a linear layer: the order of the words is lost. A baseline.

    Args:
        captions, features, stages: as for every `SentenceEncoder`.
        word_features: length of a word's vector.
    """

    def __init__(
        self,
        captions: Mapping[str, Any] | None,
        features: Size = 128,
        word_features: Size = 64,
        stages: Stages | None = None,
    ) -> None:
        super().__init__(captions, features, stages)
        self.words = nn.Embedding(len(self.vocabulary) + 1, word_features, padding_idx=0)
        self.project = nn.Linear(word_features, features)

    def read(self, captions: Tensor) -> Tensor:
        there = (captions > 0).sum(1, keepdim=True).clamp_min(1)
        return torch.tanh(self.project(self.words(captions).sum(1) / there))


@final
class GRUEncoder(SentenceEncoder):
    """A recurrent network that reads a sentence from both ends (Cho et al. 2014, arXiv:1406.1078); the vector is what
    it remembers after the last word, and after the first one.

    Args:
        captions, stages: as for every `SentenceEncoder`.
        features: length of the vectors, even: half for each direction.
        word_features: length of a word's vector.

    Raises:
        SettingError: an odd number of features.
    """

    def __init__(
        self,
        captions: Mapping[str, Any] | None,
        features: Size = 128,
        word_features: Size = 64,
        stages: Stages | None = None,
    ) -> None:
        super().__init__(captions, features, stages)
        if features % 2:
            raise SettingError(f"text_encoder.features={features}: an even number, half for each direction of reading")
        self.words = nn.Embedding(len(self.vocabulary) + 1, word_features, padding_idx=0)
        self.forwards = nn.GRU(word_features, features // 2, batch_first=True)
        self.backwards = nn.GRU(word_features, features // 2, batch_first=True)

    def read(self, captions: Tensor) -> Tensor:
        # Not packed sequences, which would read the lengths in Python.
        place = torch.arange(captions.shape[1], device=captions.device)
        length = (captions > 0).sum(1, keepdim=True).clamp_min(1)
        turned = captions.gather(1, (length - 1 - place).clamp_min(0))
        read = []
        for network, words in ((self.forwards, captions), (self.backwards, turned)):
            states, _ = network(self.words(words))
            read.append(states.gather(1, (length - 1)[:, :, None].expand(-1, -1, states.shape[2])).squeeze(1))
        return torch.cat(read, 1)


@final
class Vector(Embedder):
    """Vectors that arrive as conditions, such as those of a `SentenceEncoder`, unchanged.

    Args:
        features: their length.
    """

    def __init__(self, features: Size) -> None:
        super().__init__()
        self.features = features

    def forward(self, condition: Tensor) -> Tensor:
        return condition


@final
class ReadingDiscriminator(Discriminator):
    """A discriminator together with the encoder of its captions: images and captions to a `Verdict`."""

    def __init__(self, encoder: SentenceEncoder, discriminator: Discriminator) -> None:
        super().__init__()
        self.encoder, self.discriminator = encoder, discriminator
        self.feature_dim, self.gives_energy = discriminator.feature_dim, discriminator.gives_energy

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        verdict: Verdict = self.discriminator(image, self.encoder(condition))
        return verdict
