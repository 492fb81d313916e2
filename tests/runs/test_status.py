"""`status.json` of a single run, from its start to whichever end."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import TINY, gan_train

from gan_lightning.errors import SettingError
from gan_lightning.runs.status import Status, read, recorded, update, write


def told(run: Path) -> dict[str, Any]:
    """What a reader without this package sees."""
    return json.loads((run / "status.json").read_text())


def test_finished_run_tells_score_size_and_speed(tmp_path):
    status, text = gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path)
    assert status == 0, text
    found = told(tmp_path / "run")
    assert found["state"] == "finished"
    assert found["error"] is None
    assert found["overrides"] == [*TINY]
    assert found["host"] == socket.gethostname()
    scores = [json.loads(line) for line in (tmp_path / "run" / "scores.jsonl").read_text().splitlines()]
    values = [line["swd"] for line in scores]  # of random labels a classifier learns nothing
    assert (found["monitor"], found["mode"]) == ("swd", "min")
    assert found["best"] == pytest.approx(min(values))
    assert found["last"] == pytest.approx(values[-1])
    assert found["images_seen"] == 3 * 72
    assert found["images_per_second"] > found["images_seen"] / found["seconds"]  # without preparation and validations
    saved = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    sizes = [
        [value.numel() for value in state["state"][i].values() if value.dim()]
        for state in saved["optimizer_states"]
        for i in state["state"]
    ]
    assert sum(found["parameters"].values()) == sum(size[0] for size in sizes)


def test_fault_and_signal_leave_what_they_are_and_a_resumed_run_adds_up(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "sigterm"}
    assert gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)[0] == 143
    first = told(tmp_path / "run")
    assert (first["state"], first["images_seen"], first["error"]) == ("interrupted", 104, None)
    assert not (tmp_path / "run" / "error.txt").exists()
    status, text = gan_train("resume=run", folder=tmp_path, fault={"event": "batch", "at": 3, "action": "nan"})
    assert status == 1, text
    second = told(tmp_path / "run")
    assert second["state"] == "failed"
    assert "is not finite" in second["error"]
    assert second["seconds"] > first["seconds"]
    assert second["error"] in (tmp_path / "run" / "error.txt").read_text()
    assert "Traceback" not in (tmp_path / "run" / "error.txt").read_text()
    assert gan_train("resume=run", folder=tmp_path)[0] == 0
    last = told(tmp_path / "run")
    assert (last["state"], last["images_seen"], last["error"]) == ("finished", 216, None)
    assert last["best"] <= first["best"]


def test_killed_run_is_still_running_by_a_process_that_is_not_there(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "kill"}
    assert gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)[0] == -9
    found = told(tmp_path / "run")
    assert found["state"] == "running"
    assert not Path(f"/proc/{found['pid']}").exists()


def test_refused_run_leaves_the_earlier_one_alone(tmp_path):
    (tmp_path / "run" / "logs").mkdir(parents=True)
    (tmp_path / "run" / "status.json").write_text("kept")
    assert gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path)[0] == 1
    assert (tmp_path / "run" / "status.json").read_text() == "kept"


def test_what_no_setting_explains_keeps_its_traceback(tmp_path):
    with pytest.raises(ZeroDivisionError), recorded(tmp_path, ["seed=1"]):
        1 / 0  # noqa: B018
    assert told(tmp_path)["error"] == "ZeroDivisionError: division by zero"
    with pytest.raises(SettingError), recorded(tmp_path, ["seed=1"]):
        raise SettingError("seed=-1: no")
    first, second = (tmp_path / "error.txt").read_text().split("seed=-1: no")
    assert "ZeroDivisionError: division by zero\nTraceback" in first
    assert second == "\n"


def test_numbers_that_are_not_finite_are_null(tmp_path):
    write(tmp_path, Status("running", [], "now", "here", 1))
    update(tmp_path, {"last": float("nan"), "best": 1.0})
    assert (told(tmp_path)["last"], told(tmp_path)["best"]) == (None, 1.0)
    assert read(tmp_path / "elsewhere") is None
