"""Terms and constraints on the parameters of a network."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.losses.contracts import Constraint, Regulariser


@final
class WeightClipping(Constraint):
    """WGAN's Lipschitz constraint (Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1): w <- clip(w, -c, c)."""

    def __init__(self, bound: float = 0.01) -> None:
        if bound <= 0:
            raise SettingError(f"model.constraints.*.bound={bound}: must be positive (the paper takes 0.01)")
        self.bound = bound

    @torch.no_grad()
    def __call__(self, network: nn.Module) -> None:
        for parameter in network.parameters():
            parameter.clamp_(-self.bound, self.bound)


@final
class OrthogonalRegularisation(Regulariser):
    """BigGAN's relaxed orthogonality (Brock et al. 2018, arXiv:1809.11096, eq. 3).

    weight * sum over weights of || W W^T o (1 - I) ||_F^2, where the rows of W are a layer's filters:
    pairwise similarity is punished, the filters' own norm is free. Biases and gains are left alone.
    """

    def __init__(self, weight: float = 1e-4) -> None:
        self.weight = weight

    def __call__(self, network: nn.Module) -> Tensor:
        terms = []
        for module in network.modules():
            if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                # A transposed convolution keeps its output channels in the second dimension.
                filters = module.weight.transpose(0, 1) if isinstance(module, nn.ConvTranspose2d) else module.weight
                gram = filters.flatten(1) @ filters.flatten(1).T
                terms.append((gram - gram.diag().diag()).square().sum())
        return self.weight * sum(terms, torch.zeros(()))
