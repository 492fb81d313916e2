"""Whole networks, built from their configurations: shapes, sizes, initialisation, and who hears the label."""

from functools import partial
from math import log2, sqrt

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    AutoencoderDiscriminator,
    BatchNorm,
    ConditionalBatchNorm,
    DCGANDiscriminator,
    DCGANGenerator,
    Discriminator,
    Generator,
    GeneratorBatchNorm,
    GlobalMeanPool,
    GlobalSumPool,
    ImageAndCondition,
    ImageOnly,
    InstanceNorm,
    LinearHead,
    MLPDiscriminator,
    MLPGenerator,
    NoGeneratorNorm,
    NoiseOnly,
    NoNorm,
    OneHot,
    ResNetDiscriminator,
    ResNetGenerator,
)
from gan_lightning.networks.layers.embedding import Embedding

Weighted = nn.Conv2d | nn.ConvTranspose2d | nn.Linear

NETWORKS = ["dcgan", "mlp", "resnet"]
EVERY = [*NETWORKS, "autoencoder"]
CONDITIONINGS = ["none", "concat", "projection", "generator"]
CRITIC_NORMS = ["none", "batch", "layer", "spectral"]
MINIBATCH = ["discrimination", "standard_deviation"]


def build(
    network: str,
    conditioning: str = "none",
    critic_norm: str = "none",
    channels: int = 3,
    resolution: int = 16,
    width: int = 4,
    minibatch: str = "none",
) -> tuple[Generator, Discriminator]:
    """Both networks as a run would build them; the data have three classes."""
    spec = {"channels": channels, "height": resolution, "width": resolution, "num_classes": 3}
    config = DictConfig({"spec": spec, "dataset": {"batch_size": 8}})
    chosen = {"network": network, "conditioning": conditioning, "critic_norm": critic_norm, "minibatch": minibatch}
    for group, option in chosen.items():
        config[group] = OmegaConf.load(f"{CONF}/{group}/{option}.yaml")
    config.network.width = width
    if network == "mlp":
        config.network.generator.hidden = config.network.discriminator.hidden = [2 * width, width]
    torch.manual_seed(0)
    return instantiate(config.network.generator), instantiate(config.network.discriminator)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("resolution", [16, 32, 64, 128])
@pytest.mark.parametrize("network", EVERY)
def test_shapes_and_ranges(network: str, resolution: int, channels: int) -> None:
    generator, discriminator = build(network, channels=channels, resolution=resolution)
    with torch.no_grad():
        generator.to_image.weight.mul_(1e5)  # a fresh network's images would keep the range without any tanh
    label = torch.zeros(2, dtype=torch.long)
    image = generator(draw(2, generator.latent_dim), label)
    assert image.shape == (2, channels, resolution, resolution)
    assert 0.99 < image.abs().max() <= 1
    assert image.min() < 0 < image.max()
    verdict = discriminator(image, label)
    assert verdict.logits.shape == (2, 1)
    assert verdict.features.shape == (2, discriminator.feature_dim)
    assert torch.equal(verdict.score, verdict.logits[:, 0])


def test_the_score_of_a_patch_map_is_its_mean() -> None:
    logits = draw(2, 1, 3, 3)
    score = Verdict(logits, features=draw(2, 4)).score
    np.testing.assert_allclose(score, logits.numpy().reshape(2, 9).mean(1), rtol=1e-5)


@pytest.mark.parametrize("critic_norm", CRITIC_NORMS)
@pytest.mark.parametrize("conditioning", CONDITIONINGS)
@pytest.mark.parametrize("network", EVERY)
def test_every_parameter_of_any_combination_learns(network: str, conditioning: str, critic_norm: str) -> None:
    generator, discriminator = build(network, conditioning, critic_norm)
    label = torch.tensor([0, 1, 2])
    discriminator(generator(draw(3, generator.latent_dim), label), label).logits.sum().backward()
    for name, parameter in (*generator.named_parameters(), *discriminator.named_parameters()):
        assert parameter.grad is not None, name


