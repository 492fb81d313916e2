"""Two processes do what one process with both batches does."""

from functools import cache
from inspect import isabstract, isclass
from typing import Any

import pytest
import ranks
import recipes
import torch
from hydra.utils import get_class, instantiate
from omegaconf import OmegaConf
from thinned import asked_for, thinned

from gan_lightning import losses, models
from gan_lightning.processor import computes_in_bfloat16

pytestmark = pytest.mark.long

STEPS = ranks.IMAGES // (2 * ranks.BATCH)
OWN = ("generator.mean", "ema.module.mean")
"""Means of w, which processes keep for themselves, as statistics of batch norm, until somebody looks."""


@cache
def composed(name: str) -> Any:
    """The configuration of one process."""
    return ranks.composed(ranks.EQUAL[name])


@pytest.fixture(scope="session")
def together(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What each of two real processes (gloo) came to, by name: a pair of results."""
    folder = tmp_path_factory.mktemp("together")
    unasked = ranks.EQUAL.keys() - {*asked_for(request, "together")}
    ranks.run_pair(folder, *(name for name, _ in ranks.together(folder) if name not in unasked))
    return lambda name: [torch.load(folder / f"{name}-{rank}.pt", weights_only=True) for rank in range(2)]


@pytest.fixture(autouse=True)
def quiet() -> Any:
    with ranks.quiet():
        yield


@pytest.mark.parametrize("name", thinned(ranks.EQUAL, ranks.MOST))
def test_parameters_and_averages_equal_those_of_one_process(together, name):
    first, second = together(name)
    one = ranks.state(ranks.alone(ranks.EQUAL[name], "trainer.precision=64-true"))
    model, _ = ranks.build(composed(name))
    start = ranks.state(model)
    assert first.keys() == one.keys()
    players = model.players
    assert one.keys() - start.keys() == {f"gradient_norm_{player}" for player in players}
    for key, value in one.items():
        if key in OWN:  # saved of the first process; here their mean is that of all images
            torch.testing.assert_close((first[key] + second[key]) / 2, value, rtol=1e-9, atol=1e-9)
            continue
        assert torch.equal(first[key], second[key]), key
        torch.testing.assert_close(first[key], value, rtol=1e-9, atol=1e-9, msg=lambda text, key=key: f"{key}: {text}")
    moved = [
        key for key, value in start.items() if value.is_floating_point() and not torch.equal(value, one[key].float())
    ]
    for player in players.values():
        own = {id(parameter) for parameter in player.parameters()}
        assert any(id(parameter) in own for name, parameter in model.named_parameters() if name in moved)


@pytest.mark.parametrize("name", ranks.HALF)
def test_in_half_precision_up_to_rounding(together, name):
    first, second = together(f"{name}-bf16")
    limit = 0.02 if computes_in_bfloat16() else 0.03  # without its instructions torch rounds in other places
    one = ranks.state(ranks.alone(ranks.EQUAL[name], *ranks.HALF[name]))
    start = ranks.state(ranks.build(composed(name))[0])
    for side in ("generator", "discriminator", "ema"):
        keys = [key for key in one if key.startswith(side)]
        assert all(torch.equal(first[key], second[key]) for key in keys)
        ours, theirs, untrained = (
            torch.cat([model[key].flatten().float() for key in keys]) for model in (first, one, start)
        )
        assert (ours - theirs).norm() <= limit * theirs.norm()
        assert (untrained - theirs).norm() > 2 * limit * theirs.norm()  # so that this could fail


def test_each_process_draws_its_own_noise_which_its_rank_and_seed_repeat(together):
    for rank, drawn in enumerate(together("noise")):
        for step, noise in enumerate(drawn):
            torch.manual_seed(ranks.key(2 * ranks.BATCH * step, rank))
            assert torch.equal(noise, torch.randn(ranks.BATCH, 100))
    first, second = together("noise")
    assert not torch.equal(first[0], second[0])


def test_scores_equal_those_of_one_process_on_the_same_samples(together, tmp_path, monkeypatch):
    monkeypatch.setattr(ranks, "DDP", "trainer=default")
    expected = ranks.scores(tmp_path, ranks.SCORED)["scores"]
    first, second = together("scores")
    assert first["scores"] == second["scores"]
    assert expected.keys() == first["scores"].keys() == {"fid_classifier", "is_classifier", "swd"}
    assert first["scores"] == pytest.approx(expected, rel=1e-4)


def test_modes_equal_those_of_one_process_on_the_same_samples(together, tmp_path, monkeypatch):
    monkeypatch.setattr(ranks, "DDP", "trainer=default")
    expected = ranks.scores(tmp_path, ranks.MODES)["scores"]
    first, second = together("modes")
    assert first["scores"] == second["scores"] == expected
    assert 0 < expected["modes"] < 8
    assert 0 < expected["high_quality"] < 1


def test_samples_are_shared_out_exactly(together):
    first, second = together("scores")
    assert sorted([*first["images"], *second["images"]]) == list(range(101))


def test_statistics_of_batch_norm_are_averaged_where_somebody_looks(together):
    first, second = together("statistics")
    differ = []
    for key, mean in first["average"].items():
        assert torch.equal(mean, second["average"][key])
        torch.testing.assert_close(mean, (first["own"][key] + second["own"][key]) / 2)
        differ.append(not torch.equal(first["own"][key], second["own"][key]))
    assert any(differ)


def test_what_one_process_finds_not_finite_ends_all_and_is_named(together):
    first, second = together("ended")
    assert first == second
    assert first["steps"] == 4  # with the update that ended the run
    assert "discriminator's update 4 (after 32 images) is not finite: loss_discriminator is nan" in first["error"]


def test_what_one_process_finds_not_finite_all_skip(together):
    first, second = together("skipped")
    assert first["skipped"] == second["skipped"] == 1
    assert first["steps"] == second["steps"] == STEPS
    for key, value in first["state"].items():
        assert torch.equal(value, second["state"][key])
        assert torch.isfinite(value).all()


def test_every_training_step_is_compared():
    concrete = (getattr(models, name) for name in models.__all__)
    steps = {found for found in concrete if isclass(found) and issubclass(found, models.SteppingModule)}
    concrete = {found for found in steps if not isabstract(found)}
    assert {get_class(composed(name).model._target_) for name in ranks.MOST} == concrete == set(recipes.STEPS)


def test_every_penalty_is_compared():
    given = [composed(name).penalty for name in ranks.MOST]
    compared = {get_class(penalty._target_) for penalties in given for penalty in penalties.values()}
    found = (getattr(losses, name) for name in losses.__all__)
    every = {kind for kind in found if isinstance(kind, type) and issubclass(kind, losses.Penalty)}
    assert compared == every - {losses.Penalty}


def test_every_loss_is_compared_but_those_that_couple_a_batch():
    def plain(loss):
        return OmegaConf.to_yaml(loss, resolve=True)

    every = [ranks.composed([f"loss={option}"]).loss for option in recipes.options("loss")]
    compared = {plain(composed(name)["loss"]) for name in ranks.EQUAL}
    assert {plain(loss) for loss in every if not instantiate(loss).couples_batch} <= compared


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="not run: synchronised batch norm needs two GPUs")
def test_synchronised_batch_norm_gathers_the_same_statistics_everywhere(tmp_path):
    ranks.run_pair(tmp_path, "synchronised")
    first, second = (torch.load(tmp_path / f"synchronised-{rank}.pt", weights_only=True) for rank in range(2))
    assert any("running_mean" in key for key in first)
    for key, value in first.items():
        torch.testing.assert_close(value, second[key])
