"""Layers with an equalised learning rate: the size of signals, and what an optimizer's step changes."""

from copy import deepcopy
from math import sqrt

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks import EqualisedRate, NoNorm, ProjectionHead
from gan_lightning.networks.layers.equalised import equalised, scaled_leaky_relu

LAYERS = {
    "linear": lambda: nn.Linear(150, 40),
    "convolution": lambda: nn.Conv2d(30, 20, 3),
    "transposed": lambda: nn.ConvTranspose2d(30, 20, 4, stride=2, padding=1),
}
INPUTS = {"linear": 150, "convolution": 30 * 9, "transposed": 30 * 4}


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("kind", LAYERS)
def test_a_weight_is_a_standard_normal_parameter_times_gain_over_the_root_of_its_inputs(kind: str) -> None:
    torch.manual_seed(0)
    layer = equalised(LAYERS[kind](), gain=3.0)
    parameter = dict(layer.named_parameters())["parametrizations.weight.original"]
    assert parameter.mean().item() == pytest.approx(0, abs=0.05)
    assert parameter.std().item() == pytest.approx(1, abs=0.05)
    torch.testing.assert_close(layer.weight, parameter * 3 / sqrt(INPUTS[kind]))
    assert torch.equal(layer.bias, torch.zeros_like(layer.bias))


@pytest.mark.parametrize("kind", LAYERS)
def test_outputs_are_as_large_as_inputs(kind: str) -> None:
    torch.manual_seed(0)
    layer = equalised(LAYERS[kind]())
    given = noise(64, 150) if kind == "linear" else noise(16, 30, 12, 12)
    inner = layer(given) if kind == "linear" else layer(given)[:, :, 2:-2, 2:-2]
    assert inner.square().mean().item() == pytest.approx(1, abs=0.15)


def test_signals_keep_their_size_through_many_layers() -> None:
    """LeakyReLU(0.2) keeps (1 + 0.04) / 2 of the second moment; twice that is 1.04 for each layer."""
    torch.manual_seed(0)
    he = equalised(nn.Conv2d(64, 64, 3), gain=sqrt(2))
    assert F.leaky_relu(he(noise(4, 64, 34, 34)), 0.2).square().mean().item() == pytest.approx(1.04, abs=0.05)
    x = noise(64, 1000)
    for _ in range(4):
        x = scaled_leaky_relu(equalised(nn.Linear(1000, 1000))(x))
    assert x.square().mean().item() == pytest.approx(1.04**4, abs=0.15)


def test_the_multiplier_of_the_learning_rate_changes_steps_and_not_the_first_outputs() -> None:
    def step(lr_multiplier: float) -> tuple[Tensor, Tensor, Tensor]:
        torch.manual_seed(0)
        layer = equalised(nn.Linear(150, 40), lr_multiplier=lr_multiplier, bias=1.0)
        optimizer, given = torch.optim.Adam(layer.parameters(), lr=0.001), noise(8, 150)
        first, weight, bias = layer(given).detach(), layer.weight.detach().clone(), layer.bias.detach().clone()
        layer(given).square().sum().backward()
        optimizer.step()
        return first, layer.weight.detach() - weight, layer.bias.detach() - bias

    usual, slow = step(1.0), step(0.01)
    torch.testing.assert_close(slow[0], usual[0])
    torch.testing.assert_close(slow[1], 0.01 * usual[1], rtol=0.05, atol=1e-8)
    torch.testing.assert_close(slow[2], 0.01 * usual[2], rtol=0.01, atol=1e-8)
    assert slow[1].abs().max().item() == pytest.approx(0.001 * 0.01 / sqrt(150), rel=0.05)


def test_a_copy_has_weights_of_its_own() -> None:
    layer = equalised(nn.Linear(4, 3), lr_multiplier=0.5)
    copy = deepcopy(layer)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(1)
    assert not torch.equal(layer.weight, copy.weight)
    copy.load_state_dict(layer.state_dict())
    assert torch.equal(layer(torch.eye(4)), copy(torch.eye(4)))


def test_the_norm_equalises_all_weights_of_a_head() -> None:
    torch.manual_seed(0)
    head, plain = (ProjectionHead(512, norm, 10) for norm in (EqualisedRate(), NoNorm()))
    for part in (head.linear, head.embedding):
        assert part.parametrizations.weight.original.std().item() == pytest.approx(1, abs=0.1)
        assert part.weight.std().item() == pytest.approx(1 / sqrt(512), rel=0.1)
    assert [p.shape for p in head.parameters()] != []
    assert sum(p.numel() for p in head.parameters()) == sum(p.numel() for p in plain.parameters())
