"""StyleGAN2's networks: the authors' numbers of parameters, the size of signals, blocks, labels and noise."""

from functools import partial
from typing import Any

import pytest
import torch
from configured import small_stylegan2
from formulas import count, draw
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from torch.nn import functional as F

from gan_lightning.console.config import CONF
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
from gan_lightning.networks.layers.resampling import Downsample


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


def test_a_residual_block_adds_filtered_pixels_and_divides_by_the_root_of_two() -> None:
    torch.manual_seed(0)
    block, x = ResidualDownBlock(4, 6, EqualisedRate()), draw(2, 4, 8, 8)
    with torch.no_grad():
        for parameter in block.block.second.parameters():
            parameter.zero_()
    shortcut = F.conv2d(Downsample()(x), block.shortcut[1].weight)
    torch.testing.assert_close(block(x) * 2**0.5, shortcut)


def test_training_has_noise_and_evaluation_does_not() -> None:
    generator, z, nothing = small_stylegan2(mixing=0.0), draw(2, 12), torch.zeros(2)
    torch.testing.assert_close(generator(z, nothing), generator(z, nothing))  # its strength is zero at first
    with torch.no_grad():
        for layer in generator.convolutions:
            layer.noise.strength.fill_(1)
    assert not torch.allclose(generator(z, nothing), generator(z, nothing), atol=0.01)
    generator.eval()
    torch.testing.assert_close(generator(z, nothing), generator(z, nothing))
    torch.testing.assert_close(generator(z, nothing)[1:], generator(z[1:], nothing[1:]), atol=1e-4, rtol=1e-4)
