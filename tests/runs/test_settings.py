"""Which settings differ, and which runs belong together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import composing
import pytest
from folders import composed, finished, write_run
from omegaconf import OmegaConf

from gan_lightning.runs import settings
from gan_lightning.runs.found import Run, find_runs

LR = "model.optimisation.generator.lr"


@pytest.fixture
def runs(tmp_path: Path) -> Callable[..., list[Run]]:
    """Runs of (overrides, configuration) each."""

    def make(*pairs: tuple[list[str], dict[str, Any]]) -> list[Run]:
        for i, (overrides, config) in enumerate(pairs):
            write_run(tmp_path / str(i), overrides, config, {1000: 1.0}, {1000: 1.0})
        return find_runs(tmp_path)

    return make


def test_what_was_typed_and_differs_is_a_column_with_composed_values(runs):
    found = runs(
        (["loss=hinge", f"{LR}=1e-3", "metrics=none"], composed(0, "Hinge", 0.001)),
        (["loss=lsgan", f"{LR}=1e-2", "metrics=none", "seed=1"], composed(1, "LeastSquares", 0.01)),
    )
    assert settings.columns(found) == {"loss": ["hinge", "lsgan"], LR: [0.001, 0.01], "seed": [0, 1]}
    assert settings.in_common(found) == {"metrics": "none"}


def test_a_group_that_was_not_chosen_is_its_default_and_a_number_is_what_was_composed(runs):
    found = runs(([], composed()), ([f"{LR}=0.01", "loss=lsgan"], composed(0, "LeastSquares", 0.01)))
    assert settings.columns(found) == {LR: [0.001, 0.01], "loss": ["default", "lsgan"], "seed": [0, 0]}


def test_places_and_callbacks_are_no_settings(runs):
    found = runs(
        (["logger=csv", "callbacks.progress.refresh_rate=0", "cache_dir=/a"], {**composed(), "cache_dir": "/a"}),
        (["hydra.run.dir=x", "--config-dir", "mine=1"], {**composed(), "cache_dir": "/b", "file": "/b/file"}),
    )
    assert settings.columns(found) == {"seed": [0, 0]}
    assert len(set(settings.groups(found))) == 1


def test_difference_that_nobody_typed_is_shown_where_it_first_appears(runs):
    """Another version of the code had another default; the copies of the setting say nothing new."""
    old, new = composed(0, "Hinge"), composed(0, "LeastSquares")
    found = runs((["seed=0"], old), (["seed=0"], new))
    assert settings.columns(found) == {"loss": ["Hinge", "LeastSquares"], "seed": [0, 0]}


def test_added_setting_is_a_column_also_where_it_is_absent(runs):
    found = runs(([], composed()), (["+trainer.limit=3"], {**composed(), "trainer": {"limit": 3}}))
    assert settings.columns(found) == {"trainer.limit": [None, 3], "seed": [0, 0]}


def test_runs_that_differ_in_their_seed_only_are_a_group(runs):
    """Whatever was typed: the composed configurations decide."""
    other_classifier = {**composed(3), "metrics": {"extractor": {"seed": 3}}}
    found = runs(
        (["loss=hinge"], composed(0)),
        (["seed=1"], composed(1)),
        (["seed=2", f"{LR}=0.002"], composed(2, lr=0.002)),
        (["seed=3", "metrics.extractor.seed=3"], other_classifier),
    )
    first, *others = settings.groups(found)
    assert others[0] == first
    assert len({first, *others}) == 3


def test_failed_run_without_configuration_belongs_to_those_typed_alike(runs, tmp_path):
    for name, seed, loss in (("7", 5, "lsgan"), ("8", 6, "hinge"), ("9", 7, "hinge")):
        (tmp_path / name).mkdir()
        told = finished(state="failed", error="x", overrides=[f"loss={loss}", f"seed={seed}"])
        (tmp_path / name / "status.json").write_text(json.dumps(told))
    found = runs((["loss=lsgan", "seed=0"], composed(0, "LeastSquares")))
    numbers = dict(zip([run.name for run in found], settings.groups(found), strict=True))
    assert numbers["0"] == numbers["7"] != numbers["8"] == numbers["9"]
    assert settings.columns(found) == {"loss": ["lsgan", "lsgan", "hinge", "hinge"], "seed": [0, 5, 6, 7]}


def test_names_are_as_short_as_they_can_be_told_apart():
    names = ["model.optimisation.generator.lr", "model.optimisation.discriminator.lr", "model.optimisation.ema_decay"]
    assert list(settings.shortened(names).values()) == ["generator.lr", "discriminator.lr", "ema_decay"]
    assert settings.shortened(["loss", "model.loss"]) == {"loss": "loss", "model.loss": "model.loss"}


def test_real_configurations_of_two_papers_differ_in_what_was_typed(runs):
    """A recipe changes dozens of keys; typed was one. The seed reaches several keys; the group stays one."""

    def config(*overrides: str) -> dict[str, Any]:
        spec = "spec={channels: 3, height: 32, width: 32, num_classes: 0}"
        made = composing.composed("train", *overrides, spec, "run_dir=/runs", "~callbacks", "command=null")
        return {**OmegaConf.to_container(made, resolve=True), "command": list(overrides)}

    commands = [["model=dcgan"], ["model=wgan_gp"], ["model=wgan_gp", "seed=1"]]
    found = runs(*((command, config(*command)) for command in commands))
    assert settings.columns(found) == {"model": ["dcgan", "wgan_gp", "wgan_gp"], "seed": [0, 0, 1]}
    assert settings.groups(found) == [0, 1, 1]
