"""Images held in memory, and the way pictures of any shape become squares."""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as TF

from gan_lightning.batch import Labelled
from gan_lightning.data.contracts import Draw, Images, scaled
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

    def held_on(self, device: torch.device, most: float) -> Images:
        if device.type == "cpu" or self.images.nbytes > most:
            return self
        held = copy.copy(self)
        held.device, held.images = device, self.images.to(device)
        held.attributes = {name: values.to(device) for name, values in self.attributes.items()}
        return held

    def pixels(self, positions: list[int]) -> Tensor:
        return self.images.index_select(0, self._there(positions))  # whole rows, sooner than by an index

    def __getitem__(self, draw: Draw) -> Labelled:
        positions = self._there(draw.positions)
        label = torch.zeros_like(positions) if self.label_name is None else self.attributes[self.label_name][positions]
        return Labelled(scaled(self.images.index_select(0, positions)), label)

    def _there(self, positions: list[int]) -> Tensor:
        """Positions (B,) where the images are; a GPU need not have finished its work for that."""
        return torch.tensor(positions).to(self.device, non_blocking=True)
