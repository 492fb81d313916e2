"""SNGAN, SAGAN, BigGAN and BigGAN-deep: sizes as published, and what reaches what."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.losses import OrthogonalRegularisation
from gan_lightning.networks import BigGANGenerator, NoNorm, SNGANGenerator
from gan_lightning.networks.biggan_deep import BottleneckDown, BottleneckUp
from gan_lightning.networks.layers.conditioning import GeneratorBatchNorm, LinearBatchNorm
from gan_lightning.networks.layers.embedding import Embedding, OneHot, SharedEmbedding
from gan_lightning.networks.layers.residual import DownBlock, FirstBlock, PlainBlock, UpBlock
from gan_lightning.networks.layers.weighted import Layers

Build = Callable[..., tuple[Any, Any]]


@pytest.fixture(scope="module")
def build() -> Iterator[Build]:
    """`build("model=biggan", side=16, classes=3)`: both networks of a recipe, for pictures of three channels."""
    with initialize_config_dir(CONF, version_base="1.3"):

        def make(*overrides: str, side: int = 16, classes: int = 3, channels: int = 3) -> tuple[Any, Any]:
            config = compose("train", [*overrides, "run_dir=unused"])
            config.spec = {"channels": channels, "height": side, "width": side, "num_classes": classes}
            torch.manual_seed(0)
            return instantiate(config.network.generator), instantiate(config.network.discriminator)

        yield make


SMALL = "network.width=2"
RECIPES = ["model=sngan", "model=sagan", "model=biggan", "model=biggan_deep"]


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


# --- published sizes ---

CIFAR10 = {"side": 32, "classes": 10}
IMAGENET = {"side": 128, "classes": 1000}
PUBLISHED: dict[str, tuple[list[str], dict[str, int], tuple[int, int]]] = {
    "sngan": (["experiment=sngan_cifar10"], CIFAR10, (4_276_739, 1_053_824)),
    "projection": (["experiment=sngan_cifar10", "conditioning=projection"], CIFAR10, (4_304_387, 1_055_104)),
    "sagan": (["experiment=sagan_imagenet128"], IMAGENET, (42_079_300, 39_463_842)),
    # As BigGAN's author has it: attention at 64 pixels, without biases.
    "sagan, BigGAN-PyTorch": (
        ["experiment=sagan_imagenet128", "network.attention.side=64", "network.attention.bias=false"],
        IMAGENET,
        (42_017_412, 39_448_258),
    ),
    "biggan": (["experiment=biggan_imagenet128"], IMAGENET, (70_433_988, 87_982_370)),
    "biggan, CIFAR-10": (["experiment=biggan_cifar10"], CIFAR10, (4_304_387, 4_207_361)),
    "biggan_deep": (["model=biggan_deep", "network.width=128"], IMAGENET, (50_244_484, 34_590_210)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_networks_have_as_many_parameters_as_the_authors(name: str, build: Build) -> None:
    overrides, data, expected = PUBLISHED[name]
    with torch.device("meta"):
        generator, discriminator = build(*overrides, **data)
    assert (count(generator), count(discriminator)) == expected


def test_biggan_has_twenty_numbers_of_noise_for_each_block_and_for_the_first_layer(build: Build) -> None:
    with torch.device("meta"):
        lengths = [build("model=biggan", SMALL, side=side)[0].latent_dim for side in (32, 128, 256)]
    assert lengths == [80, 120, 140]  # 120 and 140 are the paper's


def test_sngans_plain_networks_have_the_layers_of_the_port(build: Build) -> None:
    def conv(a: int, b: int, kernel: int) -> int:
        return a * b * kernel**2 + b

    doubling = [(512, 256), (256, 128), (128, 64)]
    norms = 2 * (512 + 256 + 128 + 64)
    of_generator = (128 + 1) * 512 * 16 + sum(conv(a, b, 4) for a, b in doubling) + norms + conv(64, 3, 3)
    halving = [(64, 128), (128, 256), (256, 512)]
    of_discriminator = conv(3, 64, 3) + sum(conv(a, b, 4) + conv(b, b, 3) for a, b in halving) + 512 * 16 + 1
    with torch.device("meta"):
        generator, discriminator = build("model=sngan", "network=sngan_cnn", "network.width=64", side=32)
    assert (count(generator), count(discriminator)) == (of_generator, of_discriminator)
    with pytest.raises(SettingError, match=r"dataset.resolution=20: an SNGAN generator that changes size 3 times"):
        SNGANGenerator(3, 20, None, None)


# --- shapes, gradients, labels ---


@pytest.mark.parametrize("network", ["sngan", "sngan_cnn", "sagan", "biggan", "biggan_deep"])
@pytest.mark.parametrize("conditioning", ["none", "concat", "projection", "generator"])
def test_networks_make_and_judge_images_under_every_kind_of_conditioning(
    network: str, conditioning: str, build: Build
) -> None:
    chosen = ["model=sngan", f"network={network}", f"conditioning={conditioning}", SMALL]
    generator, discriminator = build(*chosen, channels=1)
    image = generator(draw(3, generator.latent_dim), torch.tensor([0, 1, 2]))
    assert image.shape == (3, 1, 16, 16)
    verdict = discriminator(image, torch.tensor([0, 1, 2]))
    assert verdict.logits.shape == (3, 1)
    assert verdict.features.shape == (3, discriminator.feature_dim)
    verdict.logits.sum().backward()
    for name, parameter in (*generator.named_parameters(), *discriminator.named_parameters()):
        assert parameter.grad is not None, name
    generator.eval()
    for module in generator.modules():
        if isinstance(module, Embedding):
            nn.init.normal_(module.weight)
    z = draw(1, generator.latent_dim).repeat(2, 1)
    first, second = generator(z, torch.tensor([0, 1]))
    assert torch.equal(first, second) == (conditioning == "none")


@pytest.mark.parametrize("side", [64, 256])
def test_biggan_makes_images_of_other_sizes(side: int, build: Build) -> None:
    for recipe in ("model=biggan", "model=biggan_deep"):
        generator, discriminator = build(recipe, "network.width=1", side=side)
        label = torch.zeros(1, dtype=torch.long)
        image = generator.eval()(draw(1, generator.latent_dim), label)
        assert image.shape == (1, 3, side, side)
        assert discriminator(image, label).logits.shape == (1, 1)


@pytest.mark.parametrize("recipe", RECIPES)
def test_only_the_recipes_that_say_so_normalise_the_generators_weights(recipe: str, build: Build) -> None:
    generator, discriminator = build(recipe, SMALL)
    layers = nn.Conv2d | nn.Linear
    for network, expected in ((generator, recipe != "model=sngan"), (discriminator, True)):
        held = [hasattr(m, "parametrizations") for m in network.modules() if isinstance(m, layers)]
        assert set(held) == {expected}
    if recipe != "model=sngan":
        (projected,) = (m for m in discriminator.modules() if isinstance(m, Embedding))
        assert hasattr(projected, "parametrizations")
        assert not any(hasattr(m, "parametrizations") for m in generator.modules() if isinstance(m, Embedding))


# --- BigGAN ---


def seen_by_blocks(generator: BigGANGenerator, z: Tensor) -> tuple[Tensor, list[Tensor]]:
    """What the first layer makes of noise, and the conditions that the blocks get."""
    conditions: list[Tensor] = []
    hooks = [
        block.register_forward_pre_hook(lambda _, given: conditions.append(given[1])) for block in generator.blocks
    ]
    made: list[Tensor] = []
    hooks.append(generator.to_map.register_forward_hook(lambda _, __, output: made.append(output)))
    generator(z, torch.zeros(len(z), dtype=torch.long))
    for hook in hooks:
        hook.remove()
    return made[0], conditions


@pytest.mark.parametrize("changed", [0, 1, 2, 3])
def test_a_chunk_of_the_noise_reaches_only_its_block(changed: int, build: Build) -> None:
    generator, _ = build("model=biggan", SMALL, side=32)
    generator.eval()
    z = draw(2, 80)
    other = z.clone()
    other[:, 20 * changed : 20 * (changed + 1)] += 1
    (first, blocks), (other_first, other_blocks) = seen_by_blocks(generator, z), seen_by_blocks(generator, other)
    assert torch.equal(first, other_first) == (changed != 0)
    assert [torch.equal(*pair) for pair in zip(blocks, other_blocks, strict=True)] == [
        number != changed for number in (1, 2, 3)
    ]


def test_the_gain_of_biggans_norm_is_one_plus_a_linear_function() -> None:
    torch.manual_seed(0)
    norm = LinearBatchNorm(4, 3, Layers())
    x, c = draw(5, 4, 3, 3), draw(5, 3, seed=1)
    plain = F.batch_norm(x, None, None, training=True)
    gain, bias = 1 + c @ norm.gain.weight.T, c @ norm.bias.weight.T
    torch.testing.assert_close(norm(x, c), plain * gain[:, :, None, None] + bias[:, :, None, None])
    torch.testing.assert_close(norm(x, torch.zeros(5, 3)), plain)


def test_one_embedding_is_shared_by_all_norms_and_starts_orthogonal(build: Build) -> None:
    generator, _ = build("model=biggan", SMALL, classes=5)
    (embedding,) = (module for module in generator.modules() if isinstance(module, Embedding))
    weight = embedding.weight.detach()
    torch.testing.assert_close(weight @ weight.T, torch.eye(5), rtol=1e-4, atol=1e-5)
    convolution = generator.blocks[0].conv1.parametrizations.weight.original.detach().flatten(1)
    torch.testing.assert_close(convolution @ convolution.T, torch.eye(len(convolution)), rtol=1e-4, atol=1e-5)
    assert SharedEmbedding(OneHot(5), 7)(torch.tensor([0, 4])).shape == (2, 7)


def test_the_regulariser_sees_raw_weights_and_leaves_embeddings_and_the_power_iteration_alone(build: Build) -> None:
    generator, _ = build("model=biggan", SMALL, "network.initialise._target_=gan_lightning.networks.Glorot")
    before = {name: buffer.clone() for name, buffer in generator.named_buffers()}
    value = OrthogonalRegularisation(1.0)(generator)
    expected = 0.0
    for module in generator.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            rows = module.parametrizations.weight.original.detach().flatten(1).double()
            gram = rows @ rows.T
            expected += float((gram - gram.diag().diag()).square().sum())
    assert value.item() == pytest.approx(expected, rel=1e-5)
    assert all(torch.equal(buffer, before[name]) for name, buffer in generator.named_buffers())
    value.backward()
    (embedding,) = (module for module in generator.modules() if isinstance(module, Embedding))
    assert embedding.weight.grad is None


def test_orthogonal_rows_cost_nothing_and_the_authors_gradient_is_half_of_ours() -> None:
    layer = nn.Linear(4, 3, bias=False).double()
    nn.init.orthogonal_(layer.weight)
    term = OrthogonalRegularisation(1.0)
    assert term(layer).item() == pytest.approx(0, abs=1e-24)
    with torch.no_grad():
        layer.weight.mul_(torch.tensor([[2.0], [0.1], [5.0]]))
    assert term(layer).item() == pytest.approx(0, abs=1e-24)
    nn.init.normal_(layer.weight)
    term(layer).backward()
    w = layer.weight.detach()
    authors = 2 * ((w @ w.T) * (1 - torch.eye(3))) @ w
    torch.testing.assert_close(layer.weight.grad, 2 * authors)


# --- blocks ---


def zeroed(layer: Any) -> None:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def test_a_deep_discriminators_shortcut_keeps_the_pooled_channels_and_adds_new_ones_behind() -> None:
    torch.manual_seed(0)
    block = BottleneckDown(4, 12, NoNorm(), Layers(), halves=True)
    zeroed(block.conv4)
    x = draw(2, 4, 6, 6)
    pooled, made = F.avg_pool2d(x, 2), block(x)
    assert torch.equal(made[:, :4], pooled)
    torch.testing.assert_close(made[:, 4:], block.shortcut(pooled))
    plain = BottleneckDown(4, 4, NoNorm(), Layers(), halves=False)
    zeroed(plain.conv4)
    assert torch.equal(plain(x), x)


def test_a_deep_generators_shortcut_drops_the_last_channels() -> None:
    torch.manual_seed(0)
    block = BottleneckUp(8, 4, 0, GeneratorBatchNorm, Layers(), doubles=True)
    zeroed(block.conv4)
    x = draw(2, 8, 3, 3)
    assert torch.equal(block(x, torch.empty(2, 0)), x[:, :4].repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_a_wide_block_has_the_channels_that_it_makes_between_its_convolutions(build: Build) -> None:
    for recipe, expected in (("model=sngan", [2, 4, 8, 16]), ("model=sagan", [4, 8, 16, 32])):
        _, discriminator = build(recipe, "network.width=2", side=64)
        hidden = [getattr(block, "block", block).conv1.out_channels for block in discriminator.blocks[1:]]
        assert hidden == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: UpBlock(4, 4, 0, GeneratorBatchNorm, Layers()),
        lambda: FirstBlock(4, 4, Layers()),
        lambda: PlainBlock(4, 4, 4, NoNorm(), Layers()),
        lambda: DownBlock(4, 6, 6, NoNorm(), Layers()),
        lambda: BottleneckUp(8, 4, 0, GeneratorBatchNorm, Layers(), doubles=True),
        lambda: BottleneckDown(4, 8, NoNorm(), Layers(), halves=True),
    ],
    ids=["up", "first", "plain", "down", "deep up", "deep down"],
)
def test_no_relu_changes_what_the_shortcut_adds(make: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    block = make()
    x = draw(2, 8 if isinstance(block, BottleneckUp) else 4, 4, 4)
    given = x.clone()
    block(x, torch.empty(2, 0)) if isinstance(block, UpBlock | BottleneckUp) else block(x)
    assert torch.equal(x, given)
    assert not any(getattr(module, "inplace", False) for module in block.modules())
