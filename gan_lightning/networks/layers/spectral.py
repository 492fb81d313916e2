"""Spectral normalisation of a layer's weight (Miyato et al. 2018, arXiv:1802.05957)."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.parametrize import register_parametrization


def spectrally_normalised(layer: nn.Module, eps: float) -> nn.Module:
    """The layer, whose weight is divided by its largest singular value from now on.

    That value is u^T W v, where the rows of W are the layer's filters. Each pass of the layer in training makes one
    step of the power iteration, which improves u and v; in evaluation they stay. Gradients go through W alone. Whoever
    only looks at the weight changes nothing; the weight before the division is `parametrizations.weight.original`.

    Args:
        layer: with a weight of two or more axes.
        eps: least length by which the power iteration divides.
    """
    weight: Any = layer.weight
    outputs = 1 if isinstance(layer, nn.ConvTranspose2d) else 0  # the axis of the filters
    by_norm = _ByNorm(weight, dim=outputs, eps=eps)
    register_parametrization(layer, "weight", by_norm, unsafe=True)
    by_norm.advance(weight)  # as torch's own function does here, so that both come to the same numbers
    layer.register_forward_pre_hook(_advance)
    return layer


class _ByNorm(_SpectralNorm):
    """torch's division, without its step of the power iteration at every look at the weight."""

    def forward(self, weight: Tensor) -> Tensor:
        # Copies, because the next pass changes u and v in place before the gradient of this one is computed.
        u, v = self._u.clone(), self._v.clone()
        with torch.autocast(weight.device.type, enabled=False):
            return weight / torch.vdot(u, torch.mv(self._reshape_weight_to_matrix(weight), v))

    def advance(self, weight: Tensor) -> None:
        """Make a step of the power iteration."""
        self._power_method(self._reshape_weight_to_matrix(weight), 1)

    @torch.no_grad()
    def _power_method(self, weight_mat: Tensor, n_power_iterations: int) -> None:
        if not weight_mat.is_meta:  # a network without memory, which is slow at computing nothing
            super()._power_method(weight_mat, n_power_iterations)


def _advance(layer: Any, _: tuple[Any, ...]) -> None:
    """Before a pass of the layer."""
    if layer.training:
        held = layer.parametrizations.weight
        with torch.autocast(held.original.device.type, enabled=False):
            held[0].advance(held.original)
