"""StyleGAN's generator: the authors' number of parameters, growth, and styles."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks import (
    Blur,
    EqualisedRate,
    Growth,
    ImageOnly,
    LinearHead,
    NoiseOnly,
    ProgressiveDiscriminator,
    StandardDeviationChannel,
    StyleGANGenerator,
)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def small(grown: float = 0.0) -> StyleGANGenerator:
    torch.manual_seed(0)
    return StyleGANGenerator(3, Growth(32, grown), NoiseOnly, width=8, latent_dim=12, style_dim=10, depth=2)


def test_as_many_parameters_as_the_papers_networks() -> None:
    growth = Growth(1024)
    with torch.device("meta"):
        generator = StyleGANGenerator(3, growth, NoiseOnly)
        parts = (EqualisedRate(), ImageOnly, LinearHead, StandardDeviationChannel(), Blur())
        discriminator = ProgressiveDiscriminator(3, growth, *parts)
    assert generator.layers == 18
    assert sum(p.numel() for p in generator.mapping.parameters()) == 2_101_248
    assert sum(p.numel() for p in generator.parameters()) == 26_219_627
    assert sum(p.numel() for p in discriminator.parameters()) == 23_087_249


def test_it_grows_from_one_resolution_to_the_next() -> None:
    """Alpha 0 is the smaller network, alpha 1 the larger one."""
    generator, z, nothing = small(grown=1.0).eval(), draw(2, 12), torch.zeros(2)
    w = generator.map(z, nothing)
    growth = generator.growth
    made = {}
    for depth in (1.0, 1.5, 1.999999, 2.0):  # follow() computes it from the budget
        growth.depth.fill_(depth)
        growth._take(depth)
        made[depth] = generator.image(w)
        assert made[depth].shape[2] == growth.side
        assert generator.synthesise(w, nothing).shape == (2, 3, 32, 32)
    torch.testing.assert_close(made[1.999999], made[2.0], atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(made[1.5], (F.interpolate(made[1.0], scale_factor=2.0) + made[2.0]) / 2)


@pytest.mark.parametrize(("depth", "layers"), [(0.0, 2), (1.0, 4), (1.25, 6), (3.0, 8)])
def test_styles_are_mixed_within_the_layers_of_now(depth: float, layers: int) -> None:
    generator, z, nothing = small(), draw(4, 12), torch.zeros(4)
    generator.growth.depth.fill_(depth)
    generator.growth._take(depth)
    plain = generator.eval().map(z, nothing)
    generator.train()
    cuts = set()
    for seed in range(40):
        torch.manual_seed(seed)
        mixed = generator.map(z, nothing)
        same = [torch.equal(mixed[:, i], plain[:, i]) for i in range(generator.layers)]
        cuts.add(same.index(False) if False in same else generator.layers)
    assert cuts - {generator.layers} == set(range(1, layers))


def test_a_style_changes_its_own_layer_and_later_ones_only() -> None:
    generator, nothing = small().eval(), torch.zeros(2)
    w = generator.map(draw(2, 12), nothing)
    seen: list[Tensor] = []
    for layer in generator.convolutions:
        layer.register_forward_hook(lambda module, given, made: seen.append(made.detach()))
    changed = w.clone()
    changed[:, 3:] = w.roll(1, 0)[:, 3:]
    for one in (w, changed):
        generator.image(one)
    half = len(generator.convolutions)
    same = [torch.allclose(a, b, rtol=0, atol=1e-4) for a, b in zip(seen[:half], seen[half:], strict=True)]
    assert same == [True] * 3 + [False] * (half - 3)


def test_every_parameter_learns() -> None:
    generator = small()
    generator(draw(2, 12), torch.zeros(2)).square().sum().backward()
    unused = {f"to_image.{level}" for level in range(3)}  # of smaller sizes
    for name, parameter in generator.named_parameters():
        assert (parameter.grad is not None) == (name.rpartition(".")[0].partition(".param")[0] not in unused), name
    assert isinstance(generator.convolutions[2].before, nn.Sequential)
