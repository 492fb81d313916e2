"""Networks that turn images into the features and class logits which scores are computed from."""

import hashlib
from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan_lightning.data import ImageData


class Extraction(NamedTuple):
    """One pass over images: features (B, F) for the Frechet distance, logits (B, K) for the Inception score."""

    features: Tensor
    logits: Tensor


class Extractor(nn.Module, ABC):
    """A frozen network. Scores carry its name, and are never comparable between two networks.

    Attributes:
        name: suffix of the scores' names.
        num_features: F.
        resize: how images are brought to the network's size, for the protocol.
        classes: what the logits distinguish, for the protocol.
    """

    name: str
    num_features: int
    resize: str
    classes: str

    @abstractmethod
    def prepare(self, data: ImageData) -> None:
        """Load or fit the weights.

        Raises:
            SettingError: they cannot be had; the message says what to do.
            NoLabelsError: the data set lacks the labels that this extractor is fitted on.
        """

    @abstractmethod
    def forward(self, image: Tensor) -> Extraction:
        """Images (B, C, H, W) uint8 to features and logits."""

    def weights_hash(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of all weights, after `prepare`."""
        digest = hashlib.sha256()
        for name, value in sorted(self.state_dict().items()):
            digest.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]


class NoLabelsError(Exception):
    """The data set has no labels to fit an extractor on."""


def quantise(image: Tensor) -> Tensor:
    """Images in [-1, 1] to uint8 as a picture file would hold them: rounded, not truncated."""
    return ((image.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
