"""Terms and constraints on the parameters of a network."""

from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.parametrize import is_parametrized

from gan_lightning.losses.contracts import Constraint, Regulariser
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Positive, within


@final
class WeightClipping(Constraint):
    """WGAN's Lipschitz constraint (Arjovsky et al. 2017, arXiv:1701.07875, algorithm 1): w <- clip(w, -c, c).

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> layer.weight.data = torch.tensor([[0.5, -0.005]])
    >>> WeightClipping(bound=0.01)(layer)
    >>> layer.weight.data
    tensor([[ 0.0100, -0.0050]])
    """

    bounds_weights = True

    def __init__(self, bound: Positive = 0.01) -> None:
        self.bound = within("constraint.*.bound", Positive, bound)

    @torch.no_grad()
    def __call__(self, network: nn.Module) -> None:
        for parameter in network.parameters():
            parameter.clamp_(-self.bound, self.bound)


@final
class OrthogonalRegularisation(Regulariser):
    """BigGAN's relaxed orthogonality (Brock et al. 2018, arXiv:1809.11096, eq. 3).

    weight * sum over weights of || W W^T o (1 - I) ||_F^2, where the rows of W are a layer's filters:
    similar filters are punished; the norm of a filter is not. Biases, gains and embeddings are not regularised. Under
    spectral norm W is the weight before the division.

    The authors' code adds 2 weight (W W^T o (1 - I)) W to the gradient, which is half the gradient of this formula: its
    1e-4 is 5e-5 here.

    >>> layer = nn.Linear(2, 2)
    >>> layer.weight.data = torch.tensor([[1.0, 1.0], [1.0, 0.0]])  # W W^T = ((2, 1), (1, 1))
    >>> OrthogonalRegularisation(weight=0.5)(layer).item()  # (1 + 1) / 2
    1.0
    """

    def __init__(self, weight: AtLeastZero | Ramp = 1e-4) -> None:
        super().__init__()
        self.weight = setting("regulariser.orthogonal.weight", AtLeastZero, weight)

    def forward(self, network: nn.Module) -> Tensor:
        terms = []
        for module in network.modules():
            if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                weight = _learnt(module)
                # A transposed convolution keeps its output channels in the second dimension.
                filters = weight.transpose(0, 1) if isinstance(module, nn.ConvTranspose2d) else weight
                with torch.autocast(filters.device.type, enabled=False):
                    gram = filters.flatten(1) @ filters.flatten(1).T
                terms.append((gram - gram.diag().diag()).square().sum())
        return now(self.weight) * sum(terms, torch.zeros(()))


def _learnt(layer: nn.Module) -> Tensor:
    """The weight of a layer before spectral norm divides it."""
    weights: Any = layer
    if is_parametrized(layer, "weight") and isinstance(weights.parametrizations.weight[0], _SpectralNorm):
        return weights.parametrizations.weight.original
    return weights.weight


@final
class HistoricalAveraging(Regulariser):
    """Parameters should stay near their average so far (Salimans et al. 2016, arXiv:1606.03498, section 3.3).

    weight * || theta - (1 / t) sum_{i <= t} theta_i ||^2, where theta_i are all parameters of the network before its
    i-th update, and t is the current update. The average gets no gradient. The paper names no weight.

    >>> layer, term = nn.Linear(1, 1, bias=False), HistoricalAveraging(weight=1)
    >>> for value in (0.0, 3.0):
    ...     _ = nn.init.constant_(layer.weight, value)
    ...     term.watch(layer)
    >>> term(layer).item()  # (3 - 3/2)^2
    2.25
    """

    mean: Tensor
    count: Tensor

    def __init__(self, weight: AtLeastZero | Ramp) -> None:
        super().__init__()
        self.weight = setting("regulariser.historical_averaging.weight", AtLeastZero, weight)
        self.register_buffer("mean", torch.empty(0))  # as long as no network is known
        self.register_buffer("count", torch.zeros((), dtype=torch.long))

    @torch.no_grad()
    def watch(self, network: nn.Module) -> None:
        newest = parameters_to_vector(network.parameters())
        self.count += 1
        if len(self.mean):
            self.mean.lerp_(newest, 1 / self.count.to(newest))  # in place, as a CUDA graph needs it
        else:
            self.mean = newest

    def forward(self, network: nn.Module) -> Tensor:
        return now(self.weight) * (parameters_to_vector(network.parameters()) - self.mean).square().sum()
