"""The command line of a run that goes on."""

from pathlib import Path

import pytest
import yaml

from gan_lightning.console.config import SWEEP_PLAN
from gan_lightning.errors import SettingError
from gan_lightning.runs.replay import replayed


def command(folder: Path, saved: list[str], precision: str | None, *typed: str) -> list[str]:
    """What `resume=FOLDER` and `typed` become, without the folder."""
    config = {"command": saved} if precision is None else {"command": saved, "trainer": {"precision": precision}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return replayed([f"resume={folder}", *typed])[:-2]


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_run_goes_on_in_its_precision_on_every_device(precision, tmp_path):
    assert command(tmp_path, ["model=cgan"], precision, "max_images=9") == [
        "model=cgan",
        f"trainer.precision={precision}",
        "max_images=9",
    ]


def test_a_precision_that_was_typed_stays_the_only_one(tmp_path):
    before = ["trainer.precision=64-true"]
    assert command(tmp_path, before, "64-true") == before
    assert command(tmp_path, [], "32-true", "trainer.precision=bf16-mixed") == ["trainer.precision=bf16-mixed"]


def test_a_run_without_a_trainer_in_its_settings_goes_on_as_it_was(tmp_path):
    assert command(tmp_path, ["model=cgan"], None) == ["model=cgan"]


@pytest.mark.parametrize(("saved", "kept"), [({"images_per_update": 8}, 8), ({"dataset": {"batch_size": 4}}, 4)])
def test_an_update_counts_as_many_images_as_before_on_every_number_of_devices(saved, kept, tmp_path):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"command": ["trainer=ddp_cpu"], **saved}))
    typed = replayed([f"resume={tmp_path}", "trainer=default"])[:-2]
    assert typed == ["trainer=ddp_cpu", f"images_per_update={kept}", "trainer=default"]


def test_the_folder_of_a_sweep_is_refused_with_what_goes_on_with_a_sweep(tmp_path):
    (tmp_path / SWEEP_PLAN).touch()
    with pytest.raises(SettingError, match=f"is the folder of a sweep.* skip_done=true hydra.sweep.dir={tmp_path}; re"):
        replayed([f"resume={tmp_path}"])
