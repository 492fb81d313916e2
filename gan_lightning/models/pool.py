"""A memory of earlier fakes for the discriminator."""

import torch
from torch import Tensor

from gan_lightning.models.memory import Memory


class ImagePool(Memory):
    """Half of the fakes that the discriminator sees are older, up to some hundred steps, so that it does not learn
    only the generator's latest faults (Shrivastava et al. 2016, arXiv:1612.07828, section 2.3; CycleGAN: size 50).

    Until it is full the pool keeps every image and returns its input. Then each image is returned as it is,
    or, with probability 1/2, exchanged for a random one in the pool.

    Args:
        size: images in the pool; with 0, inputs are returned unchanged.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.images: list[Tensor] = []

    def forward(self, images: Tensor) -> Tensor:
        """Fakes (B, C, H, W) without gradient to as many, new and old. Draws from torch's CPU generator."""
        shown = []
        for image in images:
            if len(self.images) < self.size:
                self.images.append(image.clone())
            elif self.size > 0 and torch.rand(()) < 0.5:
                place = int(torch.randint(self.size, ()))
                kept, self.images[place] = self.images[place], image.clone()
                image = kept.to(image.device)  # a pool from a checkpoint may lie elsewhere
            shown.append(image)
        return torch.stack(shown)

    def content(self) -> list[Tensor]:
        return [image.cpu() for image in self.images]

    def restore(self, content: list[Tensor]) -> None:
        self.images = list(content)
