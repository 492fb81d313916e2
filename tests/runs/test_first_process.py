"""Of several processes one speaks; the others only warn about their own pictures."""

import logging

import pytest

from gan_lightning.runs import first_process


@pytest.fixture(autouse=True)
def levels_as_before():
    loggers = [logging.getLogger(name) for name in (None, "gan_lightning.data")]
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize(("first", "heard"), [(True, "info warning picture"), (False, "picture")])
def test_who_speaks(monkeypatch, caplog, first, heard):
    monkeypatch.setattr(first_process, "is_rank_zero", lambda: first)
    logging.getLogger().setLevel(logging.INFO)
    first_process.let_the_first_process_speak()
    logging.getLogger("gan_lightning.runs").info("info")
    logging.getLogger("gan_lightning.runs").warning("warning")
    logging.getLogger("gan_lightning.data.found").warning("picture")
    assert caplog.messages == heard.split()
