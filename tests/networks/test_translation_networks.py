"""Networks of image-to-image translation: layer by layer against the authors', output against plain formulas."""

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from pathlib import Path

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrize import is_parametrized

from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.losses import DomainClassifier
from gan_lightning.networks import (
    AffineInstanceNorm,
    BatchNorm,
    DCGANDiscriminator,
    Discriminator,
    EncoderDecoder,
    InstanceNorm,
    LayerNorm,
    NoNorm,
    Norm,
    PatchGAN,
    PixelGAN,
    ResidualTranslator,
    ResNetTranslator,
    SpectralNorm,
    StarGANDiscriminator,
    StarGANTranslator,
    Translator,
    UNet,
)

NORMS = [NoNorm(), BatchNorm(), InstanceNorm(), LayerNorm(), SpectralNorm()]
TRANSLATORS = [UNet, partial(ResNetTranslator, blocks=1), EncoderDecoder]
every_norm = pytest.mark.parametrize("norm", NORMS, ids=lambda norm: type(norm).__name__)
every_translator = pytest.mark.parametrize("network", TRANSLATORS, ids=["unet", "resnet", "encoder_decoder"])
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


# --- sizes: what the authors' networks consist of ---


def numbers(*networks: nn.Module) -> int:
    return sum(parameter.numel() for network in networks for parameter in network.parameters())


@pytest.mark.parametrize(("side", "layers", "discriminates"), [(128, 6, 44_762_048), (64, 5, 11_175_872)])
def test_stargan_is_the_authors_networks_for_five_attributes(side, layers, discriminates):
    with torch.device("meta"):
        translator = StarGANTranslator(3 + 5, 3, [side, side], AffineInstanceNorm())
        discriminator = StarGANDiscriminator(3, [side, side], NoNorm())
        classifier = DomainClassifier(discriminator.feature_dim, [1] * 5)
        verdict = discriminator(torch.empty(2, 3, side, side), torch.empty(2))
        assert translator(torch.empty(2, 8, side, side)).shape == (2, 3, side, side)
    assert numbers(translator) == 8_430_528
    assert numbers(discriminator, classifier) == discriminates
    assert len(convolutions(discriminator)) == layers + 1
    assert verdict.logits.shape == (2, 1, 2, 2)
    assert verdict.features.shape == (2, discriminator.feature_dim)
    padded = [module for module in convolutions(translator) if max(module.padding) > 0]
    assert {module.padding_mode for module in padded} == {"zeros"}
    assert not any(isinstance(module, nn.ReflectionPad2d) for module in translator.modules())
    norms = [module for module in translator.modules() if isinstance(module, nn.InstanceNorm2d)]
    assert len(norms) == 3 + 12 + 2
    assert all(norm.affine and not norm.track_running_stats for norm in norms)


@pytest.mark.parametrize(("layers", "size"), [(5, [16, 32]), (7, [64, 64])])
def test_stargan_refuses_layers_that_leave_no_pixel(layers, size):
    with pytest.raises(SettingError, match=f"network.discriminator.layers={layers}: .*halved [46] times at most"):
        StarGANDiscriminator(3, size, NoNorm(), layers=layers)


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


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def down_by_two(*channels: int) -> list[Layer]:
    return [("down", a, b, 4, 2, False) for a, b in itertools.pairwise(channels)]


def up_by_two(*channels: tuple[int, int]) -> list[Layer]:
    return [("up", a, b, 4, 2, False) for a, b in channels]


def test_unet_has_the_layers_of_the_authors_network() -> None:
    with torch.device("meta"):
        network = UNet(3, 3, (256, 256), BatchNorm())
    layers = [
        *down_by_two(3, 64, 128, 256, 512, 512, 512, 512, 512),
        *up_by_two((512, 512), (1024, 512), (1024, 512), (1024, 512), (1024, 256), (512, 128), (256, 64)),
        ("up", 128, 3, 4, 2, True),
    ]
    assert layers_of(network) == layers
    norms = [128, 256, 512, 512, 512, 512, 512, 512, 512, 512, 256, 128, 64]
    assert [m.num_features for m in network.modules() if isinstance(m, nn.BatchNorm2d)] == norms
    assert count(network) == size_of(layers, norms) == 54_413_955


