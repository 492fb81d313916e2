"""The log of a run, which begins when the run does."""

import logging

from gan_lightning.runs.log import RunLog, begin_log


def test_log_begins_with_what_was_said_before(tmp_path):
    handler = RunLog(str(tmp_path / "train.log"))
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        root.warning("before")
        assert not (tmp_path / "train.log").exists()
        begin_log()
        root.warning("after")
    finally:
        root.removeHandler(handler)
        handler.close()
    assert (tmp_path / "train.log").read_text() == "before\nafter\n"
