"""Relativistic objectives (Jolicoeur-Martineau 2018, arXiv:1807.00734): D says how much more real an image looks
than images of the other kind, so G also has to make real images look less real.

D is the raw logit, x a real image and x' a generated one. G's objective is D's with real and fake exchanged, and both
stay the same when a constant is added to all logits. G gets the real logits as constants.
"""

from typing import final

from torch import Tensor
from torch.nn import functional as F

from gan_lightning.losses.contracts import AdversarialLoss, WrappedLoss


@final
class RelativisticPairing(AdversarialLoss):
    """The relativistic standard GAN (arXiv:1807.00734: RSGAN), which R3GAN calls relativistic pairing and trains with
    the penalties R1 and R2 (Huang et al. 2025, arXiv:2501.05441).

    D: E softplus(- (D(x) - D(x')));  G: E softplus(- (D(x') - D(x))).

    The i-th real image is compared with the i-th generated one, a patch map place by place: both logits have one shape.

    >>> real, fake = torch.tensor([3.0]).log(), torch.tensor([1.0]).log()  # D(x) - D(x') = log 3
    >>> RelativisticPairing().discriminator(real, fake)  # log(1 + 1/3)
    tensor(0.2877)
    >>> RelativisticPairing().generator(fake, real)  # log(1 + 3)
    tensor(1.3863)
    """

    needs_real = True

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return F.softplus(fake - real).mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        assert real is not None
        return self.discriminator(fake, real)


@final
class RelativisticAverage(WrappedLoss):
    """Relativistic average GANs (arXiv:1807.00734: RaGANs): D compares with the mean logit of the other kind.

    D: L(D(x) - E D(x'), D(x') - E D(x));  G: L(D(x') - E D(x), D(x) - E D(x')),

    where L(real, fake) is D's objective in the game `of`. Of `NonSaturating` this is the paper's RaSGAN, of
    `LeastSquares(a=-1, b=1, scale=1)` its RaLSGAN, and of `Hinge` its RaHingeGAN.

    The averages are over the batch (and the places of a patch map), so each logit's slope depends on all others.

    Args:
        of: the game whose discriminator's objective judges the differences.

    >>> from gan_lightning.losses import Hinge
    >>> real, fake = torch.tensor([2.0, 0.0]), torch.tensor([0.0, -2.0])  # means 1 and -1
    >>> RelativisticAverage(Hinge()).discriminator(real, fake)  # of D(x) + 1 = 3, 1 and D(x') - 1 = -1, -3
    tensor(0.)
    >>> RelativisticAverage(Hinge()).generator(fake, real)  # (2 + 4) / 2 + (4 + 2) / 2
    tensor(6.)
    """

    needs_real = True
    couples_batch = True
    decision_threshold = None  # it compares differences, and no logit alone

    def __init__(self, of: AdversarialLoss) -> None:
        super().__init__(of)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.of.discriminator(real - fake.mean(), fake - real.mean())

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        assert real is not None
        return self.discriminator(fake, real)
