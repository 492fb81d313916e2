"""A folder that a run cannot go on in is refused before anything in it changes."""

import os

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.runs.usable import refuse_unusable


def test_a_folder_of_files_and_folders_passes(tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "status.json").write_text("{}")
    refuse_unusable(tmp_path)


@pytest.mark.parametrize(("name", "kind"), [("status.json", "file"), ("logs/metrics.csv", "file")])
def test_a_folder_in_place_of_a_file_is_named(tmp_path, name, kind):
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(SettingError, match=rf"^resume={tmp_path}: .*{name} is not a {kind}, but a run needs one there"):
        refuse_unusable(tmp_path)


def test_a_file_or_a_pipe_in_place_of_what_a_run_needs_is_named(tmp_path):
    (tmp_path / "samples").write_text("")
    with pytest.raises(SettingError, match="samples is not a folder"):
        refuse_unusable(tmp_path)
    (tmp_path / "samples").unlink()
    os.mkfifo(tmp_path / "train.log")
    with pytest.raises(SettingError, match=r"train.log is not a file"):
        refuse_unusable(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "scores.jsonl").write_text("")
    (tmp_path / "scores.jsonl").chmod(0o400)
    with pytest.raises(SettingError, match=r"scores.jsonl cannot be written; make it writable"):
        refuse_unusable(tmp_path)
