"""StyleGAN2's networks: the authors' numbers of parameters, the size of signals, styles, and the mean of w."""

from functools import partial
from typing import Any

import pytest
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    DownBlock,
    EqualisedRate,
    ImageOnly,
    LinearHead,
    MappedProjectionHead,
    NoiseAndNormalisedCondition,
    NoiseOnly,
    OneHot,
    ResidualDownBlock,
    StandardDeviationChannel,
    StyleGAN2Discriminator,
    StyleGAN2Generator,
)
from gan_lightning.networks.layers.mapping import Mapping
from gan_lightning.networks.layers.norm import pixel_norm
from gan_lightning.networks.layers.resampling import Downsample


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def small(**settings: Any) -> StyleGAN2Generator:
    torch.manual_seed(0)
    return StyleGAN2Generator(3, 32, NoiseOnly, width=8, widest=16, latent_dim=12, style_dim=10, depth=2, **settings)


@pytest.mark.parametrize(
    ("resolution", "width", "depth", "block", "labelled", "generator", "discriminator"),
    [
        (1024, 32, 8, ResidualDownBlock, False, 30_370_060, 29_012_513),  # configuration F on FFHQ
        (256, 64, 8, ResidualDownBlock, False, 24_767_458, 24_001_089),  # half as wide ("paper256")
        (32, 512, 2, DownBlock, False, 19_947_539, 20_720_641),  # StyleGAN2-ADA on CIFAR-10
        (32, 512, 2, DownBlock, True, 20_215_315, 23_089_664),
    ],
)
def test_as_many_parameters_as_the_authors_networks(
    resolution: int, width: int, depth: int, block: Any, labelled: bool, generator: int, discriminator: int
) -> None:
    embedder = OneHot(10) if labelled else None
    latent = partial(NoiseAndNormalisedCondition, embedding_dim=512) if labelled else NoiseOnly
    head = partial(MappedProjectionHead, width=512) if labelled else LinearHead
    with torch.device("meta"):
        made = StyleGAN2Generator(3, resolution, latent, width, 512, 512, 512, depth, embedder=embedder)
        parts = (EqualisedRate(), ImageOnly, head, block, StandardDeviationChannel())
        judge = StyleGAN2Discriminator(3, resolution, *parts, width, 512, embedder=embedder)
    assert (count(made), count(judge)) == (generator, discriminator)


def test_w_and_images_are_as_large_at_first_as_those_of_the_authors_code() -> None:
    """Of w, mean 0.44 and deviation 0.98 for some seed; over all seeds, a mean square of 1.04 for each layer."""
    size = (3, 32, NoiseOnly, 128, 128, 512, 512)
    nothing, squares = torch.zeros(64), []
    with torch.no_grad():
        for seed in range(6):
            torch.manual_seed(seed)
            w = StyleGAN2Generator(*size, depth=8).eval().map(draw(64, 512), nothing)[:, 0]
            assert w.std().item() == pytest.approx(0.98, abs=0.25)
            assert w.mean().item() == pytest.approx(0.44, abs=0.2)
            squares.append(w.square().mean())
        assert torch.stack(squares).mean().item() == pytest.approx(1.04**8, abs=0.25)
        image = StyleGAN2Generator(*size, depth=2).eval()(draw(16, 512), nothing[:16])
    assert image.std().item() == pytest.approx(1.3, abs=0.4)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("resolution", [16, 32, 128])
@pytest.mark.parametrize("network", ["stylegan2", "stylegan2_ada"])
@pytest.mark.parametrize("conditioning", ["none", "mapped"])
def test_every_parameter_learns_at_any_size(network: str, conditioning: str, resolution: int, channels: int) -> None:
    spec = {"channels": channels, "height": resolution, "width": resolution, "num_classes": 3}
    config = DictConfig({"spec": spec})
    chosen = {"network": network, "conditioning": conditioning, "critic_norm": "equalised", "minibatch": "none"}
    for group, option in chosen.items():
        config[group] = OmegaConf.load(f"{CONF}/{group}/{option}.yaml")
    if network == "stylegan2_ada":
        config.network = OmegaConf.merge(OmegaConf.load(f"{CONF}/network/stylegan2.yaml"), config.network)
    config.network.width = 2
    generator, discriminator = instantiate(config.network.generator), instantiate(config.network.discriminator)
    label = torch.tensor([0, 1, 2])
    image = generator(draw(3, generator.latent_dim), label)
    assert image.shape == (3, channels, resolution, resolution)
    verdict = discriminator(image, label)
    assert verdict.logits.shape == (3, 1)
    assert verdict.features.shape == (3, discriminator.feature_dim)
    verdict.logits.sum().backward()
    for name, parameter in (*generator.named_parameters(), *discriminator.named_parameters()):
        assert parameter.grad is not None, name


def test_who_hears_the_label() -> None:
    torch.manual_seed(0)
    generator = StyleGAN2Generator(3, 16, NoiseAndNormalisedCondition, 4, embedder=OneHot(3)).eval()
    parts = (EqualisedRate(), ImageOnly, MappedProjectionHead, ResidualDownBlock, StandardDeviationChannel())
    discriminator = StyleGAN2Discriminator(3, 16, *parts, 4, embedder=OneHot(3))
    z = draw(1, 128).expand(3, -1)
    here, there = torch.tensor([0, 0, 0]), torch.tensor([0, 1, 2])
    changed = (generator(z, here) - generator(z, there)).flatten(1).abs().amax(1) > 1e-4
    assert changed.tolist() == [False, True, True]
    image = draw(3, 3, 16, 16)
    changed = (discriminator(image, here).logits != discriminator(image, there).logits).flatten()
    assert changed.tolist() == [False, True, True]


