"""How fast a run goes and how long it still takes."""

from types import SimpleNamespace

import pytest

from gan_lightning.callbacks.clock import Clock, duration


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (99 * 60, "99 min"), (100 * 60, "1 h 40 min"), (90_000, "25 h 0 min")],
)
def test_durations(seconds, told):
    assert duration(seconds) == told


def test_time_left_counts_from_where_the_run_was_taken_up(monkeypatch):
    now = iter([100.0, 130.0, 130.0])
    monkeypatch.setattr("gan_lightning.callbacks.clock.time.monotonic", lambda: next(now))
    clock = Clock.start(SimpleNamespace(progress=0.5, images_seen=1000))
    module = SimpleNamespace(progress=0.6, images_seen=1300)
    assert clock.left(module) == pytest.approx(120)
    assert clock.speed(module) == pytest.approx(10)


def test_speed_leaves_out_validations(monkeypatch):
    now = iter([0.0, 10.0, 40.0, 50.0])
    monkeypatch.setattr("gan_lightning.callbacks.clock.time.monotonic", lambda: next(now))
    clock = Clock.start(SimpleNamespace(progress=0.0, images_seen=0))
    clock.pause()
    clock.train()
    clock.train()
    assert clock.speed(SimpleNamespace(images_seen=200)) == pytest.approx(10)
