"""`swd`: how far samples are from real images in their details at every scale, without a network and without labels."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.cache import cached
from gan_lightning.data import Draw, Images, loader, spread
from gan_lightning.metrics.contracts import quantise
from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import Score
from gan_lightning.metrics.scores.laplacian import (
    laplacian_pyramid,
    level_sizes,
    patches,
    projections,
    side,
    wasserstein,
)

IMAGES = 2048  # of either side, at most
PATCHES = 8192  # of either side and level, over all images, at least
DIRECTIONS = 128
BATCH = 256


@final
class SlicedWasserstein(Score):
    """Sliced Wasserstein distance of Laplacian patches to those of real images (Karras et al. 2018, arXiv:1710.10196).

    Each image becomes a Laplacian pyramid, from its full resolution down to 16 pixels. From every level of every
    image some patches of 7x7 pixels are cut, at places that depend on the image's number alone. The patches of the two
    sides at one level are compared by the first Wasserstein distances of their projections on fixed random directions;
    the mean over directions, times 1000, is the distance of that level. 0 is best. The finest level shows sharpness
    and noise, the coarsest one colour and layout.

    Patches of both sides are normalised per channel and level by the mean and standard deviation of the real patches.
    The paper normalises each side by its own, which hides differences in brightness, contrast and colour, and takes
    more patches: its values are not comparable with these.

    Of more than 2,048 real images, 2,048 drawn from all are taken; of more samples, the first 2,048. `detail` has the
    distance of each level.
    """

    needs = "pixels"
    higher_is_better = False

    def begin(self, real: RealSide) -> None:
        images = real.images
        self.sizes = level_sizes(images.size)
        self.widths = [images.channels * side(size) ** 2 for size in self.sizes]
        images = spread(images, IMAGES)
        self.num_real, self.num_fake = len(images), min(real.num_fake, IMAGES)
        key = {"data": images.fingerprint, "size": list(images.size), "patches": PATCHES}
        key["directions"] = DIRECTIONS
        self.real: list[dict[str, Tensor]] = cached(
            real.cache_dir, "real-swd", key, lambda: self._real_side(images, real.num_workers)
        )
        self.corners = _corners(self.num_fake, len(self.sizes))
        self.rows = [Rows(self.corners.shape[1] * width, torch.float32, real.alone) for width in self.widths]

    def protocol(self) -> dict[str, Any]:
        facts = {
            "num_real": self.num_real,
            "num_fake": self.num_fake,
            "levels": [_name(size) for size in self.sizes],
            "patches_per_level": PATCHES,
            "directions": DIRECTIONS,
            "normalised": "by the real patches",
        }
        return {"swd": facts}

    def reset(self, device: torch.device) -> None:
        for rows in self.rows:
            rows.to(device).reset()

    @torch.no_grad()
    def update(self, number: Tensor, values: Tensor) -> None:
        taken = (number < self.num_fake).cpu()
        number, values = number.cpu()[taken], values[taken.to(values.device)]
        for rows, found in zip(self.rows, _patches(values, self.corners[number]), strict=True):
            rows.update(number, found.flatten(1))

    @torch.no_grad()
    def compute(self) -> float:
        by_level = {}
        for level, (rows, real) in enumerate(zip(self.rows, self.real, strict=True)):
            found = rows.compute().view(-1, self.widths[level])
            projected = _projected(found, real["mean"].to(found), real["deviation"].to(found), level)
            distance = wasserstein(projected, real["projected"].to(found)).mean()
            by_level[_name(self.sizes[level])] = 1000 * float(distance)
        self.detail = {"by_level": by_level}
        return sum(by_level.values()) / len(by_level)

    @torch.no_grad()
    def _real_side(self, real: Images, num_workers: int) -> list[dict[str, Tensor]]:
        draws = [Draw(part.tolist(), 0) for part in torch.arange(len(real)).split(BATCH)]
        corners = _corners(len(real), len(self.sizes)).split(BATCH)
        found: list[list[Tensor]] = [[] for _ in self.sizes]
        for (image, _), corner in zip(loader(real, draws, num_workers), corners, strict=True):
            for held, part in zip(found, _patches(quantise(image), corner), strict=True):
                held.append(part.flatten(0, 1))
        made = []
        for level, parts in enumerate(found):
            rows = torch.cat(parts)
            by_channel = rows.view(len(rows), real.channels, -1).double()
            mean, deviation = by_channel.mean((0, 2)), by_channel.std((0, 2), correction=0)
            # A channel without variation, such as the transparency of opaque pictures, counts in whole grey levels.
            facts = {"mean": mean, "deviation": deviation.clamp(min=1)}
            facts = {name: value.repeat_interleave(by_channel.shape[2]).float() for name, value in facts.items()}
            made.append({**facts, "projected": _projected(rows, **facts, level=level)})
        return made


def _corners(num_images: int, num_levels: int) -> Tensor:
    """Where the patches of every image begin on every level, as shares of the possible places: (N, P, levels, 2)."""
    per_image = -(-PATCHES // num_images)
    random = torch.Generator().manual_seed(0)
    return torch.rand(num_images, per_image, num_levels, 2, generator=random, dtype=torch.float64)


def _patches(image: Tensor, corners: Tensor) -> list[Tensor]:
    """Of images (B, C, H, W) uint8, the patches (B, P, D) of every level, in grey levels."""
    levels = zip(laplacian_pyramid(image.float()), corners.unbind(2), strict=True)
    return [patches(level, corner).flatten(2) for level, corner in levels]


def _projected(rows: Tensor, mean: Tensor, deviation: Tensor, level: int) -> Tensor:
    """Normalised patches (N, D) on the fixed directions of a level, sorted: (K, N)."""
    random = torch.Generator().manual_seed(level)
    directions = torch.randn(rows.shape[1], DIRECTIONS, generator=random)
    return projections((rows - mean) / deviation, (directions / directions.norm(dim=0)).to(rows))


def _name(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
