"""Two sets of images as one."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.data.contracts import Images


@final
class JoinedImages(Images):
    """The images of two sets, one set after the other; labelled if both have the same label and classes.

    Both have the same size. A set of fewer channels lends its own to the others' number: grey becomes colour.
    """

    def __init__(self, first: Images, second: Images) -> None:
        self.first, self.second = first, second
        self.channels = max(first.channels, second.channels)
        self.size = first.size
        alike = (first.label_name, list(first.class_names)) == (second.label_name, list(second.class_names))
        self.label_name = first.label_name if alike else None
        self.class_names = first.class_names if alike else []
        shared = sorted(set(first.attributes) & set(second.attributes)) if alike else []
        self.attributes = {name: torch.cat([first.attributes[name], second.attributes[name]]) for name in shared}
        self.fingerprint = f"{first.fingerprint}-{second.fingerprint}"

    def __len__(self) -> int:
        return len(self.first) + len(self.second)

    def pixels(self, positions: list[int]) -> Tensor:
        n = len(self.first)
        one_by_one = (self.first.pixels([i]) if i < n else self.second.pixels([i - n]) for i in positions)
        return torch.cat([self._widened(image) for image in one_by_one])

    def _widened(self, pixels: Tensor) -> Tensor:
        return pixels.expand(-1, self.channels, -1, -1) if pixels.shape[1] == 1 else pixels