def test_the_head_for_labels_is_an_inner_product_over_the_root_of_its_length() -> None:
    torch.manual_seed(0)
    head = MappedProjectionHead(6, EqualisedRate(), 3, width=4, depth=2)
    features, c = draw(2, 6), OneHot(3)(torch.tensor([2, 0]))
    wanted = head.mapping(pixel_norm(head.embedding(c)))
    expected = [[(row * vector).sum() / 2] for row, vector in zip(head.linear(features), wanted, strict=True)]
    torch.testing.assert_close(head(features, c).detach(), torch.tensor([[row[0].item()] for row in expected]))
    torch.testing.assert_close(pixel_norm(5 * features).square().mean(1), torch.ones(2))


def test_a_residual_block_adds_filtered_pixels_and_divides_by_the_root_of_two() -> None:
    torch.manual_seed(0)
    block, x = ResidualDownBlock(4, 6, EqualisedRate()), draw(2, 4, 8, 8)
    with torch.no_grad():
        for parameter in block.block.second.parameters():
            parameter.zero_()
    shortcut = F.conv2d(Downsample()(x), block.shortcut[1].weight)
    torch.testing.assert_close(block(x) * 2**0.5, shortcut)


def test_only_the_direction_of_noise_counts() -> None:
    generator = small().eval()
    z = draw(2, 12)
    torch.testing.assert_close(generator.map(3 * z, torch.zeros(2)), generator.map(z, torch.zeros(2)))


def test_layers_before_the_cut_see_only_the_first_style() -> None:
    """And a later style changes no map before its layer."""
    generator, z = small(mixing=1.0), draw(4, 12)
    plain = generator.eval().map(z, torch.zeros(4))
    other = plain.roll(-1, 0)
    generator.train()
    cuts = set()
    for seed in range(60):
        torch.manual_seed(seed)
        mixed = generator.map(z, torch.zeros(4))
        first = [torch.equal(mixed[:, i], plain[:, i]) for i in range(generator.layers)]
        cut = first.index(False)
        cuts.add(cut)
        assert first == [True] * cut + [False] * (generator.layers - cut)
        torch.testing.assert_close(mixed[:, cut:], other[:, cut:])
    assert cuts == set(range(1, generator.layers))

    seen: list[Tensor] = []
    for layer in generator.convolutions:
        layer.register_forward_hook(lambda module, given, made: seen.append(made.detach()))
    generator.eval()
    changed = plain.clone()
    changed[:, 3:] = other[:, 3:]
    for w in (plain, changed):
        generator.synthesise(w, torch.zeros(4))
    half = len(generator.convolutions)
    same = [torch.equal(a, b) for a, b in zip(seen[:half], seen[half:], strict=True)]
    assert same == [True] * 3 + [False] * (half - 3)


def test_how_often_styles_are_mixed() -> None:
    generator, z, nothing = small(mixing=0.3), draw(2, 12), torch.zeros(2)
    plain = generator.eval().map(z, nothing)
    generator.train()
    torch.manual_seed(0)
    mixed = sum(not torch.equal(generator.map(z, nothing), plain) for _ in range(400))
    assert mixed / 400 == pytest.approx(0.3, abs=0.08)
    assert all(torch.equal(small(mixing=0.0).map(z, nothing), plain) for _ in range(3))
    with pytest.raises(SettingError, match=r"network\.generator\.mixing=1\.5"):
        small(mixing=1.5)


def test_the_mean_of_w_moves_in_training_only_and_converges() -> None:
    generator, nothing = small(), torch.zeros(500)
    generator.eval()(draw(2, 12), torch.zeros(2))
    assert not generator.mean_w().any()
    generator.train().map(draw(500, 12), nothing)
    torch.testing.assert_close(generator.mean_w(), 0.005 * generator.eval().map(draw(500, 12), nothing)[:, 0].mean(0))
    generator.train()
    with torch.no_grad():
        for seed in range(1500):
            generator.map(draw(64, 12, seed=seed), nothing[:64])
    true = generator.eval().map(draw(20_000, 12, seed=1), torch.zeros(20_000))[:, 0].mean(0)
    torch.testing.assert_close(generator.mean_w(), true, atol=0.03, rtol=0.03)


def test_training_has_noise_and_evaluation_does_not() -> None:
    generator, z, nothing = small(mixing=0.0), draw(2, 12), torch.zeros(2)
    torch.testing.assert_close(generator(z, nothing), generator(z, nothing))  # its strength is zero at first
    with torch.no_grad():
        for layer in generator.convolutions:
            layer.noise.strength.fill_(1)
    assert not torch.allclose(generator(z, nothing), generator(z, nothing), atol=0.01)
    generator.eval()
    torch.testing.assert_close(generator(z, nothing), generator(z, nothing))
    torch.testing.assert_close(generator(z, nothing)[1:], generator(z[1:], nothing[1:]), atol=1e-4, rtol=1e-4)


def test_a_mapping_learns_at_a_hundredth_of_the_rate() -> None:
    assert {part.scale for name, part in Mapping(4, 4, 1).named_modules() if name.endswith("bias.0")} == {0.01}
