"""LAPGAN: the levels on their own, and the cascade."""

from collections.abc import Iterator
from typing import Any

import pytest
import ranks
import torch
from formulas import count

from gan_lightning.errors import SettingError
from gan_lightning.models import LAPGAN
from gan_lightning.networks.laplacian import doubled

SMALL = ["model=lapgan", "network.width=4", "dataset=fake", "dataset.resolution=32", "metrics=none"]
SMALL += ["dataset.source.size=16", "dataset.batch_size=4", "max_generator_steps=2"]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with ranks.quiet():
        yield


def build(*overrides: str) -> tuple[LAPGAN, Any, Any]:
    config = ranks.composed([*SMALL, *overrides])
    return *ranks.build(config), config


def test_every_level_has_two_players_that_learn_by_themselves() -> None:
    model, data, config = build()
    levels = ["", "_16", "_8"]
    assert [*model.players] == [f"{side}{level}" for level in levels for side in ("generator", "discriminator")]
    whole = {id(p) for p in model.parameters() if p.requires_grad}
    owned = [id(p) for player in model.players.values() for p in player.parameters()]
    assert len(owned) == len({*owned})
    assert {*owned} == whole

    ranks.trainer(config, limit_val_batches=0).fit(model, data)
    other, data, config = build()
    with torch.no_grad():  # what the levels below have learnt changes nothing for the finest one
        for parameter in other.coarser.parameters():
            parameter.mul_(2)
    ranks.trainer(config, limit_val_batches=0).fit(other, data)
    for name, network in (("generator", model.generator), ("discriminator", model.discriminator)):
        for one, same in zip(network.parameters(), other.players[name].network.parameters(), strict=True):
            assert torch.equal(one, same)
    assert {player.steps for player in model.players.values()} == {2}


def test_a_sample_is_the_cascade_of_all_levels() -> None:
    model, *_ = build("conditioning=concat")
    assert model.latent_dim == 100 + 16**2 + 32**2
    condition = torch.tensor([1, 0])
    z = model.latent_at(torch.arange(2), condition, seed=0)
    first, middle, last = z[:, :100], z[:, 100:356].view(2, 1, 16, 16), z[:, 356:].view(2, 1, 32, 32)
    networks = model.coarser
    coarse = doubled(networks["8"]["average"].eval().module(first, condition))
    coarse = doubled(coarse + networks["16"]["average"].eval().module(middle, coarse, condition))
    image = coarse + model.ema.eval().module(last, coarse, condition)
    with torch.no_grad():
        torch.testing.assert_close(model.sample(2, condition), image.clamp(-1, 1))
    assert not model.ignores_labels()
    assert z.abs().max() <= 1  # the noise is uniform


def test_levels_of_other_sizes() -> None:
    model, *_ = build("dataset.resolution=28")
    assert model.sides == [28, 14, 7]
    assert model.sample(1).shape == (1, 3, 28, 28)


def test_every_level_has_regularisers_of_its_own() -> None:
    both = "regulariser@generator_regulariser=historical_averaging"
    model, data, config = build(both, "dataset.resolution=16", "penalty=lecam")
    ranks.trainer(config, limit_val_batches=0).fit(model, data)
    pairs = [(player.network, player.regularisers) for name, player in model.players.items() if "generator" in name]
    for network, regularisers in pairs:
        kept = sum(buffer.numel() for buffer in regularisers.buffers())
        assert abs(kept - count(network)) <= 2  # and a counter


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("dataset.resolution=36", "dataset.resolution=36: LAPGAN halves images .* and 9 cannot be halved"),
        ("dataset.resolution=8", "resolution=8: LAPGAN adds"),
        ("model.coarsest=4", "takes images of 9 pixels a side or more, and a level has 8"),
    ],
)
def test_images_that_make_no_pyramid_are_refused(setting: str, said: str) -> None:
    with pytest.raises(Exception, match=said) as caught:
        build(setting)
    assert isinstance(caught.value.__cause__ or caught.value, SettingError)