def test_resnet_translator_has_the_layers_of_the_authors_network() -> None:
    with torch.device("meta"):
        network = ResNetTranslator(3, 3, (256, 256), InstanceNorm())
    layers = [
        ("down", 3, 64, 7, 1, True),
        ("down", 64, 128, 3, 2, True),
        ("down", 128, 256, 3, 2, True),
        *[("down", 256, 256, 3, 1, True)] * 18,
        ("up", 256, 128, 3, 2, True),
        ("up", 128, 64, 3, 2, True),
        ("down", 64, 3, 7, 1, True),
    ]
    assert layers_of(network) == layers
    norms = [64, 128, 256, *[256] * 18, 128, 64]
    assert [m.num_features for m in network.modules() if isinstance(m, nn.InstanceNorm2d)] == norms
    assert count(network) == size_of(layers) == 11_378_179


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


def test_encoder_decoder_has_the_layers_of_discogans_network() -> None:
    with torch.device("meta"):
        network = EncoderDecoder(3, 3, (64, 64), BatchNorm())
    layers = [
        *down_by_two(3, 64, 128, 256, 512),
        ("down", 512, 100, 4, 1, False),
        ("up", 100, 512, 4, 1, False),
        *up_by_two((512, 256), (256, 128), (128, 64), (64, 3)),
    ]
    assert layers_of(network) == layers
    norms = [128, 256, 512, 100, 512, 256, 128, 64]
    assert [m.num_features for m in network.modules() if isinstance(m, nn.BatchNorm2d)] == norms
    assert count(network) == size_of(layers, norms) == 7_153_480


@every_norm
@pytest.mark.parametrize("build", [UNet, ResNetTranslator, EncoderDecoder], ids=lambda build: build.__name__)
def test_translators_have_biases_where_no_shift_follows(build: type, norm: Norm) -> None:
    biased = [layer[-1] for layer in layers_of(build(3, 3, (64, 96), norm, width=2))]
    assert biased[:-1] == [not norm.affine] * (len(biased) - 1)
    assert biased[-1] == (not norm.affine if build is EncoderDecoder else True)


@pytest.mark.parametrize(("resolution", "blocks"), [(32, []), (64, [1]), (128, [1, 2]), (256, [1, 2, 3])])
def test_unets_dropout_stands_next_to_the_innermost_decoder_layer(resolution: int, blocks: list[int]) -> None:
    with torch.device("meta"):
        noisy, quiet = (UNet(3, 3, (resolution,) * 2, BatchNorm(), width=1, dropout=p) for p in (0.3, 0.0))
    found = {i: block[-1].p for i, block in enumerate(noisy.ups) if isinstance(block[-1], nn.Dropout)}
    assert found == dict.fromkeys(blocks, 0.3)
    of_all = [m for m in noisy.modules() if isinstance(m, nn.Dropout)]
    assert len(of_all) == len(blocks)
    assert not [m for m in quiet.modules() if isinstance(m, nn.Dropout)]


@pytest.mark.parametrize(("dropout", "expected"), [(0.0, []), (0.5, [0.5] * 4)])
def test_resnet_translators_dropout_stands_once_in_every_block(dropout: float, expected: list[float]) -> None:
    network = ResNetTranslator(3, 3, (8, 8), InstanceNorm(), width=1, blocks=4, dropout=dropout)
    assert [m.p for m in network.modules() if isinstance(m, nn.Dropout)] == expected
    blocks = [m.residual for m in network.modules() if hasattr(m, "residual")]
    kinds = [[type(m).__name__ for m in block] for block in blocks]
    convolution = ["ReflectionPad2d", "Conv2d", "InstanceNorm2d"]
    assert kinds == [[*convolution, "ReLU", *["Dropout"] * bool(dropout), *convolution]] * 4


# --- shapes and ranges ---


