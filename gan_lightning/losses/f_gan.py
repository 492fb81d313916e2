"""f-GAN (Nowozin et al. 2016, arXiv:1606.00709): an objective for every f-divergence.

An f-divergence of the data p and the generated q is

    D_f(p, q) = E_q f(p / q),  f convex with f(1) = 0 (for the paper's "GAN" f(1) = - log 4).

With the convex conjugate f*(t) = sup_u (u t - f(u)), it is the largest E_p T - E_q f*(T) over all functions T
(eq. 4), reached at T = f'(p / q) (eq. 5). D learns T. It is written T = g_f(V), where V is the raw logit and the
output activation g_f is an increasing function into the domain of f* (section 2.4).

All six divergences are of the paper's tables 1 and 2. Their methods are pure functions, element by element.

The examples compare p = (3/4, 1/4) with q = (1/2, 1/2). There p / q is 1.5 and 0.5, and D_f(p, q) is the mean of f.
"""

import math
from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.losses.contracts import AdversarialLoss

_LOG_2 = math.log(2)


class FDivergence(ABC):
    """A convex f and what a discriminator needs to estimate its divergence.

    `decision_threshold` is the logit v with g_f(v) = f'(1).
    """

    decision_threshold: float = 0.0

    @abstractmethod
    def f(self, u: Tensor) -> Tensor:
        """The generator function f(u) at likelihood ratios u = p / q > 0."""

    @abstractmethod
    def derivative(self, u: Tensor) -> Tensor:
        """f'(u), the optimal T at the likelihood ratio u = p / q."""

    @abstractmethod
    def conjugate(self, t: Tensor) -> Tensor:
        """f*(t) = sup_u (u t - f(u)) at t in its domain."""

    @abstractmethod
    def activation(self, v: Tensor) -> Tensor:
        """T = g_f(v), which takes any logit into the domain of f*."""

    @abstractmethod
    def activated_conjugate(self, v: Tensor) -> Tensor:
        """f*(g_f(v)) in one expression, exact where g_f(v) alone would round to the edge of the domain."""


@final
class KullbackLeibler(FDivergence):
    """KL(p, q) = E_p log(p / q).  f = u log u;  f* = exp(t - 1) on R;  g_f = v.

    >>> KullbackLeibler().f(torch.tensor([1.5, 0.5])).mean()
    tensor(0.1308)
    """

    decision_threshold = 1.0

    def f(self, u: Tensor) -> Tensor:
        return torch.xlogy(u, u)

    def derivative(self, u: Tensor) -> Tensor:
        return 1 + u.log()

    def conjugate(self, t: Tensor) -> Tensor:
        return (t - 1).exp()

    def activation(self, v: Tensor) -> Tensor:
        return v

    def activated_conjugate(self, v: Tensor) -> Tensor:
        return (v - 1).exp()


@final
class ReverseKullbackLeibler(FDivergence):
    """KL(q, p) = E_q log(q / p).  f = - log u;  f* = - 1 - log(- t) on t < 0;  g_f = - exp(- v).

    >>> ReverseKullbackLeibler().f(torch.tensor([1.5, 0.5])).mean()
    tensor(0.1438)
    """

    def f(self, u: Tensor) -> Tensor:
        return -u.log()

    def derivative(self, u: Tensor) -> Tensor:
        return -1 / u

    def conjugate(self, t: Tensor) -> Tensor:
        return -1 - (-t).log()

    def activation(self, v: Tensor) -> Tensor:
        return -(-v).exp()

    def activated_conjugate(self, v: Tensor) -> Tensor:
        return v - 1


@final
class PearsonChiSquared(FDivergence):
    """E_q (p / q - 1)^2, the integral of (p - q)^2 / q.  f = (u - 1)^2;  f* = t^2 / 4 + t on R;  g_f = v.

    This f* is the supremum over all real u, as in the paper. (Its table 1 divides the integral by p instead,
    which would belong to another f.)

    >>> PearsonChiSquared().f(torch.tensor([1.5, 0.5])).mean()
    tensor(0.2500)
    """

    def f(self, u: Tensor) -> Tensor:
        return (u - 1).square()

    def derivative(self, u: Tensor) -> Tensor:
        return 2 * (u - 1)

    def conjugate(self, t: Tensor) -> Tensor:
        return t.square() / 4 + t

    def activation(self, v: Tensor) -> Tensor:
        return v

    def activated_conjugate(self, v: Tensor) -> Tensor:
        return v.square() / 4 + v


