"""The devices that a trainer may ask for, on machines with and without GPUs."""

from contextlib import nullcontext

import pytest
import torch
from omegaconf import OmegaConf

from gan_lightning.errors import SettingError
from gan_lightning.runs import devices
from gan_lightning.runs.devices import check_accelerator, check_precision, devices_wanted, processes_of


def trainer(wanted, accelerator="auto", num_nodes=1):
    return OmegaConf.create({"devices": wanted, "accelerator": accelerator, "num_nodes": num_nodes})


@pytest.fixture
def gpus(monkeypatch):
    def there(count: int) -> None:
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)

    return there


def test_how_many_devices_are_wanted(gpus):
    gpus(4)
    assert [devices_wanted(trainer(wanted)) for wanted in (1, 3, "auto", -1, [2, 0])] == [1, 3, 4, 4, 2]
    assert devices_wanted(trainer("auto", "cpu")) == 1
    gpus(0)
    assert devices_wanted(trainer("auto")) == 1


@pytest.mark.parametrize(
    ("wanted", "accelerator", "told"),
    [
        (0, "auto", r"^devices=0: a whole number from 1, or a list"),
        ([], "auto", r"^devices=\[\]: names no device"),
        ([0, 0], "auto", r"^devices=\[0, 0\]: names a GPU twice"),
        ([2], "auto", r"^devices=\[2\]: names GPUs by number, and this machine has GPUs 0 to 1"),
        ([-1], "gpu", r"^devices=\[-1\]: names GPUs by number, and this machine has GPUs 0 to 1"),
        ([0], "cpu", r"^devices=\[0\]: names GPUs by number, but trainer.accelerator=cpu"),
    ],
)
def test_devices_that_are_not_there_are_refused(gpus, wanted, accelerator, told):
    gpus(2)
    with pytest.raises(SettingError, match=told):
        devices_wanted(trainer(wanted, accelerator))


def test_how_many_processes_run_here(gpus, monkeypatch):
    gpus(4)
    assert processes_of(trainer("auto", "gpu")) == 4
    assert processes_of(trainer([3, 1], "gpu")) == 2
    assert processes_of(trainer(6, "cpu")) == 6
    with pytest.raises(SettingError, match=r"^devices=5: this machine has 4 GPUs"):
        processes_of(trainer(5, "gpu"))
    with pytest.raises(SettingError, match=r"^num_nodes=2: start the same command on every machine"):
        processes_of(trainer(2, "gpu", num_nodes=2))
    for name in ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK"):
        monkeypatch.setenv(name, "0")
    assert processes_of(trainer(2, "gpu", num_nodes=2)) == 2


def test_an_accelerator_that_is_not_there_is_refused(gpus, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    gpus(0)
    for name in ("cpu", "auto", "tpu"):  # Lightning knows others
        check_accelerator(name)
    for name in ("gpu", "cuda", "mps"):
        with pytest.raises(SettingError, match=rf"^trainer.accelerator={name}: PyTorch finds no such device"):
            check_accelerator(name)
    gpus(1)
    check_accelerator("gpu")


def test_cores_are_shared_between_processes_unless_the_user_shares_them(monkeypatch):
    monkeypatch.setattr(devices, "granted", lambda: 8)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 8)
    given = []
    monkeypatch.setattr(torch, "set_num_threads", given.append)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for processes in (2, 3, 100):
        devices.share_cores(processes)
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    devices.share_cores(2)
    assert given == [4, 2, 1]


@pytest.mark.parametrize(
    ("accelerator", "num_gpus", "precision", "layer", "refused"),
    [
        ("cpu", 0, "bf16-mixed", "LSTM", True),
        ("auto", 0, "bf16-mixed", "LSTM", True),
        ("cpu", 1, "bf16-mixed", "LSTM", True),
        ("auto", 1, "bf16-mixed", "LSTM", False),
        ("cpu", 0, "32-true", "LSTM", False),
        ("cpu", 0, "bf16-mixed", "GRU", False),
    ],
)
@pytest.mark.parametrize("able", [False, True])
def test_bfloat16_is_refused_where_torch_has_no_lstm_for_it(
    gpus, monkeypatch, accelerator, num_gpus, precision, layer, refused, able
):
    gpus(num_gpus)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(devices, "runs_lstm_in_bfloat16", lambda: able)
    asked = OmegaConf.create({"accelerator": accelerator, "precision": precision})
    model = torch.nn.Sequential(getattr(torch.nn, layer)(2, 2))
    told = "^trainer.precision=bf16-mixed: torch has no LSTM in bfloat16 for this processor; use 32-true$"
    with pytest.raises(SettingError, match=told) if refused and not able else nullcontext():
        check_precision(asked, model)
