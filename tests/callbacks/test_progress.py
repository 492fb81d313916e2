"""What is shown of a run's progress."""

import io
import logging
import re
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console

from gan_lightning.callbacks import Progress
from gan_lightning.callbacks.clock import Clock
from gan_lightning.training import train

SMALL = [
    *("dataset=fake", "dataset.source.num_classes=0", "dataset.source.size=80", "dataset.resolution=16"),
    *("dataset.batch_size=8", "network.width=4", "metrics=none", "trainer.log_every_n_steps=1"),
    *("callbacks.progress.refresh_rate=20", "callbacks.progress.interval=1000"),
]
LINE = (
    r" *\d+%, [\d,]+ images(, \d+ (s|min) left| in \d+ (s|min)); [\d.,]+ images/s; memory \d+\.\d GB; "
    r"loss_discriminator \S+; loss_generator \S+"
)


def test_where_there_is_no_terminal_lines_tell_the_time_left_and_the_end(composed, caplog):
    caplog.set_level(logging.INFO)
    train(composed(*SMALL, "max_images=1000"))
    told = [record.message for record in caplog.records if record.name.endswith("progress")]
    assert len(told) == 2, told
    assert all(re.fullmatch(LINE, line) for line in told), told
    assert told[0].startswith(" 80%, 800 images, ")  # after 100 steps
    assert told[1].startswith("100%, 1,000 images in ")


def test_a_line_comes_at_every_interval(composed, caplog, monkeypatch):
    minutes = iter(range(0, 10**9, 60))
    monkeypatch.setattr("gan_lightning.callbacks.progress.time.monotonic", lambda: float(next(minutes)))
    caplog.set_level(logging.INFO)
    train(composed(*SMALL, "max_images=80", "callbacks.progress.interval=60"))
    told = [record.message for record in caplog.records if record.name.endswith("progress")]
    assert len(told) == 11, told  # each of ten batches takes a minute or more


def test_nothing_is_told_if_so_asked(composed, caplog):
    caplog.set_level(logging.INFO)
    train(composed(*SMALL, "max_images=80", "callbacks.progress.refresh_rate=0"))
    assert not [record for record in caplog.records if record.name.endswith("progress")]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "gbk", "ascii"])
def test_a_terminal_of_80_columns_shows_all_in_any_encoding(encoding):
    progress = Progress(refresh_rate=20, interval=60)
    losses = {"loss_discriminator_a": 1.23456, "loss_discriminator_b": 0.1, "loss_generator": 12.3, "cycle_l1": 0.2}
    progress._trainer = SimpleNamespace(progress_bar_metrics=losses)
    module = SimpleNamespace(progress=0.0, images_seen=0, device=torch.device("cpu"))
    progress.clock = Clock.start(module)
    module.progress, module.images_seen = 0.42, 67_200
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding=encoding)
    console = Console(file=file, width=80, force_terminal=True, legacy_windows=False, color_system=None)
    console.print(progress._picture(module))
    file.flush()
    lines = written.getvalue().decode(encoding).rstrip("\n").split("\n")
    assert len(lines) <= 3
    assert all(len(line) <= 80 for line in lines)
    assert "42%, 67,200 images, 0 s left" in lines[0]
    assert "loss_discriminator_b 0.1" in " ".join(lines)
    assert "loss_generator 12.3" in " ".join(lines)
