"""What generators with styles share: style mixing, and the mean of w."""

import pytest
import torch
from configured import small_stylegan2
from formulas import draw
from torch import Tensor

from gan_lightning.errors import SettingError


def test_only_the_direction_of_noise_counts() -> None:
    generator = small_stylegan2().eval()
    z = draw(2, 12)
    torch.testing.assert_close(generator.map(3 * z, torch.zeros(2)), generator.map(z, torch.zeros(2)))


def test_layers_before_the_cut_see_only_the_first_style() -> None:
    """And a later style changes no map before its layer."""
    generator, z = small_stylegan2(mixing=1.0), draw(4, 12)
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
    generator, z, nothing = small_stylegan2(mixing=0.3), draw(2, 12), torch.zeros(2)
    plain = generator.eval().map(z, nothing)
    generator.train()
    torch.manual_seed(0)
    mixed = sum(not torch.equal(generator.map(z, nothing), plain) for _ in range(400))
    assert mixed / 400 == pytest.approx(0.3, abs=0.08)
    assert all(torch.equal(small_stylegan2(mixing=0.0).map(z, nothing), plain) for _ in range(3))
    with pytest.raises(SettingError, match=r"network\.generator\.mixing=1\.5"):
        small_stylegan2(mixing=1.5)


def test_the_mean_of_w_moves_in_training_only_and_converges() -> None:
    generator, nothing = small_stylegan2(), torch.zeros(500)
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
