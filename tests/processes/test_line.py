"""The line between the process that watches a run and one that trains."""

import os
import time
from multiprocessing import Pipe

from gan_lightning.processes import line as line_of_life
from gan_lightning.processes.line import Line
from gan_lightning.processes.watch import Watch


def test_signs_of_life_and_the_answer_arrive(monkeypatch):
    ended = []
    monkeypatch.setattr(line_of_life, "_end_alone", ended.append)
    ours, theirs = Pipe()
    watch = Watch([ours], [os.getpid()], limit=60.0)
    line = Line(theirs)
    before = watch.last_sign[0]
    time.sleep(0.01)
    line.keep()
    for _ in range(100):
        watch.listen()
        if watch.last_sign[0] > before:
            break
        time.sleep(0.1)
    assert watch.last_sign[0] > before
    line.answer(None)
    watch.listen()
    assert watch.answers == {0: None}
    assert not ended
    ours.close()  # as the death of the watching process does
    for _ in range(100):
        if ended:
            break
        time.sleep(0.1)
    assert ended == [[os.getpid()]]