@pytest.mark.parametrize(
    ("conditioning", "generator_listens", "discriminator_listens"),
    [("none", False, False), ("concat", True, True), ("projection", True, True), ("generator", True, False)],
)
@pytest.mark.parametrize("network", EVERY)
def test_who_hears_the_label(
    network: str, conditioning: str, generator_listens: bool, discriminator_listens: bool
) -> None:
    # In evaluation, because batch statistics may cancel what all images of a batch have in common.
    generator, discriminator = (n.eval() for n in build(network, conditioning))
    for module in (*generator.modules(), *discriminator.modules()):
        if isinstance(module, Embedding):
            nn.init.normal_(module.weight)  # conditional batch norm starts the same for every class
    z, image = draw(3, generator.latent_dim), draw(3, 3, 16, 16).tanh()
    here, there = torch.tensor([0, 0, 0]), torch.tensor([0, 1, 2])

    changed = (generator(z, here) != generator(z, there)).flatten(1).any(1)
    assert changed.tolist() == [False, generator_listens, generator_listens]
    changed = (discriminator(image, here).logits != discriminator(image, there).logits).flatten()
    discriminator_listens &= (network, conditioning) != ("autoencoder", "projection")  # it has no head; runs refuse it
    assert changed.tolist() == [False, discriminator_listens, discriminator_listens]


@pytest.mark.parametrize(("critic_norm", "depends"), [("none", False), ("layer", False), ("batch", True)])
@pytest.mark.parametrize("network", EVERY)
def test_only_batch_norm_lets_a_score_depend_on_the_rest_of_the_batch(
    network: str, critic_norm: str, depends: bool
) -> None:
    _, critic = build(network, critic_norm=critic_norm)
    label = torch.zeros(4, dtype=torch.long)
    image, company = draw(1, 3, 16, 16, seed=1).tanh(), draw(3, 3, 16, 16, seed=2).tanh()
    scores = [critic(torch.cat([image, rest]), label).score[0].item() for rest in (company, company.abs())]
    assert (scores[0] != pytest.approx(scores[1], rel=1e-3, abs=1e-6)) == depends


@pytest.mark.parametrize("conditioning", ["none", "projection"])
@pytest.mark.parametrize("minibatch", MINIBATCH)
@pytest.mark.parametrize("network", NETWORKS)
def test_minibatch_layers_couple_the_batch_behind_the_features(network: str, minibatch: str, conditioning: str) -> None:
    _, plain = build(network, conditioning)
    _, critic = build(network, conditioning, minibatch=minibatch)
    label = torch.zeros(8, dtype=torch.long)
    image, company = draw(1, 3, 16, 16, seed=1).tanh(), draw(7, 3, 16, 16, seed=2).tanh()
    with torch.no_grad():
        for linear in (m for m in critic.head.modules() if isinstance(m, nn.Linear)):
            linear.weight.mul_(10)  # DCGAN's small ones would hide the difference
        varied, uniform = critic(torch.cat([image, company]), label), critic(image.repeat(8, 1, 1, 1), label)
    assert varied.logits[0].item() != pytest.approx(uniform.logits[0].item(), rel=1e-3, abs=1e-6)
    torch.testing.assert_close(varied.features[0], uniform.features[0])
    assert varied.features.shape == (8, critic.feature_dim)
    assert critic.feature_dim == plain.feature_dim
    numbers, kernels = {"discrimination": (16, 16 * 5 * critic.feature_dim), "standard_deviation": (1, 0)}[minibatch]
    per_number = {"none": 1, "projection": 1 + 3}[conditioning]  # of the linear unit, and of each class
    assert count(critic) - count(plain) == kernels + numbers * per_number


@pytest.mark.parametrize("network", ["dcgan", "resnet", "autoencoder"])
def test_instance_norm_serves_critics_that_have_maps(network: str) -> None:
    _, critic = build(network, critic_norm="instance")
    verdict = critic(draw(2, 3, 16, 16), torch.zeros(2, dtype=torch.long))
    assert verdict.logits.isfinite().all()


