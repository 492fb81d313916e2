"""PatchGAN and PixelGAN: the authors' layers, what one logit sees, and what they compute."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from configured import configured
from formulas import count, leaky
from hydra.utils import instantiate
from torch import Tensor
from translation_formulas import (
    DISCRIMINATORS,
    LABEL,
    NORMS,
    Weights,
    convolutions,
    draw,
    every_norm,
    layers_of,
    lively,
    size_of,
)

from gan_lightning.console.config import CONF
from gan_lightning.networks import BatchNorm, Discriminator, InstanceNorm, NoNorm, Norm, PatchGAN, PixelGAN


@pytest.mark.parametrize(
    ("channels", "norm", "bias", "size"), [(6, BatchNorm(), False, 2_768_705), (3, InstanceNorm(), True, 2_764_737)]
)
def test_patchgan_has_the_layers_of_the_authors_network(channels: int, norm: Norm, bias: bool, size: int) -> None:
    with torch.device("meta"):
        network = PatchGAN(channels, (256, 256), norm)
    layers = [
        ("down", channels, 64, 4, 2, True),
        ("down", 64, 128, 4, 2, bias),
        ("down", 128, 256, 4, 2, bias),
        ("down", 256, 512, 4, 1, bias),
        ("down", 512, 1, 4, 1, True),
    ]
    assert layers_of(network) == layers
    assert count(network) == size_of(layers, [128, 256, 512] if norm.affine else []) == size


def test_patchgan_stops_widening_at_eight_times() -> None:
    with torch.device("meta"):
        network = PatchGAN(3, (256, 256), InstanceNorm(), width=2, layers=5)
    assert [m.out_channels for m in convolutions(network)] == [2, 4, 8, 16, 16, 16, 1]
    assert [m.stride[0] for m in convolutions(network)] == [2, 2, 2, 2, 2, 1, 1]


@pytest.mark.parametrize(("norm", "bias"), [(BatchNorm(), False), (InstanceNorm(), True)])
def test_pixelgan_consists_of_three_layers(norm: Norm, bias: bool) -> None:
    network = PixelGAN(6, norm)
    layers = [("down", 6, 64, 1, 1, True), ("down", 64, 128, 1, 1, bias), ("down", 128, 1, 1, 1, True)]
    assert layers_of(network) == layers
    assert count(network) == size_of(layers, [128] if norm.affine else [])


@pytest.mark.parametrize(
    ("layers", "size", "expected"),
    [
        (3, (256, 256), (30, 30)),
        (3, (64, 96), (6, 10)),
        (3, (24, 31), (1, 1)),
        (1, (6, 16), (1, 6)),
        (5, (96, 96), (1, 1)),
    ],
)
@every_norm
def test_patchgans_map_of_logits(norm: Norm, layers: int, size: tuple[int, int], expected: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = PatchGAN(4, size, norm, width=2, layers=layers)
    image = draw(2, 4, *size).float()
    verdict = network(image, LABEL)
    assert verdict.logits.shape == (2, 1, *expected)
    assert verdict.features.shape == (2, network.feature_dim) == (2, 2 * min(2**layers, 8))
    assert verdict.score.shape == (2,)


def influences(network: Discriminator, size: tuple[int, int], row: int, column: int) -> Tensor:
    """Which pixels (H, W) change one logit."""
    image = draw(1, 2, *size).requires_grad_()
    lively(network)(image, LABEL).logits[0, 0, row, column].backward()
    assert image.grad is not None
    return (image.grad[0] != 0).all(0)


def rectangle(size: tuple[int, int], rows: range, columns: range) -> Tensor:
    """True in these rows and columns, as far as they lie in the picture."""
    inside = torch.zeros(size, dtype=torch.bool)
    inside[max(0, rows.start) : rows.stop, max(0, columns.start) : columns.stop] = True
    return inside


@pytest.mark.parametrize(("layers", "field"), [(1, 16), (2, 34), (3, 70), (4, 142)])
def test_a_logit_of_patchgan_sees_a_square_of_pixels(layers: int, field: int) -> None:
    size = (160, 192)
    network = PatchGAN(2, size, NoNorm(), width=1, layers=layers)
    step = 2**layers
    # The first logit's square starts outside: two layers of stride 1 pad a row of step pixels, the others fewer.
    first = -2 * step - (step - 1)
    for row, column in ((0, 0), (5, 7), (2, 0)):
        top, left = first + row * step, first + column * step
        expected = rectangle(size, range(top, top + field), range(left, left + field))
        assert torch.equal(influences(network, size, row, column), expected)


def test_the_papers_patch_is_seventy_pixels_wide_and_high() -> None:
    seen = influences(PatchGAN(2, (160, 192), NoNorm(), width=1), (160, 192), 7, 9)
    assert seen.any(0).sum() == seen.any(1).sum() == 70
    assert seen.sum() == 70 * 70


def test_a_logit_of_pixelgan_sees_one_pixel() -> None:
    seen = influences(PixelGAN(2, NoNorm(), width=2), (6, 9), 2, 5)
    assert seen.nonzero().tolist() == [[2, 5]]


@pytest.mark.parametrize("norm", [BatchNorm(), InstanceNorm()], ids=["batch", "instance"])
def test_patchgan_and_pixelgan_compute_the_papers_formulas(norm: Norm) -> None:
    image = draw(2, 3, 32, 40)
    patch = lively(PatchGAN(3, (32, 40), norm, width=2))
    w = Weights(patch, norm)
    x = leaky(w.down(image, 2, 1))
    for stride in (2, 2, 1):
        x = leaky(w.normalise(w.down(x, stride, 1)))
    verdict = patch(image, LABEL)
    torch.testing.assert_close(verdict.features, x.mean((2, 3)), rtol=0, atol=1e-10)
    torch.testing.assert_close(verdict.logits, w.down(x, 1, 1), rtol=0, atol=1e-10)
    assert w.exhausted()
    assert torch.equal(patch(image, LABEL + 1).logits, verdict.logits)

    pixel = lively(PixelGAN(3, norm, width=2))
    w = Weights(pixel, norm)
    x = leaky(w.normalise(w.down(leaky(w.down(image, 1, 0)), 1, 0)))
    verdict = pixel(image, LABEL)
    torch.testing.assert_close(verdict.features, x.mean((2, 3)), rtol=0, atol=1e-10)
    torch.testing.assert_close(verdict.logits, w.down(x, 1, 0), rtol=0, atol=1e-10)
    assert verdict.logits.shape == (2, 1, 32, 40)
    assert w.exhausted()


@pytest.mark.parametrize(
    "norm", [norm for norm in NORMS if not isinstance(norm, BatchNorm)], ids=lambda norm: type(norm).__name__
)
@pytest.mark.parametrize("build", DISCRIMINATORS, ids=["patch", "pixel"])
def test_a_gradient_penalty_has_the_gradient_that_differences_measure(
    build: Callable[..., Discriminator], norm: Norm
) -> None:
    # In evaluation, where spectral norm's power iteration does not go on between the calls.
    network = lively(build(2, norm=norm, width=2)).eval()
    image = draw(2, 2, 32, 32).requires_grad_()

    def penalty() -> Tensor:
        score = network(image, LABEL).score.sum()
        (gradient,) = torch.autograd.grad(score, image, create_graph=True)
        return (gradient.flatten(1).norm(dim=1) - 1).square().mean()

    parameters = [p for p in network.parameters() if p.ndim == 4]
    gradients = torch.autograd.grad(penalty(), parameters)
    directions = [draw(*p.shape, seed=i) for i, p in enumerate(parameters)]
    step = 1e-6

    def moved(by: float) -> float:
        with torch.no_grad():
            for p, direction in zip(parameters, directions, strict=True):
                p.add_(direction, alpha=by)
        return penalty().item()

    slope = (moved(step) - moved(-2 * step)) / (2 * step)
    along = sum((g * d).sum() for g, d in zip(gradients, directions, strict=True))
    assert abs(slope) > 1e-4
    assert along.item() == pytest.approx(slope, rel=1e-4)


def test_the_override_in_the_comment_chooses_pixels_instead_of_patches() -> None:
    words = Path(CONF, "network", "unet.yaml").read_text().replace("'", "").split()
    target = next(word for word in words if word.startswith("network.discriminator._target_="))
    dropped = [word.removeprefix("~network.discriminator.") for word in words if word.startswith("~network.")]
    config = configured("unet", "batch")
    config.network.discriminator._target_ = target.split("=")[1]
    for key in dropped:
        del config.network.discriminator[key]
    network = instantiate(config.network.discriminator)(6)
    assert isinstance(network, PixelGAN)
    assert network(torch.zeros(2, 6, 8, 8), LABEL).logits.shape == (2, 1, 8, 8)
