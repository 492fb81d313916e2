"""Equalised learning rate (Karras et al. 2017, arXiv:1710.10196, section 4.1).

The parameters of a layer are drawn from N(0, 1), and scaled to a useful size whenever they are used. Adam moves every
parameter by about the learning rate, whatever its size; so all layers learn at the same speed, however many inputs
they have.
"""

from math import prod, sqrt
from typing import TypeVar, final

from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrize import register_parametrization

Layer = TypeVar("Layer", bound=nn.Module)


@final
class Scaled(nn.Module):
    """A parametrisation: the parameter times a constant."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, parameter: Tensor) -> Tensor:
        return parameter * self.scale


def equalised(layer: Layer, gain: float = 1.0, lr_multiplier: float = 1.0, bias: float = 0.0) -> Layer:
    """The layer with an equalised learning rate. It is changed in place, and its parameters are drawn again.

    Its weight becomes `gain / sqrt(inputs)` times a parameter, and the elements of the weight have this standard
    deviation at first; `inputs` are the numbers that an output is made of, those of a kernel's pixels included.

    Args:
        layer: a linear layer, a convolution, also a transposed one, or an `Embedding`, whose rows meet features.
        gain: sqrt(2) keeps the size of signals where half of them are lost in a ReLU afterwards (He et al. 2015,
            arXiv:1502.01852). `scaled_leaky_relu` has this factor itself, so that its layers take 1.
        lr_multiplier: how fast the layer learns, relative to others (StyleGAN's mapping network, arXiv:1812.04948:
            0.01). Weight and bias are parameters times this number, and the parameters are larger in turn.
        bias: its first value.

    >>> layer = equalised(nn.Linear(400, 300), gain=2.0, lr_multiplier=0.01)
    >>> round(layer.weight.std().item(), 2)  # 2 / sqrt(400)
    0.1
    >>> round(layer.parametrizations.weight.original.std().item())  # what is learnt: 1 / 0.01
    100
    """
    parameters = dict(layer.named_parameters(recurse=False))
    nn.init.normal_(parameters["weight"], 0.0, 1 / lr_multiplier)
    register_parametrization(layer, "weight", Scaled(lr_multiplier * gain / sqrt(_inputs(layer, parameters["weight"]))))
    if "bias" in parameters:
        nn.init.constant_(parameters["bias"], bias / lr_multiplier)
        if lr_multiplier != 1:
            register_parametrization(layer, "bias", Scaled(lr_multiplier))
    return layer


def _inputs(layer: nn.Module, weight: Tensor) -> int:
    """How many numbers an output is made of."""
    if isinstance(layer, nn.ConvTranspose2d):
        return weight.numel() // layer.out_channels // prod(layer.stride)
    return weight[0].numel()


def scaled_leaky_relu(x: Tensor) -> Tensor:
    """LeakyReLU of slope 0.2, times sqrt(2): outputs are about as large as inputs (StyleGAN2, arXiv:1912.04958)."""
    return F.leaky_relu(x, 0.2) * sqrt(2)