def test_instance_norm_is_refused_by_a_critic_of_vectors() -> None:
    with pytest.raises(SettingError, match=r"InstanceNorm .*\(network=mlp\) has 1; use critic_norm=layer, "):
        MLPDiscriminator(3, 16, InstanceNorm(), image=ImageOnly, head=LinearHead)


@pytest.mark.parametrize("conditioning", ["none", "projection"])
@pytest.mark.parametrize("network", NETWORKS)
def test_spectral_norm_brings_every_weight_of_the_critic_to_norm_one(network: str, conditioning: str) -> None:
    _, critic = build(network, conditioning, "spectral", minibatch="discrimination")
    layers = [m for m in critic.modules() if isinstance(m, nn.Conv2d | nn.Linear | Embedding)]
    for _ in range(150):
        critic(draw(2, 3, 16, 16), torch.zeros(2, dtype=torch.long))
    critic.eval()
    largest = [np.linalg.svd(m.weight.detach().flatten(1).numpy(), compute_uv=False)[0] for m in layers]
    np.testing.assert_allclose(largest, 1, atol=1e-3)


JUDGE = partial(DCGANDiscriminator, norm=NoNorm(), image=ImageOnly, head=LinearHead)
SQUARE = [
    partial(DCGANGenerator, latent=NoiseOnly, norm=GeneratorBatchNorm),
    partial(ResNetGenerator, latent=NoiseOnly, norm=GeneratorBatchNorm),
    partial(ResNetDiscriminator, norm=NoNorm(), image=ImageOnly, head=LinearHead, pool=GlobalMeanPool()),
]


@pytest.mark.parametrize("resolution", [8, 48])
@pytest.mark.parametrize("network", SQUARE, ids=lambda network: network.func.__name__)
def test_a_resolution_that_does_not_fit_is_refused(network: partial, resolution: int) -> None:
    with pytest.raises(SettingError, match=rf"dataset\.resolution={resolution}:"):
        network(3, resolution)


@pytest.mark.parametrize(
    ("size", "expected"), [((32, 64), (4, 8)), ((64, 32), (8, 4)), ((48, 48), (6, 6)), ((16, 20), (4, 5))], ids=str
)
def test_dcgans_discriminator_halves_the_shorter_side_down_to_four(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    discriminator = JUDGE(3, size, width=2)
    image, label = draw(2, 3, *size), torch.zeros(2, dtype=torch.long)
    last = discriminator.layers(image)
    assert last.shape[2:] == expected
    verdict = discriminator(image, label)
    assert verdict.logits.shape == (2, 1)
    assert verdict.features.shape == (2, discriminator.feature_dim) == (2, last[0].numel())


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (
            (32, 66),
            "dataset.resolution=[32,66]: a DCGAN discriminator that halves 3 times takes heights and widths that are "
            "multiples of 8, at least 16; the nearest are [32,64] and [32,72]",
        ),
        (
            (8, 8),
            "dataset.resolution=8: a DCGAN discriminator that halves 2 times takes heights and widths that are "
            "multiples of 4, at least 16; the nearest is 16",
        ),
    ],
    ids=str,
)
def test_a_size_that_dcgans_discriminator_cannot_halve_is_refused(size: tuple[int, int], sentence: str) -> None:
    with pytest.raises(SettingError) as refusal:
        JUDGE(3, size)
    assert str(refusal.value) == sentence


def test_dcgan_has_the_size_of_the_authors_networks() -> None:
    generator, discriminator = build("dcgan", critic_norm="batch", resolution=64, width=64)
    hidden = [(512, 256), (256, 128), (128, 64)]
    of_generator = 100 * 512 * 16 + 2 * 512 + sum(a * b * 16 + 2 * b for a, b in hidden) + 64 * 3 * 16
    of_discriminator = 3 * 64 * 16 + sum(a * b * 16 + 2 * a for a, b in hidden) + 512 * 16
    # The sizes of the PyTorch port, which has no bias anywhere. Here layers without a norm have one.
    assert (of_generator, of_discriminator) == (3_576_704, 2_765_568)
    assert count(generator) == of_generator + 3
    assert count(discriminator) == of_discriminator + 64 + 1