@pytest.mark.parametrize("size", [(32, 32), (64, 64), (128, 128), (256, 256), (64, 96), (96, 32)], ids=str)
@every_translator
def test_translations_have_the_pictures_size(network: Callable[..., Translator], size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    for channels_in, channels_out in ((1, 4), (2, 3), (3, 2), (4, 1)):
        translator = network(channels_in, channels_out, size, BatchNorm(), width=1)
        with torch.no_grad():
            convolutions(translator)[-1].weight.mul_(1e5)  # fresh weights would keep the range without any tanh
            output = translator(draw(2, channels_in, *size).float())
        assert output.shape == (2, channels_out, *size)
        assert 0.99 < output.abs().max() <= 1
        assert output.min() < 0 < output.max()


@pytest.mark.parametrize("size", [(64, 64), (64, 96)], ids=str)
@every_translator
def test_a_translator_takes_every_size_that_it_promises(
    network: Callable[..., Translator], size: tuple[int, int]
) -> None:
    translator = network(3, 3, size, BatchNorm(), width=1).eval()
    assert [side % translator.multiple for side in size] == [0, 0]
    assert min(size) >= translator.minimum
    least, step = translator.minimum, translator.multiple
    for fits in ((least, least), (least, least + step), (least + 3 * step, least + step)):
        assert translator(torch.zeros(1, 3, *fits)).shape == (1, 3, *fits)
    with pytest.raises(RuntimeError):
        translator(torch.zeros(1, 3, least // 2, least))


@pytest.mark.parametrize(
    ("size", "multiple"), [((64, 64), 64), ((256, 256), 256), ((64, 96), 32), ((192, 320), 64), ((160, 160), 32)]
)
def test_unet_halves_as_often_as_both_sides_allow(size: tuple[int, int], multiple: int) -> None:
    with torch.device("meta"):
        network = UNet(3, 3, size, BatchNorm(), width=1)
    assert network.multiple == network.minimum == multiple
    assert len(network.downs) + 1 == len(network.ups) + 1 == multiple.bit_length() - 1


def test_sizes_that_resnet_translator_and_encoder_decoder_promise() -> None:
    resnet = ResNetTranslator(3, 3, (64, 64), BatchNorm(), width=1, blocks=1)
    assert (resnet.multiple, resnet.minimum) == (4, 8)
    for size, multiple in [((16, 16), 4), ((64, 64), 16), ((64, 96), 16), ((96, 96), 16), ((128, 160), 32)]:
        network = EncoderDecoder(3, 3, size, BatchNorm(), width=1)
        assert (network.multiple, network.minimum) == (multiple, 4 * multiple)


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


# --- what one logit sees ---


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


# --- what they compute: the same weights in formulas without modules ---


def leaky(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.2 * x)


def relu(x: Tensor) -> Tensor:
    return x * (x > 0)


def standardised(x: Tensor, over: tuple[int, ...]) -> Tensor:
    return (x - x.mean(over, keepdim=True)) / (x.var(over, unbiased=False, keepdim=True) + 1e-5).sqrt()


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


@pytest.mark.parametrize("norm", [BatchNorm(), InstanceNorm()], ids=["batch", "instance"])
@pytest.mark.parametrize(
    ("network", "reference"),
    [
        pytest.param(partial(UNet, dropout=0), partial(unet, depth=5), id="unet"),
        pytest.param(partial(ResNetTranslator, blocks=2), partial(resnet_translator, blocks=2), id="resnet"),
        pytest.param(partial(EncoderDecoder, bottleneck=5), partial(encoder_decoder, depth=4), id="encoder_decoder"),
    ],
)
def test_translators_compute_the_papers_formulas(
    network: Callable[..., Translator], reference: Callable[[Weights, Tensor], Tensor], norm: Norm
) -> None:
    translator = lively(network(3, 2, (64, 96), norm, width=3))
    image, direction = draw(2, 3, 64, 96).tanh().requires_grad_(), draw(2, 2, 64, 96, seed=1)
    wanted = [image, *translator.parameters()]
    weights = Weights(translator, norm)
    expected = reference(weights, image)
    assert weights.exhausted()
    output = translator(image)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-10)
    # Gradients would betray an activation that overwrote what another layer still needs.
    ours, theirs = (torch.autograd.grad((x * direction).sum(), wanted) for x in (output, expected))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-10)


def test_unet_with_every_depth_computes_the_same_formula() -> None:
    for depth in (6, 7):
        translator = lively(UNet(1, 1, (2**depth,) * 2, BatchNorm(), width=1, dropout=0))
        image = draw(2, 1, 2**depth, 2**depth)
        expected = unet(Weights(translator, BatchNorm()), image, depth)
        torch.testing.assert_close(translator(image), expected, rtol=0, atol=1e-10)


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


def test_residual_translator_adds_twice_the_change_within_the_range() -> None:
    norm = InstanceNorm()
    translator = ResidualTranslator(3, 3, partial(ResNetTranslator, size=(16, 24), norm=norm, width=2, blocks=1))
    assert (translator.multiple, translator.minimum) == (4, 8)
    lively(translator)
    image = draw(2, 3, 16, 24).tanh()
    changed = image + 2 * resnet_translator(Weights(translator, norm), image, blocks=1)
    expected = torch.where(changed.abs() > 1, changed.sign(), changed)
    output = translator(image)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-10)
    assert output.min() == -1
    assert output.max() == 1


