"""A memory of earlier fakes for the discriminator."""

import torch
from torch import Tensor

from gan_lightning.models.memory import Memory


class ImagePool(Memory):
    """Half of the fakes that the discriminator sees are older, up to some hundred steps, so that it does not learn
    only the generator's latest faults (Shrivastava et al. 2016, arXiv:1612.07828, section 2.3; CycleGAN: size 50).

    Until it is full the pool keeps every image and returns its input. Then each image is returned as it is,
    or, with probability 1/2, exchanged for a random one in the pool. An image that is not finite is returned and not
    kept, so that it spoils no later batch.

    Args:
        size: images in the pool; with 0, inputs are returned unchanged.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        # Tensors, so that a CUDA graph can use them: the places of the pool with a spare one, and how many are taken.
        self.places: Tensor | None = None
        self.taken = torch.zeros(1, dtype=torch.long)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Fakes (B, C, H, W) to as many, new and old, without gradient. Draws from torch's generator of the device."""
        if self.size == 0:
            return images
        if self.places is None:
            self.places = images.new_zeros(self.size + 1, *images.shape[1:])
        if self.taken.device != images.device:  # at first, or after a checkpoint was read
            self.places, self.taken = self.places.to(images.device), self.taken.to(images.device)
        sound = images.flatten(1).isfinite().all(1)
        exchange = (torch.rand(len(images), device=images.device) < 0.5) & sound
        drawn = torch.randint(self.size, (len(images),), device=images.device)
        shown = []
        for number, image in enumerate(images.split(1)):
            full = self.taken >= self.size
            # A free place, the one that was drawn, or the spare one, whose content nobody sees.
            free = torch.where(sound[number], self.taken, self.size)
            place = torch.where(full, torch.where(exchange[number], drawn[number], self.size), free)
            shown.append(torch.where(full & exchange[number], self.places.index_select(0, place), image))
            self.places.index_copy_(0, place, image.to(self.places.dtype))
            self.taken += ~full & sound[number]
        return torch.cat(shown)

    def content(self) -> list[Tensor]:
        return [] if self.places is None else [*self.places[: int(self.taken)].cpu()]

    def restore(self, content: list[Tensor]) -> None:
        self.taken = torch.tensor([len(content)])
        if content:
            self.places = torch.stack([*content, *[torch.zeros_like(content[0])] * (self.size + 1 - len(content))])
