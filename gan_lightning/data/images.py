"""Images held in memory, and the way pictures of any shape become squares."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import final

from torch import Tensor
from torchvision.transforms.v2 import functional as TF

from gan_lightning.data.contracts import Images
from gan_lightning.data.notes import Note


def square(pixels: Tensor, resolution: int) -> Tensor:
    """Pictures (..., C, H, W) to (..., C, resolution, resolution): shorter side resized, centre cropped."""
    if pixels.shape[-2:] == (resolution, resolution):
        return pixels
    return TF.center_crop(TF.resize(pixels, [resolution], antialias=True), [resolution])


@final
class TensorImages(Images):
    """A split held in memory as one tensor and batched by indexing, without work per image in Python.

    Args:
        images: (N, C, H, W) uint8.
        attributes: by name, classes (N,).
        label_name: the attribute that is the label, or None.
        class_names: of the label.
        value_range: as of every `Images`.
        notes: what a user should know about the set.
    """

    def __init__(
        self,
        images: Tensor,
        attributes: Mapping[str, Tensor],
        label_name: str | None,
        class_names: Sequence[str],
        value_range: tuple[float, float] | None = None,
        notes: Sequence[Note] = (),
    ) -> None:
        self.images = images
        self.attributes = attributes
        self.label_name = label_name
        self.class_names = class_names
        self.value_range = value_range
        self.notes = notes
        self.channels = images.shape[1]
        self.size = (images.shape[2], images.shape[3])
        digest = hashlib.sha256(images.contiguous().numpy().tobytes())
        for name, values in sorted(attributes.items()):
            digest.update(name.encode() + values.numpy().tobytes())
        self.fingerprint = digest.hexdigest()[:16]

    def __len__(self) -> int:
        return len(self.images)

    def pixels(self, positions: list[int]) -> Tensor:
        return self.images[positions]
