"""A folder of its own for every run that is named after the time."""

from multiprocessing import get_context
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig

from gan_lightning.console.config import CONF
from gan_lightning.console.folder import OwnFolder, claimed, remove_empty, shared_name
from gan_lightning.runs.sweep import Sweep


def test_of_many_processes_that_ask_at_once_each_gets_its_own(tmp_path):
    wanted = tmp_path / "2026" / "10-30-00_dcgan_avatars"
    processes = get_context("fork")
    barrier, found = processes.Barrier(20), processes.SimpleQueue()

    def ask() -> None:
        barrier.wait(60)
        found.put(str(claimed(wanted)))

    asking = [processes.Process(target=ask) for _ in range(20)]
    for process in asking:
        process.start()
    names = sorted(Path(found.get()).name for _ in asking)
    for process in asking:
        process.join()
    assert names == sorted([wanted.name, *(f"{wanted.name}-{n}" for n in range(2, 21))])


@pytest.fixture(autouse=True)
def nothing_is_new(monkeypatch):
    monkeypatch.setattr(OwnFolder, "new", None)


def composed(script: str, *overrides: str):
    with initialize_config_dir(CONF, version_base="1.3"):
        return compose(script, list(overrides), return_hydra_config=True)


@pytest.mark.parametrize("script", ["train", "evaluate", "generate"])
def test_every_command_asks_for_a_folder_of_its_own(script, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before, found = HydraConfig.instance().cfg, []
    for _ in range(2):
        config = composed(script, *([] if script == "train" else ["checkpoint=x"]))
        config.hydra.runtime.output_dir = "unused"
        assert config.hydra.callbacks.folder._target_ == "gan_lightning.console.folder.OwnFolder"
        monkeypatch.setattr("gan_lightning.console.resolvers._started", lambda: "10-30-00")
        OwnFolder().on_run_start(config)
        found.append(Path(config.hydra.run.dir))
    assert found[0] != found[1]
    assert all(path.is_dir() for path in found)
    assert HydraConfig.instance().cfg is before


def test_folder_that_the_user_names_is_taken_as_it_is(tmp_path):
    config = composed("train", f"hydra.run.dir={tmp_path}/run")
    OwnFolder().on_run_start(config)
    assert config.hydra.run.dir == f"{tmp_path}/run"
    assert not (tmp_path / "run").exists()


def test_folder_of_a_run_that_has_left_nothing_is_removed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "users").mkdir()
    for settings, leaves, stays in (([], False, False), ([], True, True), (["hydra.run.dir=users"], False, True)):
        config = composed("generate", "checkpoint=x", *settings)
        OwnFolder().on_run_start(config)
        folder = Path(config.hydra.run.dir)
        if leaves:
            (folder / "grid.png").touch()
        remove_empty()
        assert folder.exists() == stays
    config = composed("generate", "checkpoint=x", "hydra.run.dir=named/below")
    OwnFolder().on_run_start(config)
    (tmp_path / "named" / "below").mkdir(parents=True)  # as Hydra does
    remove_empty()
    assert not (tmp_path / "named" / "below").exists()


def test_processes_that_torchrun_or_slurm_started_share_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "seven")
    assert shared_name() == "torchrun-seven"
    config = composed("train")
    OwnFolder().on_run_start(config)
    assert not list(tmp_path.iterdir())
    monkeypatch.delenv("TORCHELASTIC_RUN_ID")
    assert shared_name() is None


def test_sweeps_of_the_same_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dirs = []
    for _ in range(2):
        config = composed("train", "hydra.sweep.dir='s/${now:%Y}_sweep'")
        config.hydra.overrides.hydra = []
        monkeypatch.setattr("gan_lightning.runs.sweep._planned", lambda hydra: (["seed"], 2))
        monkeypatch.setattr("gan_lightning.runs.sweep._check_plugins", lambda hydra: None)
        Sweep().on_multirun_start(config)
        begun, Sweep.begun = Sweep.begun, None
        begun.lock.release()
        dirs.append(str(begun.folder))
        assert config.hydra.overrides.hydra == [f"hydra.sweep.dir={begun.folder}"]
    assert dirs[1] == f"{dirs[0]}-2"
