"""Networks that tell real sequences of tokens from generated ones."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import with_exact_logits
from gan_lightning.networks.sequences import TokenEmbedding
from gan_lightning.ranges import BelowOne, Few, Size, Whole, within
from gan_lightning.tokens import written


class SequenceDiscriminator(nn.Module, ABC):
    """Sequences to a `Verdict`, whose logits are for whole sequences (B, 1) or for each of their tokens (B, T).

    Attributes:
        judges_tokens: whether logits are for each token, which then sees those up to itself alone.
        feature_dim: F, of the features (B, F).
    """

    judges_tokens: bool
    feature_dim: int

    def __init__(self) -> None:
        super().__init__()
        self.register_forward_hook(with_exact_logits)

    @abstractmethod
    def forward(self, token: Tensor) -> Verdict:
        """Sequences (B, T) long, or a distribution for each place (B, T, V) float, to their verdict."""


@final
class ConvolutionalReader(SequenceDiscriminator):
    """Filters of several widths, the largest answer of each, a highway layer (Srivastava et al. 2015,
    arXiv:1505.00387), and one logit for the sequence: SeqGAN's discriminator (arXiv:1609.05473, after
    arXiv:1408.5882).

    Args:
        num_tokens: V, of the vocabulary.
        length: T, of every sequence; wider filters are left out.
        embedding: numbers of a token's vector. SeqGAN: 64.
        filters: the widths of filters in tokens, and how many there are of each: [[1, 32], [2, 64]].
        dropout: of the features.

    Raises:
        SettingError: a number out of its range, or no filter as narrow as the sequences.
    """

    judges_tokens = False

    def __init__(
        self, num_tokens: Size, length: Few, embedding: Size, filters: Sequence[Sequence[Size]], dropout: BelowOne = 0.0
    ) -> None:
        super().__init__()
        within("network.sequence_discriminator.embedding", Size, embedding)
        within("network.sequence_discriminator.dropout", BelowOne, dropout)
        for pair in filters:
            if len(pair) != 2 or min(pair) < 1:
                raise SettingError(
                    f"network.sequence_discriminator.filters: {[*pair]} is not a width and a number, both from 1"
                )
        fitting = [(width, count) for width, count in filters if width <= length]
        if not fitting:
            widths = ", ".join(str(width) for width, _ in filters) or "none"
            raise SettingError(
                f"network.sequence_discriminator.filters: are {widths} tokens wide, and the sequences have {length}; "
                "add narrower ones"
            )
        self.embedding = TokenEmbedding(num_tokens, embedding)
        self.filters = nn.ModuleList(nn.Conv1d(embedding, count, width) for width, count in fitting)
        self.feature_dim = sum(count for _, count in fitting)
        self.transform, self.gate = (nn.Linear(self.feature_dim, self.feature_dim) for _ in range(2))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.feature_dim, 1)

    def forward(self, token: Tensor) -> Verdict:
        vectors = self.embedding(token).transpose(1, 2)
        found = torch.cat([filters(vectors).relu().amax(2) for filters in self.filters], 1)
        opened = self.gate(found).sigmoid()
        features = self.dropout(opened * self.transform(found).relu() + (1 - opened) * found)
        return Verdict(self.head(features), features)


@final
class RecurrentReader(SequenceDiscriminator):
    """An LSTM with a logit after each token, from those up to it: ScratchGAN's discriminator (arXiv:1905.09922).

    Places behind the end have the logit 0. Each place has its own vector, added to the token's, where the authors
    append sines and cosines of it; their layer norm within the LSTM is after it here.

    Args:
        num_tokens: V, of the vocabulary.
        length: T, of every sequence.
        end: the token that ends a sequence, or None.
        embedding: numbers of a token's vector.
        hidden: units of the LSTM. ScratchGAN: 512.
        dropout: of the vectors. ScratchGAN: 0.1.

    Raises:
        SettingError: a number out of its range.
    """

    judges_tokens = True

    def __init__(
        self,
        num_tokens: Size,
        length: Few,
        end: Whole | None,
        embedding: Size,
        hidden: Size,
        dropout: BelowOne = 0.0,
    ) -> None:
        super().__init__()
        for name, value in {"embedding": embedding, "hidden": hidden}.items():
            within(f"network.sequence_discriminator.{name}", Size, value)
        within("network.sequence_discriminator.dropout", BelowOne, dropout)
        self.end, self.feature_dim = end, hidden
        self.embedding = TokenEmbedding(num_tokens, embedding)
        self.place = nn.Parameter(0.1 * torch.randn(length, embedding))
        self.dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, token: Tensor) -> Verdict:
        chosen = token.argmax(2) if token.is_floating_point() else token
        hidden = self.norm(self.lstm(self.dropout(self.embedding(token) + self.place))[0])
        there = written(chosen, self.end).to(hidden.dtype)
        features = (hidden * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        return Verdict(self.head(hidden).squeeze(2) * there, features)
