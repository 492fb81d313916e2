"""How many samples lie where real images are, and how many real images lie where samples are."""

from abc import abstractmethod
from typing import Any, NamedTuple, final

from torch import Tensor

from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import GatheredScore
from gan_lightning.metrics.scores.neighbours import in_parts, radii
from gan_lightning.ranges import Count

IMAGES = 10_000  # of either side, at most


class Overlap(NamedTuple):
    """See `overlap`."""

    precision: float
    recall: float
    density: float
    coverage: float


def overlap(real: Tensor, fake: Tensor, neighbours: list[int]) -> dict[int, Overlap]:
    """Precision, recall, density and coverage for each k in `neighbours`, from one pass over all distances.

    The ball of a row reaches to its k-th nearest other row of its own side. Precision is the share of samples in the
    ball of a real image, recall the share of real images in the ball of a sample; balls include their surface
    (Kynkaanniemi et al. 2019, arXiv:1904.06991). Density counts the balls of real images in which a sample lies,
    divided by k, as a mean over samples; coverage is the share of real images whose ball holds a sample; balls exclude
    their surface (Naeem et al. 2020, arXiv:2002.09797).

    Args:
        real, fake: features (N, D) and (M, D), float64; N and M are above every k.
        neighbours: values of k.

    >>> import torch
    >>> real = torch.tensor([[0.0], [1.0], [5.0], [6.0]], dtype=torch.float64)
    >>> overlap(real, real[:2] + 0.5, [1])[1]  # at 0.5, in two balls, and at 1.5, in one
    Overlap(precision=1.0, recall=0.5, density=1.5, coverage=0.5)
    """
    inside = fake.new_zeros(len(neighbours), len(fake))
    balls = fake.new_zeros(len(neighbours), len(fake))
    reached = real.new_zeros(len(neighbours), len(real))
    covered = real.new_zeros(len(neighbours), len(real))
    of_real, of_fake = radii(real, neighbours), radii(fake, neighbours)
    for part, distance in in_parts(fake, real):
        for i in range(len(neighbours)):
            inside[i, part] = (distance <= of_real[i]).any(1).double()
            reached[i] += (distance <= of_fake[i][part, None]).any(0)
            within = distance < of_real[i]
            balls[i, part] = within.sum(1).double()
            covered[i] += within.any(0)
    return {
        k: Overlap(
            precision=float(inside[i].mean()),
            recall=float((reached[i] > 0).double().mean()),
            density=float(balls[i].mean() / k),
            coverage=float((covered[i] > 0).double().mean()),
        )
        for i, k in enumerate(neighbours)
    }


class OverlapScore(GatheredScore):
    """One of the four numbers of `overlap`. Those that are computed together share one pass over all distances.

    Both sides have the same number of images: as many as there are samples, at most as many as there are real images,
    and at most 10,000.

    Args:
        neighbours: k.
    """

    needs = "features"
    higher_is_better = True

    def __init__(self, neighbours: Count) -> None:
        self.neighbours = neighbours

    def fewest(self, extractor: Extractor) -> int:
        return self.neighbours + 1

    def begin(self, real: RealSide) -> None:
        self.most = min(real.num_fake, len(real.images), IMAGES)
        super().begin(real)
        self.real = real.features(int(self.most))
        self.shared.together.setdefault("neighbours", set()).add(self.neighbours)

    def value(self, rows: Tensor) -> float:
        wanted = sorted(self.shared.together["neighbours"])
        every = self.once("overlap", lambda: overlap(self.real.to(rows), rows, wanted))
        return self.chosen(every[self.neighbours])

    @abstractmethod
    def chosen(self, found: Overlap) -> float:
        """Its number of the four."""

    def protocol(self) -> dict[str, Any]:
        return {type(self).__name__.lower(): {"images_of_either_side": self.most, "neighbours": self.neighbours}}


@final
class Precision(OverlapScore):
    """The share of samples that look like a real image (Kynkaanniemi et al. 2019, arXiv:1904.06991); 1 is best."""

    def chosen(self, found: Overlap) -> float:
        return found.precision


@final
class Recall(OverlapScore):
    """The share of real images that look like a sample (Kynkaanniemi et al. 2019, arXiv:1904.06991); 1 is best."""

    def chosen(self, found: Overlap) -> float:
        return found.recall


@final
class Density(OverlapScore):
    """How densely samples lie among real images (Naeem et al. 2020, arXiv:2002.09797): 1 for real images, above 1 for
    samples that keep to where real images are many."""

    def chosen(self, found: Overlap) -> float:
        return found.density


@final
class Coverage(OverlapScore):
    """The share of real images that have a sample in their neighbourhood (Naeem et al. 2020, arXiv:2002.09797).

    Other real images reach 1 - prod (N - 1 - j) / (2N - 1 - j) over j below k: 0.97 for k = 5.
    """

    def chosen(self, found: Overlap) -> float:
        return found.coverage
