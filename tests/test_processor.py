"""Whether the processor computes in bfloat16."""

import pytest
import torch
from hydra import compose, initialize_config_dir

from gan_lightning.console import resolvers
from gan_lightning.console.config import CONF
from gan_lightning.processor import computes_in_bfloat16, gpu_computes_in_bfloat16, gpus, runs_lstm_in_bfloat16


@pytest.mark.parametrize(
    ("flags", "able"),
    [("fpu avx512f avx512_bf16 sse", True), ("fpu amx_bf16", True), ("fpu avx512f avx512_fp16 amx_tile", False)],
)
def test_the_flags_of_the_processor_say_it(flags, able, tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert computes_in_bfloat16(cpuinfo) == able


def test_a_system_that_does_not_describe_its_processor_computes_in_float32(tmp_path):
    assert not computes_in_bfloat16(tmp_path / "cpuinfo")


def test_torch_without_a_kernel_for_an_lstm_in_bfloat16_is_found(monkeypatch):
    assert runs_lstm_in_bfloat16() or not computes_in_bfloat16()

    def fails(*given):
        raise RuntimeError("could not create a primitive descriptor")

    monkeypatch.setattr(torch.nn.LSTM, "forward", fails)
    assert not runs_lstm_in_bfloat16()


def test_trainer_cpu_takes_the_precision_that_the_processor_is_fast_in(monkeypatch):
    with initialize_config_dir(CONF, version_base="1.3"):
        trainer = compose("train", ["trainer=cpu"]).trainer
    for able, precision in ((True, "bf16-mixed"), (False, "32-true")):
        monkeypatch.setattr(resolvers, "computes_in_bfloat16", lambda able=able: able)
        assert trainer.precision == precision


def test_trainer_default_takes_bfloat16_where_a_gpu_has_it(monkeypatch):
    with initialize_config_dir(CONF, version_base="1.3"):
        trainer = compose("train", []).trainer
    for able, accelerator, precision in (
        (True, "auto", "bf16-mixed"),
        (True, "gpu", "bf16-mixed"),
        (True, "cpu", "32-true"),
        (False, "auto", "32-true"),
    ):
        monkeypatch.setattr(resolvers, "gpu_computes_in_bfloat16", lambda able=able: able)
        trainer.accelerator = accelerator
        assert trainer.precision == precision


def test_a_machine_without_a_driver_has_no_gpu():
    assert not gpu_computes_in_bfloat16("libno_such_driver.so.1")
    assert gpus("libno_such_driver.so.1") == 0


def test_a_machine_with_a_driver_is_asked_by_torch(monkeypatch):
    installed = "libc.so.6"  # any library that is here
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert not gpu_computes_in_bfloat16(installed)
    assert gpus(installed) == 0
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert gpus(installed) == 3
    for able in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, able=able: able)
        assert gpu_computes_in_bfloat16(installed) == able


def test_checkpoints_are_scored_in_float32_on_every_device(monkeypatch):
    monkeypatch.setattr(resolvers, "gpu_computes_in_bfloat16", lambda: True)
    with initialize_config_dir(CONF, version_base="1.3"):
        for overrides in ([], ["trainer=gpu"], ["trainer=cpu"]):
            assert compose("evaluate", overrides).trainer.precision == "32-true"
        assert compose("evaluate", ["trainer.precision=bf16-mixed"]).trainer.precision == "bf16-mixed"