@pytest.mark.parametrize("critic_norm", [*CRITIC_NORMS, "instance"])
@pytest.mark.parametrize("network", EVERY)
def test_a_critics_layer_has_a_bias_unless_a_shift_of_the_norm_follows(network: str, critic_norm: str) -> None:
    if (network, critic_norm) == ("mlp", "instance"):
        return  # refused, by another test
    _, critic = build(network, critic_norm=critic_norm, resolution=32)
    shifted = critic_norm in ("batch", "layer")
    layers = {name: m for name, m in critic.named_modules() if isinstance(m, Weighted)}
    # What a norm follows: hidden layers of plain networks but the first one, the first convolution of a residual block.
    if network == "resnet":
        followed = {name for name in layers if name.endswith("conv1") and name != "blocks.0.conv1"}
    else:
        followed = set(list(layers)[1:-1])
    assert followed
    for name, layer in layers.items():
        assert (layer.bias is None) == (shifted and name in followed), name


@pytest.mark.parametrize("norm", [GeneratorBatchNorm, NoGeneratorNorm, ConditionalBatchNorm])
@pytest.mark.parametrize("build_generator", [DCGANGenerator, MLPGenerator])
def test_a_generators_hidden_layer_has_a_bias_unless_its_norm_brings_one(build_generator: type, norm) -> None:
    generator = build_generator(3, 32, latent=NoiseOnly, norm=norm, embedder=OneHot(3))
    assert [layer.bias is None for layer in generator.layers] == [norm is not NoGeneratorNorm] * len(generator.layers)
    assert generator.to_image.bias is not None


def test_the_last_norm_of_a_resnet_never_hears_the_label() -> None:
    conditional, _ = build("resnet", conditioning="projection", resolution=32)
    assert isinstance(conditional.norm, GeneratorBatchNorm)
    assert isinstance(conditional.blocks[0].norm1, ConditionalBatchNorm)


def test_resnet_has_the_size_of_wgan_gps_networks() -> None:
    generator, critic = build("resnet", resolution=32, width=128)
    conv3, conv1, norm = 128 * 128 * 9 + 128, 128 * 128 + 128, 2 * 128
    up, down, plain = 2 * (norm + conv3) + conv1, 2 * conv3 + conv1, 2 * conv3
    first = (3 * 128 * 9 + 128) + conv3 + (3 * 128 + 128)
    assert count(generator) == (128 * 2048 + 2048) + 3 * up + norm + (128 * 3 * 9 + 3)
    assert count(critic) == first + down + 2 * plain + (128 + 1)


