"""Weights & Biases without a login, read back from what it keeps for `wandb sync`."""

import json
import os
from shutil import rmtree
from types import SimpleNamespace

import numpy as np
import pytest
import wandb
from hydra.utils import instantiate
from offline import OfflineRun
from PIL import Image

from gan_lightning import loggers
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.models import GAN
from gan_lightning.training import train

DIGITS = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=100"]
NOTHING = {"define_metric": lambda *_, **__: None, "log": lambda _: None}
SHORT = ["trainer.max_epochs=2", "trainer.log_every_n_steps=10"]


@pytest.fixture(autouse=True)
def staging(tmp_path, monkeypatch):
    """W&B keeps artifacts that wait for an upload in a folder of the user's."""
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "staging"))


def test_offline_run_holds_everything_over_the_images_seen(composed, tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.setattr(wandb, "login", lambda **_: False)
    best = train(composed("logger=wandb", "logger.wandb.artifact=true", "logger.wandb.tags=[mine]", *DIGITS, *SHORT))
    assert (
        caplog.text.count("Weights & Biases is offline (no login); to upload the run later: wandb login && wandb sync")
        == 1
    )
    assert wandb.run is None
    (folder,) = (tmp_path / "run").glob("wandb/offline-run-*")
    told = OfflineRun(folder)
    assert told.status == 0
    assert (told.run.project, told.run.display_name, told.run.run_group) == ("gan_lightning", "run", "")
    assert list(told.run.tags) == ["mine"]  # Hydra's choices are not known where no Hydra runs
    assert told.config["model"]["optimisation"]["generator"]["lr"] == 0.001
    assert told.config["protocol"]["extractor"] == "classifier"
    assert told.axes == {"*": "images_seen"}
    scored = [row for row in told.history if "fid_classifier" in row]
    assert [row["images_seen"] for row in scored] == [44 * 32, 88 * 32]
    assert [row["images_seen"] for row in told.history if "loss_generator" in row] == [320 * i for i in range(1, 9)]
    shown = [row for row in told.history if "samples.filenames" in row]
    assert [row["images_seen"] for row in shown] == [0, 44 * 32, 88 * 32]
    for row, file in zip(shown, sorted((tmp_path / "run" / "samples").iterdir()), strict=True):
        with Image.open(folder / "files" / row["samples.filenames"][0]) as picture, Image.open(file) as saved:
            assert np.array_equal(np.array(picture), np.array(saved))
    (artifact,) = told.artifacts
    assert (artifact.type, set(artifact.aliases)) == ("model", {"latest", "best"})
    assert json.loads(artifact.metadata)["score"] == best
    (content,) = artifact.manifest.contents
    assert content.size == (tmp_path / "run" / "checkpoints" / "best.ckpt").stat().st_size


def test_run_that_fails_is_ended_as_failed_and_begins_no_earlier_than_training(composed, tmp_path, monkeypatch):
    fake = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=8", "metrics=none", "logger=wandb"]
    with pytest.raises(Exception, match="resolution"):
        train(composed(*fake, "dataset.resolution=17"))
    assert not list((tmp_path / "run").iterdir())

    def fail(*_: object) -> None:
        raise OSError("no more")

    monkeypatch.setattr(GAN, "step", fail)
    with pytest.raises(FaultError, match="no more"):
        train(composed(*fake))
    assert wandb.run is None
    (folder,) = (tmp_path / "run").glob("wandb/offline-run-*")
    assert OfflineRun(folder).status == 1


def test_without_network_it_goes_on_offline_and_says_so_once(tmp_path, monkeypatch, caplog):
    asked = []
    begin = wandb.init

    def init(**settings: object) -> object:
        asked.append(settings["mode"])
        if settings["mode"] is None:
            raise wandb.errors.CommError("timed out")
        return begin(**settings)

    monkeypatch.setattr(wandb, "init", init)
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setattr(wandb, "login", lambda **_: True)
    run = loggers.WandbRun(str(tmp_path), "project", None, None, "name", None, "train", [], [], False)
    run.log_metrics({"loss": 1.0})
    run.finalize("success")
    assert asked == [None, "offline"]
    assert caplog.text.count("Weights & Biases is offline (timed out)") == 1
    assert "wandb sync" in caplog.text


@pytest.mark.parametrize("error", [RuntimeError("run ID 7 is\nin use"), OSError(28, "No space left on device")])
def test_wandb_that_cannot_begin_is_gone_on_without(composed, tmp_path, monkeypatch, caplog, error):
    """As it says when another program shares its service, or the disk is full; each is an exception of another kind."""

    def init(**_: object) -> None:
        raise error

    monkeypatch.setattr(wandb, "init", init)
    fake = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=8", "metrics=none", "max_images=16"]
    train(composed("logger=wandb", "trainer.log_every_n_steps=1", *fake))
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").is_file()
    assert (tmp_path / "run" / "logs" / "metrics.csv").is_file()
    told = " ".join(str(error).split())
    assert caplog.text.count(f"Weights & Biases does not answer any more ({told}); the run goes on") == 1


def test_variables_of_wandb_come_before_our_defaults_and_the_command_line_before_both(composed, tmp_path, monkeypatch):
    told = {"PROJECT": "theirs", "NAME": "called", "TAGS": "a, b", "ENTITY": "team", "RUN_GROUP": "together"}
    told |= {"NOTES": "a note", "JOB_TYPE": "job", "RUN_ID": "number", "DIR": str(tmp_path / "elsewhere")}
    (tmp_path / "elsewhere").mkdir()
    for name, value in told.items():
        monkeypatch.setenv(f"WANDB_{name}", value)
    wandb.teardown()  # it reads the environment once in a process
    ours = ["project=typed", "tags=[c]", "name=mine", "notes='mine, too'", "job_type=ablation"]
    typed = composed("logger=wandb", *(f"logger.wandb.{setting}" for setting in ours))
    (tmp_path / "run").mkdir()
    for config, project, name, tags, notes, job_type in (
        (composed("logger=wandb"), "theirs", "called", ["a", "b"], "a note", "job"),
        (typed, "typed", "mine", ["c"], "mine, too", "ablation"),
    ):
        run = instantiate(config.logger.wandb)
        run.log_metrics({"loss": 1.0})
        run.finalize("success")
        (folder,) = (tmp_path / "elsewhere").glob("wandb/offline-run-*")
        made = OfflineRun(folder).run
        assert (made.project, made.display_name, list(made.tags)) == (project, name, tags)
        assert (made.entity, made.run_group, made.notes, made.job_type) == ("team", "together", notes, job_type)
        assert made.run_id == "number"
        rmtree(tmp_path / "elsewhere" / "wandb")
        (tmp_path / "run" / "wandb_run").unlink()
    wandb.teardown()
    monkeypatch.setenv("WANDB_PROJECT", "")
    assert composed("logger=wandb").logger.wandb.project == "gan_lightning"
    monkeypatch.delenv("WANDB_NOTES")
    monkeypatch.delenv("WANDB_JOB_TYPE")
    plain = composed("logger=wandb").logger.wandb
    assert (plain.notes, plain.job_type) == (None, "train")


@pytest.mark.parametrize(("name", "value"), [("WANDB_TAGS", "a,,b"), ("WANDB_MODE", "bogus"), ("WANDB_RUN_ID", "a/b")])
def test_variable_that_wandb_would_refuse_is_refused_before_training(tmp_path, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=f"(?i)WANDB_.*{name.removeprefix('WANDB_').replace('_', '.')}"):
        loggers.WandbRun(str(tmp_path), "project", None, None, "name", None, "train", [], [], False)


def test_empty_variables_are_none_and_disabled_is_a_mode(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(wandb, "init", lambda **settings: asked.append(settings) or SimpleNamespace(id="1", **NOTHING))
    for name in ("TAGS", "MODE", "RUN_ID", "NOTES"):
        monkeypatch.setenv(f"WANDB_{name}", "")
    monkeypatch.setenv("WANDB_DISABLED", "true")
    monkeypatch.setattr(wandb, "login", lambda **_: pytest.fail("there is nothing to log in to"))
    loggers.WandbRun(str(tmp_path), "project", None, None, "name", None, "train", [], [], False).experiment  # noqa: B018
    assert os.environ["WANDB_MODE"] == "disabled"
    assert asked[0]["mode"] is None
    assert "WANDB_TAGS" not in os.environ


def test_a_key_that_is_none_means_offline(tmp_path, monkeypatch, caplog):
    asked = []
    monkeypatch.setattr(wandb, "init", lambda **settings: asked.append(settings) or SimpleNamespace(id="1", **NOTHING))
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.setenv("WANDB_API_KEY", "short")
    loggers.WandbRun(str(tmp_path), "project", None, None, "name", None, "train", [], [], False).experiment  # noqa: B018
    assert asked[0]["mode"] == "offline"
    assert "offline (WANDB_API_KEY invalid" in caplog.text


def test_our_settings_of_wandb_give_way_to_its_variables(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(wandb, "init", lambda **settings: asked.append(settings) or SimpleNamespace(id="1", **NOTHING))
    for variables in ({}, {"WANDB_SILENT": "false", "WANDB_CONSOLE": "wrap", "WANDB_RESUME": "never"}):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        loggers.WandbRun(str(tmp_path), "project", None, None, "name", None, "train", [], [], False).log_metrics({})
    ours, theirs = asked
    assert (ours["settings"].silent, ours["settings"].console, ours["resume"]) == (True, "off", "allow")
    assert {"silent", "console"}.isdisjoint(theirs["settings"].model_fields_set)
    assert theirs["resume"] is None


@pytest.mark.parametrize(("project", "tags"), [("a/b", []), ("project", ["x" * 65]), ("project", [""])])
def test_names_that_it_does_not_take_are_refused_before_training(tmp_path, project, tags):
    with pytest.raises(SettingError, match="logger.wandb.tags: " if tags else "logger.wandb.project=a/b: "):
        loggers.WandbRun(str(tmp_path), project, None, None, "name", None, "train", tags, [], False)


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("WANDB_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(SettingError, match=r"WANDB_DIR=.*/file/below: cannot be written \(Not a directory\)"):
        loggers.WandbRun(str(tmp_path), "p", None, None, "n", None, "train", [], [], artifact=False)
