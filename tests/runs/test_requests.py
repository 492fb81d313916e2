"""Requests to end while no step is under way."""

import os
import signal

import pytest

from gan_lightning.runs.requests import REQUESTS, EndRequest, answered, answering


@pytest.mark.parametrize("number", REQUESTS)
def test_a_request_ends_with_its_own_status(number):
    before = signal.getsignal(number)
    with pytest.raises(EndRequest) as ended, answering():
        os.kill(os.getpid(), number)
    assert ended.value.code == 128 + number
    assert str(ended.value) == f"ended by {number.name}"
    assert signal.getsignal(number) == before


def test_nohup_keeps_a_closing_terminal_from_ending_a_run():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert signal.SIGHUP not in answered()
        with answering():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert signal.SIGHUP in answered()
