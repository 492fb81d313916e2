"""The objective of BEGAN, whose balance is a state."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.distributed import mean
from gan_lightning.losses.contracts import AdversarialLoss
from gan_lightning.ranges import Positive, Share, within


@final
class BoundaryEquilibrium(AdversarialLoss):
    """BEGAN (Berthelot et al. 2017, arXiv:1703.10717, section 3.4), the energy L being - D.

    D: E L(x) - k E L(x');  G: E L(x').

    After each of D's batches k moves by `rate` (gamma E L(x) - E L(x')) within [0, 1], so that in the end the energy of
    generated images is gamma times that of real ones. It starts at 0, where D learns from real images alone. The paper
    measures E L(x') on the images of G's update; here it is on those of D's, which have the same distribution.

    The measure of convergence M = E L(x) + |gamma E L(x) - E L(x')| falls while training goes well; the logs hold it
    and k. Both are the same in all processes.

    Args:
        gamma: diversity ratio. A small one gives sharper and less varied images; the paper has 0.3 to 0.7.
        rate: lambda_k, the step of k.

    >>> loss = BoundaryEquilibrium(gamma=0.5, rate=0.1)
    >>> real, fake = torch.tensor([-4.0]), torch.tensor([-1.0])  # energies 4 and 1
    >>> loss.discriminator(real, fake)  # 4 - 0 1
    tensor(4.)
    >>> loss.scalars()  # k = 0.1 (4 / 2 - 1), M = 4 + |4 / 2 - 1|
    {'balance': tensor(0.1000), 'convergence': tensor(5.)}
    >>> loss.discriminator(real, fake)  # 4 - 0.1 1
    tensor(3.9000)
    """

    needs_energy = True
    balance: Tensor
    convergence: Tensor

    def __init__(self, gamma: Share, rate: Positive = 0.001) -> None:
        self.gamma = within("loss.gamma", Share, gamma)
        self.rate = within("loss.rate", Positive, rate)
        self.register_buffer("balance", torch.zeros(()))
        self.register_buffer("convergence", torch.zeros(()))

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        of_real, of_fake = -real.mean(), -fake.mean()
        loss = of_real - self.balance.clone() * of_fake
        if self.training:
            self._observe(mean(torch.stack([of_real.detach(), of_fake.detach()])))
        return loss

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()

    def scalars(self) -> dict[str, Tensor]:
        return {"balance": self.balance.clone(), "convergence": self.convergence.clone()}

    @torch.no_grad()
    def _observe(self, energies: Tensor) -> None:
        """Move k, and measure the convergence, given the energies (2,) of real and of generated images."""
        of_real, of_fake = energies.to(self.balance.dtype)
        difference = self.gamma * of_real - of_fake
        self.balance.add_(self.rate * difference).clamp_(0, 1)
        self.convergence.copy_(of_real + difference.abs())
