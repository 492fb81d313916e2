"""A warning where training waits for data."""

import threading
import time
from functools import partial

from gan_lightning.callbacks import SlowData
from gan_lightning.data.images import TensorImages
from gan_lightning.training import train

TINY = [
    *("dataset=fake", "dataset.source.size=40", "dataset.batch_size=8", "dataset.resolution=16", "network.width=4"),
    *("metrics=none", "max_images=80", "callbacks.progress.refresh_rate=0"),
]


def test_slow_data_are_warned_of_once_and_the_run_goes_on(composed, monkeypatch, caplog):
    monkeypatch.setattr("gan_lightning.runs.trainer.SlowData", partial(SlowData, limit=0.5))
    read, calls = TensorImages.__getitem__, []

    def slow(self, draw):
        calls.append(draw)
        if len(calls) in (4, 7):
            time.sleep(1)
        return read(self, draw)

    monkeypatch.setattr(TensorImages, "__getitem__", slow)
    before = threading.active_count()
    train(composed(*TINY))
    assert len(calls) == 10
    assert caplog.text.count("No batch of training data has arrived for ") == 1
    assert threading.active_count() == before
