"""Several processes: how long they wait for each other, and the message when that was too long."""

from datetime import timedelta

import pytest
import torch
from lightning.pytorch.strategies import SingleDeviceStrategy

from gan_lightning.errors import SettingError
from gan_lightning.models.replicas import Replicas, lost_touch

LATE = torch.distributed.DistStoreError("timed out after 90 seconds")


def test_processes_wait_as_long_as_the_setting_says() -> None:
    assert Replicas(timeout=90)._timeout == timedelta(seconds=90)
    with pytest.raises(SettingError, match=r"trainer\.strategy\.timeout=0: "):
        Replicas(timeout=0)


def test_the_message_names_the_time_and_the_setting_that_waits_longer() -> None:
    fault = lost_touch(LATE, Replicas(timeout=90))
    assert str(fault).startswith("not all processes were ready within 90 s; ")
    assert "a larger trainer.strategy.timeout waits longer" in str(fault)


def test_other_errors_and_other_strategies_are_left_alone() -> None:
    assert lost_touch(LATE, SingleDeviceStrategy()) is None
    assert lost_touch(ValueError("timed out"), Replicas(timeout=90)) is None
