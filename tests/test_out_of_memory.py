"""Where memory runs out, one sentence names the settings to lower."""

import errno
import re
from types import SimpleNamespace

import pytest
import torch
from hydra.errors import InstantiationException
from omegaconf import OmegaConf
from PIL import Image
from torch.utils.data import DataLoader

from gan_lightning import models
from gan_lightning.batch import Route
from gan_lightning.console import cli
from gan_lightning.console.config import plain
from gan_lightning.console.ending import nothing_left
from gan_lightning.data import Fake, ImageData
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.metrics import ClassifierExtractor
from gan_lightning.metrics.image_scores import ImageScores
from gan_lightning.out_of_memory import EVALUATING, GENERATING, TRAINING, lowering, what_ran_out
from gan_lightning.runs import launch
from gan_lightning.sampling import translate
from gan_lightning.training import train

FAKE = [
    *("dataset=fake", "dataset.source.size=64", "dataset.batch_size=16", "dataset.resolution=16", "network.width=4"),
    *("metrics=none", "trainer.max_epochs=2"),
]
BUS = (
    "DataLoader worker (pid 7) is killed by signal: Bus error. It is possible that dataloader's workers are out of "
    "shared memory. Please try to raise your shared memory limit."
)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (MemoryError(), "memory ran out"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "memory ran out"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes."), "memory ran out"),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4 bytes."), "memory ran out"),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB."), "the GPU ran out"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), "the GPU ran out"),
        (
            RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed. "),
            "a process that reads data died .*SIGKILL",
        ),
        (RuntimeError(BUS), r"shared memory \(/dev/shm\) ran out"),
        (RuntimeError("unable to write to file </torch_7_1_0>: No space left on device (28)"), "shared memory"),
    ],
)
def test_every_way_to_run_out_is_known(error, what):
    wrapped = InstantiationException("Error in call to target 'x'")
    wrapped.__cause__ = error
    for given in (error, wrapped):
        with pytest.raises(FaultError, match=what) as told, lowering(TRAINING):
            raise given
        assert cli.sentence(told.value).endswith(TRAINING)
        assert "\n" not in str(told.value)


def test_other_errors_pass():
    for error in (
        SettingError("x"),
        RuntimeError("a bug"),
        OSError(errno.ENOSPC, "No space left on device"),
        KeyError(1),
    ):
        assert what_ran_out(error) is None
        with pytest.raises(type(error)) as caught, lowering(TRAINING):
            raise error
        assert caught.value is error


def test_host_that_cannot_allocate_is_told_at_the_start(composed):
    with pytest.raises(FaultError, match="memory ran out; lower dataset.batch_size .*network.width"):
        train(composed("dataset=fake", "dataset.source.size=64", "dataset.batch_size=16", "network.width=65536"))


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory."), RuntimeError(BUS)])
def test_training_that_runs_out_tells_the_way_back(composed, monkeypatch, error):
    steps = models.GAN.step

    def step(self: models.GAN, batches: list[object]) -> None:
        if self.generator_step == 5:
            raise error
        steps(self, batches)

    monkeypatch.setattr(models.GAN, "step", step)
    with pytest.raises(FaultError, match="ran out.*lower dataset.batch_size.*the newest good checkpoint is .*resume="):
        train(composed(*FAKE, "callbacks.newest.every=1"))