@final
class SquaredHellinger(FDivergence):
    """The integral of (sqrt p - sqrt q)^2.  f = (sqrt u - 1)^2;  f* = t / (1 - t) on t < 1;  g_f = 1 - exp(- v).

    >>> SquaredHellinger().f(torch.tensor([1.5, 0.5])).mean()
    tensor(0.0681)
    """

    def f(self, u: Tensor) -> Tensor:
        return (u.sqrt() - 1).square()

    def derivative(self, u: Tensor) -> Tensor:
        return 1 - u.rsqrt()

    def conjugate(self, t: Tensor) -> Tensor:
        return t / (1 - t)

    def activation(self, v: Tensor) -> Tensor:
        return -torch.expm1(-v)

    def activated_conjugate(self, v: Tensor) -> Tensor:
        return torch.expm1(v)


@final
class JensenShannon(FDivergence):
    """2 JS(p, q) = KL(p, m) + KL(q, m) with m = (p + q) / 2.

    f = u log u - (u + 1) log((u + 1) / 2);  f* = - log(2 - exp t) on t < log 2;  g_f = log 2 - log(1 + exp(- v)).

    >>> JensenShannon().f(torch.tensor([1.5, 0.5])).mean()
    tensor(0.0676)
    """

    def f(self, u: Tensor) -> Tensor:
        return torch.xlogy(u, u) - (u + 1) * ((u + 1) / 2).log()

    def derivative(self, u: Tensor) -> Tensor:
        return (2 * u / (u + 1)).log()

    def conjugate(self, t: Tensor) -> Tensor:
        return -(2 - t.exp()).log()

    def activation(self, v: Tensor) -> Tensor:
        return _LOG_2 - F.softplus(-v)

    def activated_conjugate(self, v: Tensor) -> Tensor:
        return F.softplus(v) - _LOG_2


@final
class GANDivergence(FDivergence):
    """2 JS(p, q) - log 4: with it D's objective, and either one of G's, are those of arXiv:1406.2661.

    f = u log u - (u + 1) log(u + 1);  f* = - log(1 - exp t) on t < 0;  g_f = - log(1 + exp(- v)).

    >>> GANDivergence().f(torch.tensor([1.5, 0.5])).mean()
    tensor(-1.3187)
    """

    def f(self, u: Tensor) -> Tensor:
        return torch.xlogy(u, u) - (u + 1) * torch.log1p(u)

    def derivative(self, u: Tensor) -> Tensor:
        return (u / (u + 1)).log()

    def conjugate(self, t: Tensor) -> Tensor:
        return -torch.log(-torch.expm1(t))

    def activation(self, v: Tensor) -> Tensor:
        return -F.softplus(-v)

    def activated_conjugate(self, v: Tensor) -> Tensor:
        return F.softplus(v)


@final
class FGAN(AdversarialLoss):
    """Variational divergence minimisation (arXiv:1606.00709, section 2.3), with T = g_f(D).

    D: - E T(x) + E f*(T(x'));  G, saturating: - E f*(T(x'));  G otherwise: - E T(x') (section 3.2).

    D's loss at its optimum is - D_f(p, q); G's saturating objective minimises this estimate of the divergence. Its
    slope in T is the slope of the other objective times (f*)'(T), which is D's estimate of p / q. Where D is sure that
    an image is fake, this is near 0 and the image hardly changes. The other objective has no such factor. Both have the
    same stationary point, p = q, so the paper recommends the other one, and it is the default.

    Args:
        divergence: what D estimates.
        saturating: whether G minimises the estimate itself.

    >>> best = KullbackLeibler().derivative(torch.tensor([1.5, 0.5]))  # the best D in each of the two cells
    >>> FGAN(KullbackLeibler()).discriminator(best[[0, 0, 0, 1]], best[[0, 1]])  # - KL(p, q)
    tensor(-0.1308)
    """

    def __init__(self, divergence: FDivergence, saturating: bool = False) -> None:
        self.divergence = divergence
        self.saturating = saturating
        self.decision_threshold = divergence.decision_threshold

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.divergence.activated_conjugate(fake).mean() - self.divergence.activation(real).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        if self.saturating:
            return -self.divergence.activated_conjugate(fake).mean()
        return -self.divergence.activation(fake).mean()
