"""What extractors and all scores of a run have to do."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Generated, Translation
from gan_lightning.data import Images
from gan_lightning.data import quantise as quantise  # scores see images as files hold them
from gan_lightning.ranges import Many


class Extraction(NamedTuple):
    """One pass over images: features (B, F) and logits (B, K), None of an extractor that offers none."""

    features: Tensor
    logits: Tensor | None = None


class Extractor(nn.Module, ABC):
    """A frozen network. Scores carry its name, and are never comparable between two networks.

    Attributes:
        name: suffix of the scores' names.
        option: what a command line calls it.
        fitted: whether it is fitted to the data, and so may see no more than their labels need.
        num_features: F.
        num_logits: K, after `prepare`.
        resize: how images are brought to the network's size, for the protocol.
        classes: what the logits distinguish, for the protocol.
        class_names: of the logits, in their order, after `prepare`; empty if they are not those of the data.
        offers: what scores may need of it; without logits, `num_logits` and `classes` need no value.
        takes_unrounded: whether `forward` also takes floats from 0 to 255, of which small changes change the features.
    """

    offers: tuple[str, ...] = ("features", "logits")
    takes_unrounded: ClassVar[bool] = False
    class_names: Sequence[str] = ()
    name: str
    fitted: bool
    num_features: int
    num_logits: int
    resize: str
    classes: str

    @property
    def option(self) -> str:
        return self.name

    @abstractmethod
    def prepare(self, train: Images, held: Images) -> None:
        """Load the weights, or fit them to `train` and tell how they do on `held`, which have the same classes.

        Raises:
            SettingError: they cannot be had; the message says what to do.
            NoLabelsError: the data set lacks the labels that this extractor is fitted on; the message says what it
                has instead.
        """

    def __call__(self, image: Tensor) -> Extraction:
        """`forward` in whole float32: on a GPU, convolutions keep the digits that TF32, torch's default, leaves out."""
        fast = torch.backends.cudnn.allow_tf32
        torch.backends.cudnn.allow_tf32 = False
        try:
            extraction: Extraction = super().__call__(image)
        finally:
            torch.backends.cudnn.allow_tf32 = fast
        return extraction

    @abstractmethod
    def forward(self, image: Tensor) -> Extraction:
        """Images (B, C, H, W) uint8 to features and logits."""

    def weights_hash(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of all weights, after `prepare`."""
        digest = hashlib.sha256()
        for name, value in sorted(self.state_dict().items()):
            digest.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]


class Scores(ABC):
    """Numbers about what `validation_step` returns, the same on every process.

    Attributes:
        higher_is_better: by the name of each score, after `prepare`.
        monitor: the one that chooses the best checkpoint, after `prepare`; None if none can.
        protocol: plain data, everything that has to be said with the numbers.
        detail: plain data behind the last numbers, too much for a log.
        references: by the name of what no model made (real images, noise), its scores by name, after `prepare`.
    """

    serves: ClassVar[tuple[type, ...]]
    """What the models whose samples can be scored return from `validation_step`: `Generated` or `Translation`."""
    higher_is_better: Mapping[str, bool]
    monitor: str | None
    protocol: dict[str, Any]
    detail: Mapping[str, Any] = MappingProxyType({})
    references: Mapping[str, Mapping[str, float]] = MappingProxyType({})

    @property
    def names(self) -> list[str]:
        """Of the scores, after `prepare`."""
        return list(self.higher_is_better)

    @property
    def mode(self) -> str:
        """`min` or `max`, which value of `monitor` is best."""
        return "max" if self.monitor is not None and self.higher_is_better[self.monitor] else "min"

    @abstractmethod
    def prepare(self, data: Any) -> bool:
        """Get everything ready that only depends on the data; False if there will be no scores (the log says why).

        Raises:
            SettingError: a setting cannot work with these data.
        """

    @abstractmethod
    def reset(self, device: torch.device) -> None:
        """Forget all samples."""

    @abstractmethod
    def update(self, samples: Any) -> None:
        """Count what one `validation_step` returned."""

    def sample_from(self, model: Any) -> None:  # noqa: B027 - most scores need no more than validation's samples
        """Let scores of the generator itself make samples of their own; after the last `update`."""

    @abstractmethod
    def compute(self) -> dict[str, float]:
        """The scores by name, over the samples of all processes."""


@final
class NoScores(Scores):
    """Validation only draws samples.

    Args:
        num_fake: how many images a model from noise is asked for.
    """

    serves = (Generated, Translation)

    def __init__(self, num_fake: Many) -> None:
        self.higher_is_better, self.monitor, self.protocol = {}, None, {}

    def prepare(self, data: Any) -> bool:
        return False

    def reset(self, device: torch.device) -> None:
        """Nothing to forget."""

    def update(self, samples: Any) -> None:
        """Nothing is counted."""

    def compute(self) -> dict[str, float]:
        return {}


class NoLabelsError(Exception):
    """The data set has no labels to fit an extractor on, or none that differ. The message says which."""


def without_alpha(image: Tensor) -> Tensor:
    """Images of 1, 2, 3 or 4 channels as three: transparency, the second or fourth, is left out, grey is repeated."""
    return image[:, : 3 if image.shape[1] >= 3 else 1].expand(-1, 3, -1, -1)
