"""What holds for all networks of image-to-image translation: sizes, formulas, starts, gradients and refusals."""

from collections.abc import Callable
from functools import partial
from math import sqrt

import pytest
import torch
from configured import configured
from hydra.utils import instantiate
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized
from translation_formulas import (
    DISCRIMINATORS,
    LABEL,
    Weights,
    convolutions,
    draw,
    encoder_decoder,
    every_norm,
    layers_of,
    lively,
    resnet_translator,
    unet,
)

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    BatchNorm,
    DCGANDiscriminator,
    EncoderDecoder,
    InstanceNorm,
    LayerNorm,
    Norm,
    PatchGAN,
    ResidualTranslator,
    ResNetTranslator,
    SpectralNorm,
    Translator,
    UNet,
)

TRANSLATORS = [UNet, partial(ResNetTranslator, blocks=1), EncoderDecoder]
every_translator = pytest.mark.parametrize("network", TRANSLATORS, ids=["unet", "resnet", "encoder_decoder"])


# --- sizes: what the authors' networks consist of ---


@every_norm
@pytest.mark.parametrize("build", [UNet, ResNetTranslator, EncoderDecoder], ids=lambda build: build.__name__)
def test_translators_have_biases_where_no_shift_follows(build: type, norm: Norm) -> None:
    biased = [layer[-1] for layer in layers_of(build(3, 3, (64, 96), norm, width=2))]
    assert biased[:-1] == [not norm.affine] * (len(biased) - 1)
    assert biased[-1] == (not norm.affine if build is EncoderDecoder else True)


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


def test_sizes_that_resnet_translator_and_encoder_decoder_promise() -> None:
    resnet = ResNetTranslator(3, 3, (64, 64), BatchNorm(), width=1, blocks=1)
    assert (resnet.multiple, resnet.minimum) == (4, 8)
    for size, multiple in [((16, 16), 4), ((64, 64), 16), ((64, 96), 16), ((96, 96), 16), ((128, 160), 32)]:
        network = EncoderDecoder(3, 3, size, BatchNorm(), width=1)
        assert (network.multiple, network.minimum) == (multiple, 4 * multiple)


# --- what they compute: the same weights in formulas without modules ---


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


# --- training ---


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
