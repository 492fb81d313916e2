"""Spectral normalisation: what it divides by, and when its vectors move."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.networks import SpectralNorm
from gan_lightning.networks.layers.embedding import Embedding

LAYERS = [lambda: nn.Linear(5, 4), lambda: nn.Conv2d(3, 4, 3), lambda: nn.ConvTranspose2d(3, 4, 3)]


def inputs(layer: nn.Module) -> Tensor:
    shape = (2, 5) if isinstance(layer, nn.Linear) else (2, 3, 6, 6)
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def vectors(layer: nn.Module) -> list[Tensor]:
    return [buffer.clone() for buffer in layer.buffers()]


@pytest.mark.parametrize("build", LAYERS)
def test_passes_come_to_the_same_numbers_as_torchs_own_function(build) -> None:
    torch.manual_seed(0)
    ours = build()
    theirs = copy.deepcopy(ours)
    torch.manual_seed(1)
    ours = SpectralNorm().weight(ours)
    torch.manual_seed(1)
    theirs = spectral_norm(theirs)
    x = inputs(ours)
    for _ in range(3):
        a, b = ours(x), theirs(x)
        assert torch.equal(a, b)
        a.square().sum().backward()
        b.square().sum().backward()
    ours.eval()
    theirs.eval()
    assert torch.equal(ours(x), theirs(x))
    gradients = [layer.parametrizations.weight.original.grad for layer in (ours, theirs)]
    assert torch.equal(*gradients)
    assert ours.state_dict().keys() == theirs.state_dict().keys()


@pytest.mark.parametrize("build", LAYERS)
def test_only_a_pass_in_training_moves_the_vectors_and_by_one_step(build) -> None:
    torch.manual_seed(0)
    layer = SpectralNorm().weight(build())
    x, before = inputs(layer), vectors(layer)

    def is_as_before() -> bool:
        return all(torch.equal(*pair) for pair in zip(vectors(layer), before, strict=True))

    for _ in range(3):
        layer.weight  # noqa: B018
    assert is_as_before()
    layer.eval()(x)
    assert is_as_before()
    layer.train()(x)
    assert not is_as_before()
    filters = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
    matrix = layer.parametrizations.weight.original.detach().movedim(filters, 0).flatten(1)
    u = nn.functional.normalize(matrix @ before[1], dim=0)
    torch.testing.assert_close(vectors(layer), [u, nn.functional.normalize(matrix.T @ u, dim=0)])


@pytest.mark.parametrize("build", LAYERS)
def test_after_many_passes_the_largest_singular_value_is_one(build) -> None:
    torch.manual_seed(0)
    layer = SpectralNorm(eps=1e-4).weight(build())
    for _ in range(200):
        layer(inputs(layer))
    filters = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
    matrix = layer.eval().weight.detach().movedim(filters, 0).flatten(1).numpy()
    assert np.linalg.svd(matrix, compute_uv=False)[0] == pytest.approx(1, abs=1e-4)


def test_an_embedding_is_divided_by_the_norm_of_its_matrix_of_classes() -> None:
    torch.manual_seed(0)
    layer = SpectralNorm().weight(Embedding(10, 6))
    for _ in range(200):
        layer(torch.eye(10))
    assert np.linalg.svd(layer.eval().weight.detach().numpy(), compute_uv=False)[0] == pytest.approx(1, abs=1e-4)


def test_the_gradient_takes_the_vectors_for_constants() -> None:
    torch.manual_seed(0)
    layer = SpectralNorm().weight(nn.Linear(5, 4, bias=False)).eval()
    original, (u, v) = layer.parametrizations.weight.original, vectors(layer)
    x = inputs(layer)
    layer(x).sum().backward()
    w = original.detach().clone().requires_grad_()
    (x @ (w / (u @ w @ v)).T).sum().backward()
    torch.testing.assert_close(original.grad, w.grad)


def test_the_value_is_as_exact_in_half_precision() -> None:
    torch.manual_seed(0)
    layer = SpectralNorm().weight(nn.Linear(5, 4))
    expected = layer.eval().weight
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer.weight, expected)


def test_a_copy_has_vectors_of_its_own() -> None:
    torch.manual_seed(0)
    layer = SpectralNorm().weight(nn.Linear(5, 4))
    copied, before = copy.deepcopy(layer), vectors(layer)
    copied(inputs(layer))
    assert all(torch.equal(*pair) for pair in zip(vectors(layer), before, strict=True))
    assert not torch.equal(vectors(copied)[0], before[0])
