"""The first files of a run: written when it begins, and nothing of another run is replaced."""

import pytest

from gan_lightning.console.config import from_yaml
from gan_lightning.errors import SettingError
from gan_lightning.runs import first_files as module
from gan_lightning.runs.first_files import first_files, refuse_used_folder


@pytest.fixture(autouse=True)
def begun(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The folders whose run has begun, in place of a status that belongs to a process."""
    folders: list[object] = []
    monkeypatch.setattr(module, "begin", folders.append)
    return folders


@pytest.mark.parametrize("name", ["config.yaml", "scores.jsonl", "checkpoints"])
def test_a_folder_with_results_takes_no_other_run_but_goes_on(tmp_path, monkeypatch, name):
    refuse_used_folder(tmp_path, None)
    (tmp_path / "notes.txt").touch()
    refuse_used_folder(tmp_path, None)  # the user may keep other files there
    (tmp_path / name).mkdir()
    with pytest.raises(SettingError, match=rf"already holds {name} of a run, .*resume={tmp_path}"):
        refuse_used_folder(tmp_path, None)
    refuse_used_folder(tmp_path, str(tmp_path))
    monkeypatch.setattr(module, "is_rank_zero", lambda: False)  # the first process has just begun there
    refuse_used_folder(tmp_path, None)


def test_nothing_is_written_before_the_run_begins(tmp_path, begun):
    first = first_files({"resume": None, "seed": 3}, tmp_path, None)
    assert list(tmp_path.iterdir()) == []
    first.mark()
    assert from_yaml(tmp_path / "config.yaml") == {"resume": None, "seed": 3}
    assert begun == []
    first.begin()
    assert begun == [tmp_path]


def test_a_resumed_run_marks_nothing_and_then_replaces_its_configuration(tmp_path):
    (tmp_path / "config.yaml").write_text("seed: 1\n")
    first = first_files({"resume": "run", "seed": 2}, tmp_path, None)
    first.mark()
    assert from_yaml(tmp_path / "config.yaml") == {"seed": 1}
    first.begin()
    assert from_yaml(tmp_path / "config.yaml") == {"resume": "run", "seed": 2}


def test_half_written_files_go_and_a_checkpoint_that_had_no_name_yet_gets_one(tmp_path):
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    (folder / "newest-7.ckpt").write_bytes(b"content")
    (tmp_path / "logs").mkdir()
    partials = [tmp_path / ".scores.partial", folder / ".best.ckpt.partial", tmp_path / "logs" / ".metrics.csv.partial"]
    for partial in partials:
        partial.touch()
    first_files({"resume": "run"}, tmp_path, folder / "newest-7.ckpt").begin()
    assert (folder / "last.ckpt").read_bytes() == b"content"
    assert not [partial for partial in partials if partial.exists()]


def test_other_processes_write_nothing(tmp_path, monkeypatch, begun):
    monkeypatch.setattr(module, "is_rank_zero", lambda: False)
    first = first_files({"resume": None}, tmp_path, None)
    first.mark()
    first.begin()
    assert (list(tmp_path.iterdir()), begun) == ([], [])
