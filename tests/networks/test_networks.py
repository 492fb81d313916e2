"""What holds for networks of every option: shapes, ranges, norms, biases, and which of them use the label."""

from functools import partial
from math import log2

import numpy as np
import pytest
import torch
from configured import build
from formulas import batch_norm, count, draw, leaky, relu
from torch import nn

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    ConditionalBatchNorm,
    DCGANGenerator,
    GeneratorBatchNorm,
    GlobalMeanPool,
    ImageOnly,
    LinearHead,
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


@pytest.mark.parametrize("resolution", [16, 32, 64, 128])
def test_networks_grow_by_one_layer_per_doubling(resolution: int) -> None:
    doublings = int(log2(resolution // 4))
    dcgan_generator, dcgan_discriminator = build("dcgan", resolution=resolution)
    strided = [m for m in dcgan_discriminator.modules() if isinstance(m, nn.Conv2d)]
    assert [m.out_channels for m in strided] == [4 * 2**i for i in range(doublings)]
    assert [m.out_channels for m in dcgan_generator.layers] == [4 * 2**i for i in reversed(range(doublings))]
    resnet_generator, _ = build("resnet", resolution=resolution)
    assert len(resnet_generator.blocks) == doublings


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


def test_spectral_norm_holds_before_the_first_training_pass() -> None:
    """Initialisation must not redraw a weight whose singular vectors were already estimated."""
    for network in ("dcgan", "resnet", "autoencoder"):
        _, critic = build(network, critic_norm="spectral", resolution=32, width=16)
        critic.eval()
        for module in critic.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                weight = module.weight.detach().flatten(1).numpy()
                assert np.linalg.svd(weight, compute_uv=False)[0] < 1.1
