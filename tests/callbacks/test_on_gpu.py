"""What a GPU is allowed, without one: which steps are not replayed, and that a CPU is left as it is."""

from types import SimpleNamespace
from typing import Any

import lightning.pytorch as L
import pytest
import torch

from gan_lightning.callbacks import GradientNorms, OnGPU, on_gpu


@pytest.fixture(autouse=True)
def precision_as_before():
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


class Inside(L.Callback):
    def on_before_zero_grad(self, *_: Any) -> None:
        """Acts inside of a step."""


def begun(monkeypatch: pytest.MonkeyPatch, *callbacks: L.Callback, device: str = "cuda", capture: bool = True) -> Any:
    """A model whose training has begun; its steps, where they are replayed, are those of `CapturedSteps`."""
    monkeypatch.setattr(on_gpu, "CapturedSteps", lambda model: "replayed")
    monkeypatch.setattr(on_gpu, "obstacle", lambda model: model.obstacle)
    model: Any = SimpleNamespace(device=torch.device(device), captured=None, obstacle=None)
    trainer: Any = SimpleNamespace(callbacks=[*callbacks], is_global_zero=True, accelerator=None)
    OnGPU(capture).on_train_start(trainer, model)
    return model


def test_a_cpu_is_left_as_it_is(monkeypatch):
    torch.set_float32_matmul_precision("medium")
    assert begun(monkeypatch, device="cpu").captured is None
    assert torch.get_float32_matmul_precision() == "medium"


def test_steps_are_replayed_unless_the_setting_or_a_callback_inside_of_them_forbids_it(monkeypatch, caplog):
    caplog.set_level("INFO", "gan_lightning")
    assert begun(monkeypatch, L.Callback(), GradientNorms()).captured == "replayed"
    assert torch.get_float32_matmul_precision() == "high"
    assert begun(monkeypatch, capture=False).captured is None
    assert caplog.text == ""
    assert begun(monkeypatch, Inside()).captured is None
    assert "not replayed as CUDA graphs: Inside acts inside of steps (on_before_zero_grad)" in caplog.text


def test_scores_are_computed_in_full_precision():
    callback, model = OnGPU(capture=False), SimpleNamespace(device=torch.device("cuda"))
    torch.set_float32_matmul_precision("high")
    callback.on_validation_start(SimpleNamespace(), model)
    assert torch.get_float32_matmul_precision() == "highest"
    callback.on_validation_end(SimpleNamespace(), model)
    assert torch.get_float32_matmul_precision() == "high"