@pytest.mark.parametrize(
    ("owner", "name", "told"),
    [
        (
            Fake,
            "load",
            "lower dataset.resolution; pictures in a folder .* dataset.source.memory_limit=0",
        ),  # drawing or reading the data
        (ImageData, "spec", "lower dataset.resolution; pictures in a folder .* dataset.source.memory_limit=0"),
        (ClassifierExtractor, "_fit", "lower dataset.resolution, add .*evaluation_batch_size=16, .* metrics.num_fake"),
        (ImageScores, "of", "lower dataset.resolution, add .*evaluation_batch_size=16, .* metrics.num_fake"),
    ],
)
def test_what_comes_before_training_names_its_own_settings(composed, monkeypatch, tmp_path, owner, name, told):
    def fails(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(owner, name, fails)
    scored = ["metrics=classifier", "metrics.num_fake=70", "dataset.source.size=72", f"cache_dir={tmp_path}/cache"]
    with pytest.raises(FaultError, match=f"^memory ran out; {told}"):
        train(composed(*FAKE[:1], *FAKE[2:5], *scored))


def test_picture_that_is_too_large_to_translate_is_told(tmp_path, caplog):
    for name in ("a", "b"):
        Image.new("RGB", (8, 8)).save(tmp_path / f"{name}.png")

    def translated(image: torch.Tensor, direction: str, seed: int, number: torch.Tensor) -> torch.Tensor:
        if number.item() == 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes.")
        return image

    sizes = {"channels": {"a": 3}, "multiple": 1, "minimum": 1, "reach": None}
    model = SimpleNamespace(device=torch.device("cpu"), translate=translated, **sizes)
    with pytest.raises(SettingError, match="1 of 2 files could not be"):
        translate.translate_folder(model, tmp_path, tmp_path.parent / f"{tmp_path.name}-out", Route("a", "b"), 0)
    assert "b.png: memory ran out; make the picture smaller" in caplog.text


class Killed(torch.utils.data.Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, i: int) -> int:
        raise MemoryError("of a worker")


def test_worker_that_runs_out_is_told():
    with pytest.raises(FaultError, match=f"^memory ran out; {re.escape(EVALUATING)}$"), lowering(EVALUATING):
        list(DataLoader(Killed(), num_workers=1))


def test_each_command_names_settings_that_it_has():
    assert "dataset.batch_size" in TRAINING
    assert "accumulate" in TRAINING
    assert "dataset.evaluation_batch_size" in EVALUATING
    assert GENERATING.startswith("lower n")


def test_what_ended_a_run_is_what_would_have_to_be_larger(composed):
    told = []
    for limits in (["max_time=00:00:01:00", "max_images=100"], ["max_generator_steps=7"]):
        config = composed(*limits)
        parts: dict = {"model": {"optimisation": plain(config.model.optimisation)}, "trainer": plain(config.trainer)}
        parts["max_time"] = config.max_time
        told.append(nothing_left(parts, {}))
    assert " max_time=00:00:01:00" in told[0]
    assert "max_images=100" in told[0]
    assert "max_images" not in told[1]


@pytest.mark.parametrize(("accelerator", "is_there"), [("gpu", False), ("cuda", False), ("cpu", True), ("auto", True)])
def test_a_device_that_is_not_there_is_refused_before_the_data_are_read(monkeypatch, accelerator, is_there):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    config = OmegaConf.create(
        {"trainer": {"devices": "auto", "num_nodes": 1, "strategy": "auto", "accelerator": accelerator}}
    )
    advice = launch.Advice(TRAINING, lambda _: "")
    if is_there:
        assert launch.launch(config, lambda _: "worked", advice) == "worked"
    else:
        with pytest.raises(SettingError, match=f"^trainer.accelerator={accelerator}: PyTorch finds no such device"):
            launch.launch(config, lambda _: None, advice)


@pytest.mark.parametrize(
    ("devices", "accelerator", "told"),
    [
        ([5], "gpu", r"devices=\[5\]: .* has GPUs 0 to 1"),
        ([0], "cpu", r"devices=\[0\]: .* trainer.accelerator=cpu; use"),
    ],
)
@pytest.mark.parametrize("strategy", ["auto", {"_target_": "gan_lightning.models.Replicas"}])
def test_gpus_by_number_are_refused_before_any_process_starts(monkeypatch, devices, accelerator, told, strategy):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    trainer = {"devices": devices, "num_nodes": 1, "strategy": strategy, "accelerator": accelerator}
    with pytest.raises(SettingError, match=told):
        launch.launch(OmegaConf.create({"trainer": trainer}), lambda _: None, launch.Advice(TRAINING, lambda _: ""))


@pytest.mark.parametrize(
    ("devices", "gpus", "told"),
    [
        ([0], 0, "devices=[0]: names GPUs by number, and this machine has none"),
        ([3], 2, "devices=[3]: names GPUs by number, and this machine has GPUs 0 to 1"),
        ([], 2, "devices=[]: names no device"),
        (0, 0, "devices=0: a whole number from 1"),
        (2, 0, "devices=2 num_nodes=1: several processes need trainer=ddp"),
        ([0, 1], 2, "devices=[0, 1] num_nodes=1: several processes need trainer=ddp"),
        ([1, 1], 2, "devices=[1, 1]: names a GPU twice"),
        ([1], 2, None),
        ("auto", 1, None),
        (1, 0, None),
    ],
)
def test_devices_of_a_single_process(monkeypatch, devices, gpus, told):
    taken = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    config = OmegaConf.create(
        {"trainer": {"devices": devices, "num_nodes": 1, "strategy": "auto", "accelerator": "auto"}}
    )
    if told is None:
        assert launch.launch(config, lambda _: list(taken), launch.Advice(TRAINING, lambda _: "")) == (
            [] if not gpus else devices if isinstance(devices, list) else [0]
        )
    else:
        with pytest.raises(SettingError) as refused:
            launch.launch(config, lambda _: None, launch.Advice(TRAINING, lambda _: ""))
        assert str(refused.value).startswith(told)
