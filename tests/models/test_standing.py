"""Standing statistics against torch's own cumulative average, and the commands that ask for them."""

import json
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.evaluate import evaluate
from gan_lightning.generate import generate
from gan_lightning.models import renew_statistics, standing
from gan_lightning.runs.scoring import compare_folders
from gan_lightning.training import train

TINY = [
    *("dataset=fake", "dataset.source.size=32", "dataset.resolution=16", "dataset.batch_size=8", "network.width=2"),
    "metrics=swd",
]


def state(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_statistics_are_the_means_over_batches_and_nothing_else_changes(
    composed: Any, build: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "BATCH", 4)
    model, _ = build(composed("model=biggan", *TINY))
    network = model.ema.eval().module
    before = state(model)
    renew_statistics(model, 3, seed=5, truncation=0.5)
    after = state(model)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    norms = [name for name, module in model.named_modules() if isinstance(module, _BatchNorm)]
    inside = [name for name in norms if name.startswith("ema.module.")]
    assert moved == {f"{name}.running_{kind}" for name in inside for kind in ("mean", "var")}

    # By hand: batch norm in training, with torch's cumulative average.
    model.load_state_dict(before)
    numbers = (standing.FIRST + torch.arange(12)).split(4)
    conditions = [model.conditions(number) for number in numbers]
    drawn = [model.latent_at(*pair, 5, 0.5) for pair in zip(numbers, conditions, strict=True)]
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            module.reset_running_stats()
            module.momentum = None
            module.train()
    with torch.no_grad():
        for w, condition in zip(drawn, conditions, strict=True):
            network(w, condition)
    for name, value in state(model).items():
        if name.startswith("ema.module.") and "num_batches" not in name:
            torch.testing.assert_close(after[name], value, rtol=1e-4, atol=1e-6)


def test_a_generator_without_batch_norm_is_refused(composed: Any, build: Any) -> None:
    without = ["~conditioning.norm.eps", "conditioning.norm._target_=gan_lightning.networks.NoGeneratorNorm"]
    model, _ = build(composed("model=dcgan", *TINY, *without, "critic_norm=batch"))
    with pytest.raises(SettingError, match=r"standing_statistics=2: this model's generator has no batch norm"):
        renew_statistics(model, 2)


def test_commands_sample_and_score_with_standing_statistics_at_a_truncation(composed: Any, tmp_path: Any) -> None:
    train(composed("model=sngan", *TINY, "metrics.num_fake=16", "max_generator_steps=1", "model.critic_steps=1"))
    made = ["checkpoint=" + str(tmp_path / "run"), f"cache_dir={tmp_path}", f"data_dir={tmp_path}"]
    drawn = ["truncation=0.5", "standing_statistics=1"]
    with initialize_config_dir(CONF, version_base="1.3"):
        scored = {}
        for folder, more in (("plain", []), ("drawn", drawn)):
            (tmp_path / folder).mkdir()
            given = [*made, *more, f"run_dir={tmp_path}/{folder}", "trainer.accelerator=cpu"]
            scored[folder] = evaluate(compose("evaluate", given))
        assert scored["plain"] != scored["drawn"]
        for folder, expected in (("plain", None), ("drawn", 1)):
            protocol = json.loads((tmp_path / folder / "scores.jsonl").read_text())["protocol"]
            assert protocol.get("standing_statistics") == expected
            assert protocol.get("truncation") == (expected and 0.5)
        pictures = []
        for folder, more in (("images", ["truncation=0.5"]), ("standing", drawn)):
            generate(compose("generate", [*made, *more, "n=2", f"run_dir={tmp_path}/{folder}"]))
            pictures.append((tmp_path / folder / "grid.png").read_bytes())
        assert pictures[0] != pictures[1]
        folders = [f"real={tmp_path}/images/images", f"fake={tmp_path}/standing/images", "standing_statistics=1"]
        with pytest.raises(SettingError, match=r"standing_statistics=1: nothing is drawn"):
            compare_folders(compose("evaluate", [*folders, f"run_dir={tmp_path}/folders"]))