def test_residual_translator_without_a_change_gives_the_picture_back_exactly() -> None:
    translator = ResidualTranslator(3, 3, partial(UNet, size=(32, 32), norm=BatchNorm(), width=2))
    for parameter in convolutions(translator)[-1].parameters():
        nn.init.zeros_(parameter)
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    image[:, :, :2] = torch.tensor([-1.0, 1.0])[:, None]
    assert torch.equal(translator(image), image)


# --- training ---

DISCRIMINATORS = [partial(PatchGAN, size=(32, 32)), PixelGAN]


def every_network(norm: Norm, width: int) -> list[nn.Module]:
    translators = [build(3, 3, (64, 96), norm, width=width) for build in TRANSLATORS]
    return translators + [build(3, norm=norm, width=width) for build in DISCRIMINATORS]


@every_norm
def test_weights_start_normal_gains_around_one_and_biases_at_zero(norm: Norm) -> None:
    torch.manual_seed(0)
    for network in every_network(norm, width=8):
        for layer in convolutions(network):
            wrapped = is_parametrized(layer, "weight")
            assert wrapped == isinstance(norm, SpectralNorm)
            drawn = layer.parametrizations.weight.original if wrapped else layer.weight
            error = 0.02 / sqrt(drawn.numel())  # of the mean; four of them are as good as never exceeded
            assert drawn.mean().item() == pytest.approx(0, abs=4 * error)
            assert drawn.std().item() == pytest.approx(0.02, abs=4 * error / sqrt(2))
            assert layer.bias is None or (layer.bias == 0).all()
        norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d | nn.GroupNorm)]
        assert bool(norms) == norm.affine
        assert all((m.bias == 0).all() for m in norms)
        if isinstance(norm, LayerNorm):
            assert all((m.weight == 1).all() for m in norms)
        elif norms:
            gains = torch.cat([m.weight.detach() for m in norms])
            error = 0.02 / sqrt(gains.numel())
            assert gains.mean().item() == pytest.approx(1, abs=4 * error)
            assert gains.std().item() == pytest.approx(0.02, abs=4 * error / sqrt(2))


@every_norm
def test_every_parameter_learns_under_every_norm(norm: Norm) -> None:
    torch.manual_seed(0)
    *translators, patch, pixel = every_network(norm, width=2)
    image = draw(2, 3, 64, 96).float().tanh()
    for network in translators:
        network(image).square().sum().backward()
    for network in (patch, pixel):
        network(image, LABEL).logits.square().sum().backward()
    for network in (*translators, patch, pixel):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
            if parameter.ndim == 4:
                assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize(
    "norm", [norm for norm in NORMS if not isinstance(norm, BatchNorm)], ids=lambda norm: type(norm).__name__
)
@pytest.mark.parametrize("build", DISCRIMINATORS, ids=["patch", "pixel"])
def test_a_gradient_penalty_has_the_gradient_that_differences_measure(
    build: Callable[..., Discriminator], norm: Norm
) -> None:
    # In evaluation, where spectral norm's power iteration stands still between the calls.
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


