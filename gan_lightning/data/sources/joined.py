"""Two sets of images as one."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.data.contracts import Images


@final
class JoinedImages(Images):
    """The images of two sets, one set after the other; labelled if both have the same label and classes.

    Both have the same size. Grey becomes colour where one of them has colours, and opaque where one of them has
    transparency.
    """

    def __init__(self, first: Images, second: Images) -> None:
        self.first, self.second = first, second
        channels = first.channels, second.channels
        self.colours = 3 if max(channels) > 2 else 1
        self.channels = self.colours + any(count in (2, 4) for count in channels)
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
        """Pixels (B, C, H, W) of either set with the channels of both."""
        colours = pixels[:, : 1 if pixels.shape[1] < 3 else 3].expand(-1, self.colours, -1, -1)
        if self.channels == self.colours:
            return colours
        has_opacity = pixels.shape[1] in (2, 4)
        opacity = pixels[:, -1:] if has_opacity else torch.full_like(pixels[:, :1], 255)
        return torch.cat([colours, opacity], 1)
