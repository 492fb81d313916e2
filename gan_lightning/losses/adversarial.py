"""Adversarial objectives. D is the raw logit ("discriminator" or "critic" output), s the logistic function.

Each class quotes the two expressions that are **minimised**. x is a real image, x' = G(z) a generated one; p and q are
their distributions.
"""

import math
from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.losses.contracts import AdversarialLoss
from gan_lightning.ranges import Positive, RealTarget, within


def _cross_entropy(logits: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


@final
class Minimax(AdversarialLoss):
    """The zero-sum game of Goodfellow et al. 2014 (arXiv:1406.2661, eq. 1).

    D: - E log s(D(x)) - E log(1 - s(D(x')));  G: E log(1 - s(D(x'))).

    At the optimal D, where s(D) = p / (p + q), the game's value is 2 JS(p, q) - log 4. G's gradient vanishes where
    D is sure of a fake, which is why the paper trains with `NonSaturating` instead.
    `real_target` below 1 is one-sided label smoothing (arXiv:1606.03498, section 3.4): reals only.

    >>> real, fake = torch.tensor([3.0]).log(), torch.tensor([1 / 3]).log()  # s(D(x)) = 3/4, s(D(x')) = 1/4
    >>> Minimax().discriminator(real, fake)  # - log 3/4 - log 3/4
    tensor(0.5754)
    >>> Minimax().generator(fake)  # log 3/4
    tensor(-0.2877)
    """

    def __init__(self, real_target: RealTarget = 1.0) -> None:
        self.real_target = within("loss.real_target", RealTarget, real_target)
        self.decision_threshold = _logit(real_target / 2)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return _cross_entropy(real, self.real_target) + _cross_entropy(fake, 0.0)

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -_cross_entropy(fake, 0.0)


@final
class NonSaturating(AdversarialLoss):
    """The heuristic game of Goodfellow et al. 2014 (arXiv:1406.2661, section 3), DCGAN's objective.

    D: - E log s(D(x)) - E log(1 - s(D(x')));  G: - E log s(D(x')).

    G's stationary points are those of `Minimax`, but its gradient is large where D is sure of a fake.
    `real_target` below 1 is one-sided label smoothing (arXiv:1606.03498, section 3.4): reals only.

    >>> real, fake = torch.tensor([3.0]).log(), torch.tensor([1 / 3]).log()  # s(D(x)) = 3/4, s(D(x')) = 1/4
    >>> NonSaturating().discriminator(real, fake)  # - log 3/4 - log 3/4
    tensor(0.5754)
    >>> NonSaturating().generator(fake)  # - log 1/4
    tensor(1.3863)
    """

    def __init__(self, real_target: RealTarget = 1.0) -> None:
        self.real_target = within("loss.real_target", RealTarget, real_target)
        self.decision_threshold = _logit(real_target / 2)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return _cross_entropy(real, self.real_target) + _cross_entropy(fake, 0.0)

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return _cross_entropy(fake, 1.0)


@final
class LeastSquares(AdversarialLoss):
    """LSGAN (Mao et al. 2016, arXiv:1611.04076, eq. 2).

    D: scale E (D(x) - b)^2 + scale E (D(x') - a)^2;  G: scale E (D(x') - c)^2.

    scale is 1/2 in the paper, in both objectives, and 1 in the code of CycleGAN's authors.

    a labels fakes, b reals, and c is what G wants D to say. The default (0, 1, 1) is the paper's eq. 9;
    (-1, 1, 0), its eq. 8, minimises Pearson's chi-squared divergence of p + q from 2 q. At the optimal D of the
    default, D's loss is 1/4 less an eighth of the integral of (p - q)^2 / (p + q). One-sided label smoothing is b < 1.

    >>> real, fake = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    >>> LeastSquares().discriminator(real, fake)  # (1/2 + 1/2) / 2
    tensor(0.5000)
    >>> LeastSquares().generator(fake)  # 1/2 / 2
    tensor(0.2500)
    """

    def __init__(self, a: float = 0.0, b: float = 1.0, c: float = 1.0, scale: Positive = 0.5) -> None:
        if not (a < b and a < c and scale > 0):
            raise SettingError(
                f"loss.a={a} loss.b={b} loss.c={c} loss.scale={scale}: the label of fakes, a, must lie below that of "
                "reals, b, and below what G wants D to say, c; the scale must be positive"
            )
        self.a, self.b, self.c, self.scale = a, b, c, scale
        self.decision_threshold = (a + b) / 2

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.scale * ((real - self.b).square().mean() + (fake - self.a).square().mean())

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return self.scale * (fake - self.c).square().mean()


@final
class Wasserstein(AdversarialLoss):
    """WGAN (Arjovsky et al. 2017, arXiv:1701.07875, eq. 2 and 3; algorithm 1).

    D: E D(x') - E D(x);  G: - E D(x').

    An estimate of the Wasserstein-1 distance only while D is Lipschitz: combine it with weight clipping,
    a gradient penalty or spectral normalisation.

    >>> real, fake = torch.tensor([3.0, 1.0]), torch.tensor([0.0, 1.0])
    >>> Wasserstein().discriminator(real, fake)  # 1/2 - 2
    tensor(-1.5000)
    >>> Wasserstein().generator(fake)
    tensor(-0.5000)
    """

    needs_lipschitz = True

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()


@final
class Hinge(AdversarialLoss):
    """The hinge game (Lim and Ye 2017, arXiv:1705.02894; SNGAN, arXiv:1802.05957, eq. 16 and 17).

    D: E max(0, 1 - D(x)) + E max(0, 1 + D(x'));  G: - E D(x').

    At the optimal D its loss is 2 - 2 TV(p, q), with the total variation TV, half the integral of |p - q|. Logits
    beyond the margin get no gradient.

    >>> real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-2.0, 0.0])
    >>> Hinge().discriminator(real, fake)  # (0 + 1/2) / 2 + (0 + 1) / 2
    tensor(0.7500)
    >>> Hinge().generator(fake)
    tensor(1.)
    """

    decision_threshold = 0.0  # any within the margin has the same loss

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()


@final
class EnergyBased(AdversarialLoss):
    """EBGAN (Zhao et al. 2016, arXiv:1609.03126, eq. 1 and 2), the energy being - D.

    D: - E D(x) + E max(0, m + D(x'));  G: - E D(x').

    m is the margin. The best energy e in [0, m] for p e + q (m - e) is 0 where p > q, and m where p < q, so D's
    smallest loss is m times the integral of min(p, q), which is m (1 - TV(p, q)). Where p = q any energy in [0, m] is
    as good as another one, so no single logit is the threshold. Energies that may be negative would fall without
    limit; the error of an autoencoder, EBGAN's energy, is never negative.

    Raises:
        SettingError: a margin that is not positive.

    >>> real, fake = torch.tensor([-1.0, -3.0]), torch.tensor([-4.0, -12.0])  # energies 1, 3 and 4, 12
    >>> EnergyBased(margin=10).discriminator(real, fake)  # (1 + 3) / 2 + (6 + 0) / 2
    tensor(5.)
    >>> EnergyBased(margin=10).generator(fake)  # (4 + 12) / 2
    tensor(8.)
    """

    needs_energy = True

    def __init__(self, margin: Positive) -> None:
        self.margin = within("loss.margin", Positive, margin)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return -real.mean() + F.relu(self.margin + fake).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()
