"""How alike samples of one class are."""

from typing import Any, final

import torch
from torch import Tensor
from torchmetrics.functional.image import multiscale_structural_similarity_index_measure

from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import ENOUGH, Score
from gan_lightning.ranges import Count

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Of the scales, from Wang, Simoncelli and Bovik 2003."""
WINDOW = 11
BATCH = 64
IN_CLASS = 10
"""Pairs that should be there of a class."""


@final
class SimilarityWithinClasses(Score):
    """MS-SSIM between samples of one class (Odena et al. 2017, arXiv:1610.09585), the mean over pairs and classes.

    The lower, the more diverse; a value above that of real images tells of a class that has collapsed. Noise is diverse
    too. Data without classes count as one class. MS-SSIM has five scales, each half the size of the one before; small
    images have room for fewer, whose weights are then divided by their sum: `protocol` says how many.

    Args:
        pairs: of each class. 100 in the paper.
    """

    needs = "pixels"
    higher_is_better = False
    chooses = False

    def __init__(self, pairs: Count) -> None:
        self.pairs = pairs

    def lacks(self, real: RealSide) -> str | None:
        if min(real.images.size) < WINDOW:
            return f"compares windows of {WINDOW} pixels, and the images have fewer; leave it out"
        if _members(real):
            return None
        return f"compares pairs of samples of one class; choose num_fake={_classes(real) + 1} or more"

    def enough(self, real: RealSide) -> int:
        return max(ENOUGH, 2 * IN_CLASS * _classes(real))

    def begin(self, real: RealSide) -> None:
        self.shape = (real.images.channels, *real.images.size)
        self.weights = scale_weights(real.images.size)
        self.classes = [pairs_of(members, self.pairs) for members in _members(real)]
        self.taken = torch.cat(self.classes).unique()
        self.rows = Rows(real.width("pixels"), torch.uint8, real.alone)

    def reset(self, device: torch.device) -> None:
        self.rows.to(device).reset()

    def update(self, number: Tensor, values: Tensor) -> None:
        taken = torch.isin(number.cpu(), self.taken)
        self.rows.update(number.cpu()[taken], values[taken.to(values.device)].flatten(1))

    @torch.no_grad()
    def compute(self) -> float:
        images = self.rows.compute().view(-1, *self.shape).float()
        means = []
        for pairs in self.classes:
            one, other = (images[torch.searchsorted(self.taken, side.contiguous())] for side in pairs.unbind(1))
            parts = zip(one.split(BATCH), other.split(BATCH), strict=True)
            means.append(torch.cat([_similarity(*part, self.weights) for part in parts]).mean())
        return float(torch.stack(means).mean())

    def protocol(self) -> dict[str, Any]:
        facts = {"scales": len(self.weights), "pairs": sum(map(len, self.classes)), "classes": len(self.classes)}
        return {"ms_ssim": facts}


def scale_weights(size: tuple[int, int]) -> tuple[float, ...]:
    """The weights of as many scales as images of a (height, width) have room for, from the finest; they sum to 1.

    >>> len(scale_weights((16, 16))), len(scale_weights((32, 32))), len(scale_weights((256, 256)))
    (1, 2, 5)
    """
    count = sum(min(size) // 2**scale >= WINDOW for scale in range(len(WEIGHTS)))
    return tuple(weight / sum(WEIGHTS[:count]) for weight in WEIGHTS[:count])


def pairs_of(members: Tensor, most: int) -> Tensor:
    """At most so many pairs (P, 2) of different members (N,) of a class, always the same ones; each is in few pairs.

    >>> pairs_of(torch.tensor([4, 7]), 100).sort(1).values.tolist()
    [[4, 7]]
    """
    random = torch.Generator().manual_seed(len(members))
    found: list[Tensor] = []
    apart = 1
    while apart <= len(members) // 2 and sum(map(len, found)) < most:
        order = members[torch.randperm(len(members), generator=random)]
        found.append(order[: len(order) // 2 * 2].view(-1, 2))
        apart += 1
    return torch.cat(found)[:most]


def _classes(real: RealSide) -> int:
    return 1 if real.asked is None else len(real.asked.unique())


def _members(real: RealSide) -> list[Tensor]:
    """The numbers of the samples of each class that has two or more."""
    asked = torch.zeros(1, dtype=torch.long) if real.asked is None else real.asked
    labels = asked[torch.arange(real.num_fake) % len(asked)]
    found = [(labels == label).nonzero().flatten() for label in labels.unique()]
    return [members for members in found if len(members) > 1]


def _similarity(one: Tensor, other: Tensor, weights: tuple[float, ...]) -> Tensor:
    """Of each pair (B,)."""
    found = multiscale_structural_similarity_index_measure(
        one, other, data_range=255.0, betas=weights, normalize="relu", reduction="none"
    )
    assert isinstance(found, Tensor)
    return found.view(-1)
