"""What `trainer=cpu` adds changes no result but its rounding."""

import logging
import platform
import subprocess
import sys
from typing import Any

import lightning.pytorch as L
import pytest
import ranks
import torch
import unchanged
from omegaconf import OmegaConf
from thinned import thinned

from gan_lightning.callbacks import OnCPU, on_cpu
from gan_lightning.errors import SettingError
from gan_lightning.processor import runs_lstm_in_bfloat16
from gan_lightning.runs.devices import check_precision

BATCHES = 6
ALLOCATING = """
import resource
import torch
from gan_lightning.callbacks import on_cpu

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(16 * 2**20)  # 64 MB, more than glibc ever keeps by itself
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

pages()
print(pages())
on_cpu.keep_memory()
pages()
print(pages())
"""


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(on_cpu, "keep_memory", lambda: None)  # for the whole process
    with ranks.quiet():
        yield


def trained(name: str, *callbacks: L.Callback, checkpoint: Any = None, **settings: Any) -> Any:
    # Dropout draws its mask in the order of memory, so another layout has another mask.
    config = ranks.composed(unchanged.RECIPES[name], *(["network.translator.dropout=0"] if name == "pix2pix" else []))
    model, data = ranks.build(config)
    given = {"limit_val_batches": 0, "limit_train_batches": BATCHES, **settings}
    ranks.trainer(config, *callbacks, **given).fit(model, data, ckpt_path=checkpoint)
    return model


class Losses(L.Callback):
    def __init__(self) -> None:
        self.found: list[dict[str, float]] = []

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        self.found.append({name: float(value) for name, value in pl_module._notes.items() if name.startswith("loss_")})


class Kinds(L.Callback):
    """The kinds of numbers in which losses are computed."""

    def __init__(self) -> None:
        self.found: dict[str, torch.dtype] = {}

    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        self.found |= {name: value.dtype for name, value in pl_module._notes.items() if name.startswith("loss_")}


class Save(L.Callback):
    def __init__(self, path: Any) -> None:
        self.path = path

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if batch_idx == BATCHES // 2 - 1:
            trainer.save_checkpoint(self.path)


@pytest.mark.parametrize("name", ["wgan_gp", "pix2pix", "cyclegan"])
def test_updates_are_those_of_the_usual_layout_and_optimizers(name):
    theirs = trained(name, precision="64-true")
    ours = trained(name, OnCPU(), precision="64-true")
    layouts = [
        parameter.is_contiguous(memory_format=torch.channels_last)
        for parameter in [*ours.generator.parameters(), *ours.ema.parameters()]
        if parameter.dim() == 4
    ]
    assert layouts
    assert all(layouts)
    assert all(group["fused"] for optimizer in ours.optimizers() for group in optimizer.param_groups)
    for key, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[key], value, rtol=1e-5, atol=1e-5)


def test_gradients_in_float32_are_those_of_the_usual_layout():
    network = ranks.build(ranks.composed(unchanged.RECIPES["dcgan"]))[0].discriminator
    image = torch.rand(4, 3, 16, 16) * 2 - 1

    def gradients() -> list[torch.Tensor]:
        network.zero_grad()
        network(image, torch.arange(4)).logits.square().mean().backward()
        return [parameter.grad.clone() for parameter in network.parameters()]

    theirs = gradients()
    network.to(memory_format=torch.channels_last)
    for one, other in zip(theirs, gradients(), strict=True):
        torch.testing.assert_close(other, one, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["dcgan", "wgan_gp"])
def test_losses_in_bfloat16_are_near_those_in_float32(name):
    theirs, ours = Losses(), Losses()
    trained(name, theirs)
    model = trained(name, OnCPU(), ours, precision="bf16-mixed")
    assert all(value.dtype == torch.float32 for value in model.parameters())
    assert len(ours.found) == BATCHES
    for found, expected in zip(ours.found, theirs.found, strict=True):
        assert found.keys() == expected.keys() != set()
        assert found == pytest.approx(expected, rel=0.03, abs=0.03)


LSTMS = {"gumbel_gan", "mle", "scratchgan", "seqgan"}


@pytest.mark.parametrize("name", thinned(unchanged.RECIPES, unchanged.COVER))
def test_every_recipe_trains_in_bfloat16_and_keeps_float32(name):
    if name in LSTMS and not runs_lstm_in_bfloat16():  # then a run is refused before it begins
        asked = OmegaConf.create({"accelerator": "cpu", "precision": "bf16-mixed"})
        with pytest.raises(SettingError, match="torch has no LSTM in bfloat16 for this processor"):
            check_precision(asked, ranks.build(ranks.composed(unchanged.RECIPES[name]))[0])
        return
    losses = Kinds()
    model = trained(name, OnCPU(), losses, precision="bf16-mixed", limit_train_batches=2)
    assert set(losses.found.values()) == {torch.float32}, losses.found
    for key, value in model.state_dict().items():
        assert value.dtype != torch.bfloat16, key
        assert torch.isfinite(value).all(), key


def test_a_resumed_run_goes_on_to_the_bit(tmp_path):
    path = tmp_path / "half.ckpt"
    whole = trained("dcgan", OnCPU(), Save(path))
    saved = torch.load(path, weights_only=True)
    assert all(not group["fused"] for state in saved["optimizer_states"] for group in state["param_groups"])
    assert unchanged.digest(trained("dcgan", OnCPU(), checkpoint=path)) == unchanged.digest(whole)
    # Without the callback it goes on with the usual optimizer, wherever the saved numbers lie.
    usual = trained("dcgan", checkpoint=path)
    for key, value in whole.state_dict().items():
        torch.testing.assert_close(usual.state_dict()[key], value, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(("precision", "able", "said"), [("32-true", False, 1), ("bf16-mixed", False, 0)])
def test_a_line_says_that_the_processor_has_no_bfloat16(precision, able, said, monkeypatch, caplog):
    monkeypatch.setattr(on_cpu, "computes_in_bfloat16", lambda: able)
    with caplog.at_level(logging.INFO, "gan_lightning.callbacks.on_cpu"):
        trained("dcgan", OnCPU(), precision=precision, limit_train_batches=1)
    assert caplog.text.count("bfloat16 is not used: this processor has no instructions for it") == said


def test_a_choice_of_the_user_is_kept():
    config = ranks.composed(unchanged.RECIPES["dcgan"], "+model.optimisation.generator.foreach=true")
    model, data = ranks.build(config)
    ranks.trainer(config, OnCPU(), limit_val_batches=0, limit_train_batches=1).fit(model, data)
    fused = [group["fused"] for optimizer in model.optimizers() for group in optimizer.param_groups]
    assert fused == [None, True]


def test_kept_memory_is_used_again_without_asking_the_system():
    if platform.libc_ver()[0] != "glibc":
        return
    # In processes of their own, whose memory nothing else has shaped. With some random layouts of addresses glibc
    # cannot extend its heap, and gets large tensors from the system all the same. `setarch -R` has no such layouts.
    for _ in range(8):
        done = subprocess.run([sys.executable, "-c", ALLOCATING], capture_output=True, text=True, check=True)
        usual, kept = map(int, done.stdout.split())
        assert usual > 1000
        if kept < 1000:
            return
    raise AssertionError("eight processes in a row kept no memory")
