"""One job of a sweep: skipped, gone on with, or failed without ending the others."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.runs import job
from gan_lightning.runs.status import Status, read, write

FINISHED = Status("finished", ["lr=1"], monitor="fid", mode="min", best=2.5, seconds=7.0)


class Sweep:
    """A sweep of two jobs over `lr`, as Hydra describes it to the first of them."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.run_dir = folder, folder / "0_lr=1"
        self.run_dir.mkdir()
        (folder / "sweep.json").write_text(json.dumps({"jobs": 2, "swept": ["lr"]}))
        self.hydra: Any = SimpleNamespace(
            sweep=SimpleNamespace(dir=str(folder)),
            job=SimpleNamespace(num=0),
            launcher=OmegaConf.create({"_target_": "hydra._internal.core_plugins.basic_launcher.BasicLauncher"}),
            overrides=SimpleNamespace(task=["lr=1"]),
        )
        monkeypatch.setattr(job.HydraConfig, "get", lambda: self.hydra)
        monkeypatch.setattr(job, "varied", lambda: ["lr=1"])
        monkeypatch.setattr(job, "keep_output_from_failing", lambda: None)
        monkeypatch.setattr(job, "_share", lambda config, jobs_at_once: None)
        self.config = OmegaConf.create({"run_dir": str(self.run_dir), "resume": None, "objectives": None})
        self.runs: list[str | None] = []

    def go(self, error: BaseException | None = None) -> Any:
        """What the job returns, whose run leaves a status or ends with an error."""

        def train(config: DictConfig) -> None:
            self.runs.append(config.resume)
            if error is not None:
                raise error
            write(self.run_dir, FINISHED)

        return job.job(self.config, train)


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Sweep:
    caplog.set_level("INFO", "gan_lightning")
    return Sweep(tmp_path, monkeypatch)


def test_a_job_returns_its_score_and_is_not_done_twice(sweep, caplog):
    assert (sweep.go(), sweep.go()) == (2.5, 2.5)
    assert sweep.runs == [None]
    assert caplog.messages == [
        "[1/2] lr=1: starts",
        "[1/2] lr=1: finished, best fid 2.500 in 7.0 s",
        "[1/2] lr=1: was done before, finished, best fid 2.500",
    ]
    assert (sweep.folder / "summary.csv").is_file()


def test_what_was_interrupted_goes_on(sweep, caplog):
    write(sweep.run_dir, replace(FINISHED, state="interrupted"))
    (sweep.run_dir / "config.yaml").touch()
    assert sweep.go() == 2.5
    assert sweep.runs == [str(sweep.run_dir)]
    assert "[1/2] lr=1: goes on" in caplog.messages


def test_a_finished_run_of_other_settings_is_not_taken_for_this_job(sweep):
    write(sweep.run_dir, replace(FINISHED, overrides=["lr=2"]))
    told = r"hydra.sweep.subdir: two jobs have the folder .*; another one than lr=1 has"
    with pytest.raises(SettingError, match=told):
        sweep.go()
    assert sweep.runs == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FaultError("the disk is full"), "failed, the disk is full"),
        (ZeroDivisionError("division by zero"), "failed, ZeroDivisionError: division by zero"),
    ],
)
def test_a_job_that_fails_says_why_and_does_not_end_the_sweep(sweep, caplog, error, told):
    assert sweep.go(error) is None
    assert caplog.messages[-1] == f"[1/2] lr=1: {told} (after no time)"
    assert read(sweep.run_dir) is None
    assert sweep.go() == 2.5


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143)])
def test_a_request_to_end_ends_the_sweep_where_jobs_run_one_after_the_other(sweep, error):
    with pytest.raises(type(error)):
        sweep.go(error)
    assert not (sweep.folder / job.INTERRUPTED).exists()


def test_ctrl_c_in_a_worker_keeps_the_jobs_that_wait_from_starting(sweep, caplog):
    sweep.hydra.launcher = OmegaConf.create({"_target_": "hydra_plugins.joblib.JoblibLauncher"})
    assert sweep.go(SystemExit(143)) is None  # of this job alone
    assert not (sweep.folder / job.INTERRUPTED).exists()
    assert sweep.go(SystemExit(130)) is None
    assert "interrupted" in caplog.messages[-1]
    assert sweep.go() is None
    assert len(sweep.runs) == 2


@pytest.mark.parametrize(("mode", "sign"), [("min", 1), ("max", -1)])
def test_what_a_search_minimises_is_negated_where_more_is_better(mode, sign):
    status = Status("finished", [], "now", "here", 1, mode=mode, best=2.5, seconds=7.0)
    for asked, value in ((None, 2.5), (["score"], sign * 2.5), (["seconds", "score"], (7.0, sign * 2.5))):
        assert job._values(status, OmegaConf.create({"objectives": asked})) == value
