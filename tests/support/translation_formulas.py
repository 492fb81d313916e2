"""Image-to-image translators as plain formulas with the weights of a network, and lists of its layers."""

import itertools
from collections.abc import Sequence
from functools import partial

import pytest
import torch
from formulas import leaky, relu, standardised
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks import BatchNorm, InstanceNorm, LayerNorm, NoNorm, Norm, PatchGAN, PixelGAN, SpectralNorm

NORMS = [NoNorm(), BatchNorm(), InstanceNorm(), LayerNorm(), SpectralNorm()]
every_norm = pytest.mark.parametrize("norm", NORMS, ids=lambda norm: type(norm).__name__)
LABEL = torch.zeros(2, dtype=torch.long)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def lively(network: nn.Module) -> nn.Module:
    """In double precision, with parameters so large that every layer counts."""
    torch.manual_seed(1)
    for parameter in network.double().parameters():
        nn.init.normal_(parameter, 0, 0.3)
    return network


def convolutions(network: nn.Module) -> list[nn.Conv2d | nn.ConvTranspose2d]:
    return [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)]


Layer = tuple[str, int, int, int, int, bool]  # kind, channels in and out, kernel, stride, bias


def layers_of(network: nn.Module) -> list[Layer]:
    return [
        (
            "up" if isinstance(m, nn.ConvTranspose2d) else "down",
            m.in_channels,
            m.out_channels,
            m.kernel_size[0],
            m.stride[0],
            m.bias is not None,
        )
        for m in convolutions(network)
    ]


def size_of(layers: list[Layer], normalised: Sequence[int] = ()) -> int:
    """Numbers in all weights and biases, and in gains and shifts of as many channels as are normalised."""
    return sum(a * b * kernel**2 + bias * b for _, a, b, kernel, _, bias in layers) + 2 * sum(normalised)


def down_by_two(*channels: int) -> list[Layer]:
    return [("down", a, b, 4, 2, False) for a, b in itertools.pairwise(channels)]


def up_by_two(*channels: tuple[int, int]) -> list[Layer]:
    return [("up", a, b, 4, 2, False) for a, b in channels]


def reflected(x: Tensor, by: int) -> Tensor:
    for dim in (2, 3):
        n = x.shape[dim]
        x = x.index_select(dim, torch.tensor([*range(by, 0, -1), *range(n), *range(n - 2, n - 2 - by, -1)]))
    return x


class Weights:
    """A network's parameters, handed out layer by layer in the order of its computation."""

    def __init__(self, network: nn.Module, norm: Norm) -> None:
        self.convolutions = iter(convolutions(network))
        self.gains = iter([m for m in network.modules() if isinstance(m, nn.BatchNorm2d)])
        self.norm = norm

    def down(self, x: Tensor, stride: int, padding: int) -> Tensor:
        layer = next(self.convolutions)
        return F.conv2d(x, layer.weight, layer.bias, stride, padding)

    def up(self, x: Tensor, stride: int, padding: int, more: int = 0) -> Tensor:
        layer = next(self.convolutions)
        return F.conv_transpose2d(x, layer.weight, layer.bias, stride, padding, more)

    def normalise(self, x: Tensor) -> Tensor:
        if not isinstance(self.norm, BatchNorm):
            return standardised(x, (2, 3))
        layer = next(self.gains)
        return standardised(x, (0, 2, 3)) * layer.weight[:, None, None] + layer.bias[:, None, None]

    def exhausted(self) -> bool:
        return next(self.convolutions, None) is None and next(self.gains, None) is None


def unet(w: Weights, x: Tensor, depth: int) -> Tensor:
    encoded = [leaky(w.down(x, 2, 1))]
    crossing = [relu(encoded[0])]
    for _ in range(depth - 2):
        raw = w.normalise(w.down(encoded[-1], 2, 1))
        encoded.append(leaky(raw))
        crossing.append(relu(raw))
    x = relu(w.down(encoded[-1], 2, 1))
    while crossing:
        x = torch.cat([crossing.pop(), relu(w.normalise(w.up(x, 2, 1)))], 1)
    return torch.tanh(w.up(x, 2, 1))


def resnet_translator(w: Weights, x: Tensor, blocks: int) -> Tensor:
    x = relu(w.normalise(w.down(reflected(x, 3), 1, 0)))
    for _ in range(2):
        x = relu(w.normalise(w.down(x, 2, 1)))
    for _ in range(blocks):
        hidden = relu(w.normalise(w.down(reflected(x, 1), 1, 0)))
        x = x + w.normalise(w.down(reflected(hidden, 1), 1, 0))
    for _ in range(2):
        x = relu(w.normalise(w.up(x, 2, 1, more=1)))
    return torch.tanh(w.down(reflected(x, 3), 1, 0))


def encoder_decoder(w: Weights, x: Tensor, depth: int) -> Tensor:
    x = leaky(w.down(x, 2, 1))
    for _ in range(depth - 1):
        x = leaky(w.normalise(w.down(x, 2, 1)))
    code = leaky(w.normalise(w.down(x, 1, 0)))
    x = relu(w.normalise(w.up(code, 1, 0)))
    for _ in range(depth - 1):
        x = relu(w.normalise(w.up(x, 2, 1)))
    return torch.tanh(w.up(x, 2, 1))


DISCRIMINATORS = [partial(PatchGAN, size=(32, 32)), PixelGAN]
