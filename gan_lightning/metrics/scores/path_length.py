"""How smoothly images change along paths between two points of the latent space."""

from abc import abstractmethod
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning import distributed
from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import Sampler, SamplerScore
from gan_lightning.ranges import Count, Positive

BATCH = 64
SEED = 0x9A7


class PathLength(SamplerScore):
    """Perceptual path length (Karras et al. 2019, arXiv:1812.04948), with the extractor's features for the distance.

    Two latents are drawn, and a place t on the path between them, uniformly from [0, 1]. The value is the mean of
    |f(G(t)) - f(G(t + epsilon))|^2 / epsilon^2, where f are features, without the lowest and the highest hundredth of
    the pairs. It is lower for a generator whose images change evenly; one that makes a single image has 0, so it has
    to be read beside a score of diversity.

    The paper takes LPIPS (VGG) for the distance, and epsilon = 0.0001. In single precision rounding errors would be a
    part of that; images are not rounded to 8 bits here. Values are not comparable with published ones.

    Args:
        pairs: how many, over all processes.
        epsilon: the step along the path.
    """

    needs = "features"
    higher_is_better = False

    def __init__(self, pairs: Count, epsilon: Positive) -> None:
        self.pairs, self.epsilon = pairs, epsilon

    def lacks(self, real: RealSide) -> str | None:
        if real.network.takes_unrounded:
            return None
        return (
            f"compares images that differ by less than a grey level, and extractor={real.network.option} takes whole "
            "levels only; choose extractor=classifier, or leave it out"
        )

    def begin(self, real: RealSide) -> None:
        self.network = real.network
        self.rows = Rows(1, torch.float64, real.alone)

    def reset(self, device: torch.device) -> None:
        self.rows.to(device).reset()

    @torch.no_grad()
    def sample_from(self, sampler: Sampler) -> None:
        places = torch.rand(self.pairs, 1, generator=torch.Generator().manual_seed(SEED))
        # torchmetrics computes nothing on a process that has never counted, and the others would wait for it.
        self.rows.update(torch.zeros(0, dtype=torch.long), torch.zeros(0, 1))
        # Parts as a whole, since noise in the network depends on them, and values must not on the number of processes.
        for first in distributed.own_share(torch.arange(0, self.pairs, BATCH)).tolist():
            number = torch.arange(first, min(first + BATCH, self.pairs))
            condition = sampler.conditions(number).to(sampler.device)
            ends = [sampler.noise_at(end, SEED) for end in (2 * number, 2 * number + 1)]
            t = places[number].to(ends[0])
            seen = []
            for place in (t, t + self.epsilon):
                with torch.random.fork_rng():
                    torch.manual_seed(SEED + int(number[0]))  # so that both have the same noise in the network
                    w = self.between(sampler, ends[0], ends[1], place, condition)
                    image = (sampler.synthesise(w, condition).float() + 1) * 127.5
                seen.append(self.network.to(image.device)(image.clamp(0, 255)).features.double())
            length = ((seen[0] - seen[1]) / self.epsilon).square().sum(1, keepdim=True)
            self.rows.update(number, length)

    @abstractmethod
    def between(self, sampler: Sampler, one: Tensor, other: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        """w (B, ...) at the places t (B, 1) of the paths between noise `one` and `other`, each (B, D)."""

    def compute(self) -> float:
        return trimmed_mean(self.rows.compute()[:, 0])

    def protocol(self) -> dict[str, Any]:
        facts = {"pairs": self.pairs, "epsilon": self.epsilon, "t": "uniform in [0, 1]", "percentiles": [1, 99]}
        return {"path_length": facts}


@final
class PathLengthZ(PathLength):
    """Path length in z, along great circles; lengths of the latents are interpolated linearly."""

    def between(self, sampler: Sampler, one: Tensor, other: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        return sampler.map(on_great_circle(one, other, t), condition)


@final
class PathLengthW(PathLength):
    """Path length in w, along straight lines. Without a mapping network w is z."""

    def between(self, sampler: Sampler, one: Tensor, other: Tensor, t: Tensor, condition: Tensor) -> Tensor:
        start, end = sampler.map(one, condition), sampler.map(other, condition)
        return start + t.view(-1, *[1] * (start.dim() - 1)) * (end - start)


def on_great_circle(one: Tensor, other: Tensor, t: Tensor) -> Tensor:
    """Between vectors (B, D): their directions turned evenly, their lengths interpolated linearly, at t (B, 1).

    >>> on_great_circle(torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 4.0]]), torch.tensor([[0.5]]))  # length 3
    tensor([[2.1213, 2.1213]])
    """
    lengths = [side.norm(dim=1, keepdim=True).clamp(min=1e-12) for side in (one, other)]
    a, b = one / lengths[0], other / lengths[1]
    angle = (a * b).sum(1, keepdim=True).clamp(-1, 1).arccos()
    across = b - (a * b).sum(1, keepdim=True) * a
    across = across / across.norm(dim=1, keepdim=True).clamp(min=1e-12)
    direction = a * (t * angle).cos() + across * (t * angle).sin()
    return direction * (lengths[0] + t * (lengths[1] - lengths[0]))


def trimmed_mean(values: Tensor) -> float:
    """The mean of values (N,) without the lowest and the highest hundredth.

    >>> trimmed_mean(torch.tensor([1e6] + [1.0] * 98 + [-1e6]))
    1.0
    """
    cut = len(values) // 100
    return float(values.sort().values[cut : len(values) - cut].mean())