# --- refusals ---


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (
            lambda: UNet(3, 3, (100, 100), BatchNorm()),
            "dataset.resolution=100: a U-Net takes heights and widths that are multiples of 32, at least 32; "
            "the nearest are 96 and 128",
        ),
        (
            lambda: UNet(3, 3, (16, 16), BatchNorm()),
            "dataset.resolution=16: a U-Net takes heights and widths that are multiples of 32, at least 32; "
            "the nearest is 32",
        ),
        (
            lambda: UNet(3, 3, (64, 100), BatchNorm()),
            "dataset.resolution=[64,100]: a U-Net takes heights and widths that are multiples of 32, at least 32; "
            "the nearest are [64,96] and [64,128]",
        ),
        (
            lambda: ResNetTranslator(3, 3, (30, 30), InstanceNorm()),
            "dataset.resolution=30: a ResNet translator takes heights and widths that are multiples of 4, at least 8; "
            "the nearest are 28 and 32",
        ),
        (
            lambda: ResNetTranslator(3, 3, (4, 64), InstanceNorm()),
            "dataset.resolution=[4,64]: a ResNet translator takes heights and widths that are multiples of 4, at "
            "least 8; the nearest is [8,64]",
        ),
        (
            lambda: EncoderDecoder(3, 3, (100, 100), BatchNorm()),
            "dataset.resolution=100: an encoder-decoder that halves 4 times takes heights and widths that are "
            "multiples of 16, at least 16; the nearest are 96 and 112",
        ),
        (
            lambda: EncoderDecoder(3, 3, (8, 8), BatchNorm()),
            "dataset.resolution=8: an encoder-decoder that halves 2 times takes heights and widths that are multiples "
            "of 4, at least 16; the nearest is 16",
        ),
        (
            lambda: EncoderDecoder(3, 3, (64, 64), InstanceNorm()),
            "InstanceNorm standardises each channel over the pixels of one image, but the bottleneck of an "
            "encoder-decoder has 1; use network.translator.norm._target_=gan_lightning.networks.BatchNorm "
            "(or LayerNorm, SpectralNorm, NoNorm)",
        ),
        (
            lambda: ResidualTranslator(3, 1, partial(UNet, size=(32, 32), norm=BatchNorm())),
            "network.translator: a residual translator adds to its source, but source and output have 3 and 1 "
            "channels; give both domains as many, or use network=translator",
        ),
        (
            lambda: PatchGAN(3, (64, 23), InstanceNorm()),
            "dataset.resolution=[64,23]: a PatchGAN with network.discriminator.layers=3 takes heights and widths "
            "from 24; every layer less halves that",
        ),
        (
            lambda: PatchGAN(3, (5, 5), InstanceNorm(), layers=1),
            "dataset.resolution=5: a PatchGAN with network.discriminator.layers=1 takes heights and widths from 6; "
            "every layer less halves that",
        ),
        (
            lambda: PatchGAN(3, (64, 64), InstanceNorm(), layers=0),
            "network.discriminator.layers=0: a whole number from 1 to 1024",
        ),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(build: Callable[[], nn.Module], sentence: str) -> None:
    with pytest.raises(SettingError) as refusal:
        build()
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("resolution", [1, 7, 9, 15, 17, 31, 33, 46, 63, 65, 100, 127, 129, 255])
def test_the_nearest_sizes_that_a_refusal_names_are_taken(resolution: int) -> None:
    with torch.device("meta"):
        for network in TRANSLATORS:
            try:
                network(3, 3, (resolution, resolution), BatchNorm(), width=1)
            except SettingError as refusal:
                named = [int(side) for side in str(refusal).split("nearest")[1].split() if side.isdigit()]
                assert named
                for nearest in named:
                    network(3, 3, (nearest, nearest), BatchNorm(), width=1)


# --- configurations ---


def configured(network: str, critic_norm: str) -> DictConfig:
    config = DictConfig({"spec": {"height": 64, "width": 64}})
    for group, option in (("network", network), ("critic_norm", critic_norm)):
        config[group] = OmegaConf.load(f"{CONF}/{group}/{option}.yaml")
    return config


@pytest.mark.parametrize(
    ("network", "critic_norm", "translator", "norm", "discriminator"),
    [
        ("unet", "batch", UNet, nn.BatchNorm2d, PatchGAN),
        ("translator", "instance", ResNetTranslator, nn.InstanceNorm2d, PatchGAN),
        ("discogan", "batch", EncoderDecoder, nn.BatchNorm2d, DCGANDiscriminator),
    ],
)
def test_configurations_build_networks_for_the_channels_of_the_data(
    network: str, critic_norm: str, translator: type, norm: type[nn.Module], discriminator: type
) -> None:
    config = configured(network, critic_norm)
    assert config.network.width == 32
    config.network.width = 3
    build_translator = instantiate(config.network.translator)
    built, judge = build_translator(1, 3), instantiate(config.network.discriminator)(4)
    assert isinstance(built, translator)
    assert isinstance(judge, discriminator)
    for part in (built, judge):
        assert any(isinstance(module, norm) for module in part.modules())
        assert convolutions(part)[0].out_channels == 3
    output = built(torch.zeros(2, 1, 64, 64))
    assert output.shape == (2, 3, 64, 64)
    assert judge(torch.zeros(2, 4, 64, 64), LABEL).score.shape == (2,)
    another = build_translator(3, 1)
    assert another(output).shape == (2, 1, 64, 64)
    assert not {id(p) for p in another.parameters()} & {id(p) for p in built.parameters()}


def test_residual_configuration_changes_nothing_else() -> None:
    residual, plain = (configured(name, "instance").network for name in ("residual_translator", "translator"))
    assert residual.translator.pop("_target_").endswith(".ResidualTranslator")
    assert residual.translator.pop("_partial_")
    assert residual.translator.pop("planes") == 0
    assert residual == {**plain, "translator": {"change": plain.translator}}
    translator = instantiate(configured("residual_translator", "instance").network.translator)(3, 3)
    assert translator(torch.zeros(1, 3, 64, 64)).shape == (1, 3, 64, 64)


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
