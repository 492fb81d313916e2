"""A memory of the ends of earlier Langevin chains, at which later chains begin."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.models.memory import Memory
from gan_lightning.ranges import Count, Probability, within


@final
class ReplayBuffer(Memory):
    """Starts of Langevin chains (Du & Mordatch 2019, arXiv:1903.08689, section 3.2).

    A chain begins at the end of an earlier one, or with the probability `fresh` at noise. So short chains together make
    a long one. Each process has a buffer of its own, and checkpoints hold it. Images are kept in half precision.

    Args:
        size: images in the buffer; at first they are noise.
        fresh: share of the chains that begin at noise.
    """

    def __init__(self, size: Count = 10_000, fresh: Probability = 0.05) -> None:
        super().__init__()
        self.size = within("model.buffer.size", Count, size)
        self.fresh = within("model.buffer.fresh", Probability, fresh)
        # Tensors, so that a CUDA graph can use them.
        self.images: Tensor | None = None
        self.conditions: Tensor | None = None
        self.drawn: Tensor | None = None

    @torch.no_grad()
    def draw(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Starts (B, C, H, W) and their conditions.

        Args:
            noise: (B, C, H, W), where a chain begins that begins afresh.
            condition: (B, ...), what such a chain is to show. Others keep their conditions.
        """
        if self.images is None or self.conditions is None:
            # Not from the random numbers of the step, so that its noise does not depend on the size.
            random = torch.Generator(noise.device).manual_seed(torch.initial_seed())
            places = (self.size, *noise.shape[1:])
            self.images = torch.rand(places, device=noise.device, generator=random).mul_(2).sub_(1).half()
            self.conditions = condition[torch.arange(self.size, device=condition.device) % len(condition)]
        if self.images.device != noise.device:  # after a checkpoint was read
            self.images, self.conditions = self.images.to(noise.device), self.conditions.to(noise.device)
        self.drawn = torch.randint(self.size, (len(noise),), device=noise.device)
        fresh = torch.rand(len(noise), device=noise.device) < self.fresh
        images = torch.where(fresh[:, None, None, None], noise, self.images[self.drawn].to(noise.dtype))
        shape = [-1] + [1] * (condition.dim() - 1)
        return images, torch.where(fresh.view(shape), condition, self.conditions[self.drawn])

    @torch.no_grad()
    def keep(self, images: Tensor, condition: Tensor) -> None:
        """Put the ends of the chains that `draw` began, (B, C, H, W), in the places of their starts.

        Where an end is not finite, or too large for half precision, its start stays: a chain that began there would
        never leave it, and spoil every later batch that it is in.
        """
        assert self.images is not None
        assert self.conditions is not None
        assert self.drawn is not None
        half = images.half()
        sound = half.flatten(1).isfinite().all(1)
        kept = torch.where(sound[:, None, None, None], half, self.images[self.drawn])
        shape = [-1] + [1] * (condition.dim() - 1)
        self.conditions[self.drawn] = torch.where(sound.view(shape), condition, self.conditions[self.drawn])
        self.images[self.drawn] = kept

    def content(self) -> list[Any]:
        return [] if self.images is None or self.conditions is None else [self.images.cpu(), self.conditions.cpu()]

    def restore(self, content: list[Any]) -> None:
        self.images, self.conditions = content or (None, None)
