"""What the watching process makes of silence, of a second request to end, and of a process that was stopped."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import Pipe

import pytest

from gan_lightning.processes.line import Answer
from gan_lightning.processes.watch import Watch, requests_kept


@pytest.fixture
def sleeper():
    """A process that does not answer SIGTERM, stopped."""
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_silent_process_is_named_and_ended(sleeper):
    ours, theirs = Pipe()
    watch = Watch([ours], [sleeper.pid], limit=1.0)
    theirs.send(None)
    watch.listen()
    watch.end_if_stuck(grace=0.2)
    assert watch.silent is None
    time.sleep(1.0)
    watch.end_if_stuck(grace=0.2)
    assert f"process 0 of 1 (number {sleeper.pid}) has given no sign of life for 1 s" in watch.silent
    assert "trainer.strategy.timeout=1" in watch.silent
    time.sleep(0.3)
    watch.end_if_stuck(grace=0.2)
    assert sleeper.wait(5) == -signal.SIGKILL


def test_two_requests_end_a_stopped_process(sleeper):
    ours, theirs = Pipe()
    with requests_kept() as requests:
        os.kill(os.getpid(), signal.SIGTERM)  # before there is anybody to pass it on to
        watch = Watch([ours], [sleeper.pid], limit=600.0)
        requests.deliver_to(watch)
        watch.end_if_stuck(grace=0.2)
        assert watch.ends_at is None
        os.kill(os.getpid(), signal.SIGTERM)
        watch.end_if_stuck(grace=0.2)
        time.sleep(0.3)
        watch.end_if_stuck(grace=0.2)
    assert watch.asked == [signal.SIGTERM, signal.SIGTERM]
    assert sleeper.wait(5) == -signal.SIGKILL
    theirs.close()


def test_what_has_ended_is_no_longer_signalled():
    ours, theirs = Pipe()
    watch = Watch([ours], [os.getpid()], limit=600.0)
    theirs.send(Answer(1.5))
    theirs.close()
    watch.kill()
    assert watch.answers == {0: 1.5}