@pytest.mark.parametrize("resolution", [16, 32, 64, 128])
def test_networks_grow_by_one_layer_per_doubling(resolution: int) -> None:
    doublings = int(log2(resolution // 4))
    dcgan_generator, dcgan_discriminator = build("dcgan", resolution=resolution)
    strided = [m for m in dcgan_discriminator.modules() if isinstance(m, nn.Conv2d)]
    assert [m.out_channels for m in strided] == [4 * 2**i for i in range(doublings)]
    assert [m.out_channels for m in dcgan_generator.layers] == [4 * 2**i for i in reversed(range(doublings))]
    resnet_generator, _ = build("resnet", resolution=resolution)
    assert len(resnet_generator.blocks) == doublings


@pytest.mark.parametrize("critic_norm", ["batch", "spectral"])
@pytest.mark.parametrize("network", ["dcgan", "autoencoder"])
def test_dcgan_starts_from_normal_weights(network: str, critic_norm: str) -> None:
    generator, discriminator = build(network, critic_norm=critic_norm, resolution=32, width=32)
    gains = []
    for name, p in (*generator.named_parameters(), *discriminator.named_parameters()):
        if name.startswith("head") and critic_norm == "spectral":
            continue  # wrapped before DCGAN sees it, and its scale is divided away
        if p.ndim > 1:
            error = 0.02 / sqrt(p.numel())  # of the mean; four of them are as good as never exceeded
            assert p.mean().item() == pytest.approx(0, abs=4 * error), name
            assert p.std().item() == pytest.approx(0.02, abs=4 * error / sqrt(2)), name
        elif name.endswith("weight"):
            gains.append(p.detach())
        else:
            assert (p == 0).all(), name
    values = torch.cat(gains)
    error = 0.02 / sqrt(values.numel())
    assert values.mean().item() == pytest.approx(1, abs=4 * error)
    assert values.std().item() == pytest.approx(0.02, abs=4 * error / sqrt(2))


def test_resnet_starts_from_he_weights_but_plain_ones_in_shortcut_and_output() -> None:
    generator, critic = build("resnet", width=32)
    layers = {**dict(generator.named_modules()), **dict(critic.blocks.named_modules())}
    layers = {name: m for name, m in layers.items() if isinstance(m, nn.Conv2d) or name == "to_map"}
    assert len(layers) == 1 + 2 * 3 + 1 + 3 + 2 * 2
    for name, layer in layers.items():
        gain = sqrt(2) if name.endswith(("conv1", "conv2")) else 1
        area = layer.weight[0, 0].numel()
        variance = gain**2 * 2 / (area * sum(layer.weight.shape[:2]))
        bound = sqrt(3 * variance)  # of the uniform distribution with this variance
        # Within four standard errors; a uniform variable's square varies by 2 / sqrt(5) of its mean.
        tolerance = 4 * 2 / sqrt(5) / sqrt(layer.weight.numel())
        assert layer.weight.square().mean().item() == pytest.approx(variance, rel=tolerance), name
        assert 0.95 * bound < layer.weight.abs().max() <= bound, name
        assert (layer.bias == 0).all(), name


def up(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def down(x: Tensor) -> Tensor:
    return (x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]) / 4


def standardised(x: Tensor, over: tuple[int, ...]) -> Tensor:
    return (x - x.mean(over, keepdim=True)) / (x.var(over, unbiased=False, keepdim=True) + 1e-5).sqrt()


def batch_norm(x: Tensor) -> Tensor:
    return standardised(x, (0, 2, 3))


def layer_norm(x: Tensor) -> Tensor:
    return standardised(x, (1, 2, 3))


def relu(x: Tensor) -> Tensor:
    return x * (x > 0)


def leaky(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.2 * x)


def test_resnets_blocks_compute_the_papers_in_the_papers_order() -> None:
    generator, critic = build("resnet", critic_norm="layer", resolution=32)
    for layer in (*generator.modules(), *critic.modules()):
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            nn.init.normal_(layer.bias)
    x, image = draw(3, 4, 8, 8), draw(3, 3, 8, 8)

    block = generator.blocks[0]
    residual = block.conv2(relu(batch_norm(block.conv1(up(relu(batch_norm(x)))))))
    torch.testing.assert_close(block(x, torch.zeros(3)), block.shortcut(up(x)) + residual, rtol=1e-4, atol=1e-5)

    first, downwards, plain = critic.blocks[:3]
    expected = first.shortcut(down(image)) + down(first.conv2(relu(first.conv1(image))))
    torch.testing.assert_close(first(image), expected, rtol=1e-4, atol=1e-5)
    inner = downwards.block
    residual = inner.conv2(relu(layer_norm(inner.conv1(relu(layer_norm(x))))))
    torch.testing.assert_close(downwards(x), down(downwards.shortcut(x) + residual), rtol=1e-4, atol=1e-5)
    residual = plain.conv2(relu(layer_norm(plain.conv1(relu(layer_norm(x))))))
    torch.testing.assert_close(plain(x), x + residual, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("network", ["dcgan", "mlp"])
def test_plain_networks_normalise_all_but_the_outer_layers(network: str) -> None:
    generator, discriminator = build(network, critic_norm="batch", resolution=32)
    for layer in (*generator.modules(), *discriminator.modules()):
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)
    label = torch.zeros(3, dtype=torch.long)

    z = x = draw(3, generator.latent_dim)
    for layer in generator.layers:
        x = layer(x[:, :, None, None] if network == "dcgan" and layer is generator.layers[0] else x)
        x = relu(batch_norm(x.view(*x.shape[:2], -1, 1))).view_as(x)
    expected = torch.tanh(generator.to_image(x)).view(3, 3, 32, 32)
    torch.testing.assert_close(generator(z, label), expected, rtol=1e-4, atol=1e-5)

    image = draw(3, 3, 32, 32).tanh()
    first, *others = (m for m in discriminator.layers if isinstance(m, nn.Conv2d | nn.Linear))
    x = leaky(first(image if network == "dcgan" else image.flatten(1)))
    for layer in others:
        x = layer(x)
        x = leaky(batch_norm(x.view(*x.shape[:2], -1, 1))).view_as(x)
    verdict = discriminator(image, label)
    torch.testing.assert_close(verdict.features, x.flatten(1), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(verdict.logits, discriminator.head.linear(x.flatten(1)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("size", "code"), [((16, 20), (4, 5)), ((64, 32), (8, 4))], ids=str)
@pytest.mark.parametrize("image_input", [ImageOnly, ImageAndCondition], ids=["image", "label"])
def test_an_autoencoders_logit_is_minus_the_mean_squared_error_of_the_picture(size, code, image_input) -> None:
    critic = AutoencoderDiscriminator(3, size, BatchNorm(), image=image_input, width=2, embedder=OneHot(3))
    image, label = draw(2, 3, *size).tanh(), torch.tensor([0, 2])
    first = critic.encoder(critic.image(image, critic.embedder(label)))
    assert first.shape[2:] == code
    verdict = critic(image, label)
    assert torch.equal(verdict.features, first.flatten(1))
    assert verdict.features.shape == (2, critic.feature_dim)
    made = critic.decoder(first).detach().numpy()
    assert made.shape == image.shape
    expected = -((made - image.numpy()) ** 2).reshape(2, -1).mean(1, keepdims=True)
    np.testing.assert_allclose(verdict.logits.detach(), expected, rtol=1e-5)


def test_an_autoencoder_is_as_wide_backwards_and_normalises_all_but_the_outer_layers() -> None:
    _, critic = build("autoencoder", critic_norm="batch", resolution=32)
    for layer in critic.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)
    image = draw(3, 3, 32, 32).tanh()
    first, *others = (m for m in critic.encoder if isinstance(m, nn.Conv2d))
    *backwards, last = (m for m in critic.decoder if isinstance(m, nn.ConvTranspose2d))
    assert [m.out_channels for m in (first, *others, *backwards, last)] == [4, 8, 16, 8, 4, 3]
    x = leaky(first(image))
    for layer in others:
        x = leaky(batch_norm(layer(x)))
    for layer in backwards:
        x = relu(batch_norm(layer(x)))
    energy = (torch.tanh(last(x)) - image).square().mean((1, 2, 3))
    torch.testing.assert_close(critic(image, torch.zeros(3)).score, -energy, rtol=1e-4, atol=1e-6)


def test_a_size_that_an_autoencoder_cannot_halve_is_refused() -> None:
    with pytest.raises(SettingError, match=r"dataset\.resolution=\[32,66\]: an autoencoder that halves 3 times"):
        AutoencoderDiscriminator(3, (32, 66), NoNorm(), image=ImageOnly)


def test_poolings_are_mean_and_sum_over_the_pixels() -> None:
    x = draw(2, 3, 4, 4)
    np.testing.assert_allclose(GlobalMeanPool()(x), x.numpy().reshape(2, 3, 16).mean(2), rtol=1e-4)
    np.testing.assert_allclose(GlobalSumPool()(x), x.numpy().reshape(2, 3, 16).sum(2), rtol=1e-4)


def test_spectral_norm_holds_before_the_first_training_pass() -> None:
    """Initialisation must not redraw a weight whose singular vectors were already estimated."""
    for network in ("dcgan", "resnet", "autoencoder"):
        _, critic = build(network, critic_norm="spectral", resolution=32, width=16)
        critic.eval()
        for module in critic.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                weight = module.weight.detach().flatten(1).numpy()
                assert np.linalg.svd(weight, compute_uv=False)[0] < 1.1
