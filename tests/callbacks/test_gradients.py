"""The logged norms of gradients."""

import csv
from typing import Any

import pytest
import torch

from gan_lightning.models import AdversarialModule
from gan_lightning.training import train

SMALL = ["dataset.batch_size=4", "network.width=4", "metrics=none", "trainer.log_every_n_steps=1"]
SMALL += ["model.optimisation.gradient_clip_norm=0.001", "max_generator_steps=3"]
NOISE = ["dataset=fake", "dataset.source.size=32", "dataset.resolution=16", "callbacks=[default,gradient_norms]"]
ACCUMULATED = ["model=wgan_gp", "model.critic_steps=1", "model.optimisation.accumulate=2"]
DOMAINS = ["dataset=fake_unpaired", "network.translator.blocks=1", "callbacks=[translation,gradient_norms]"]


@pytest.mark.parametrize(
    "recipe",
    [[*ACCUMULATED, *NOISE], ["model=acgan", "trainer.precision=bf16-mixed", *NOISE], ["model=cyclegan", *DOMAINS]],
)
def test_norms_are_those_of_the_whole_gradient_before_clipping(composed, tmp_path, monkeypatch, recipe):
    backward = AdversarialModule.manual_backward
    by_hand: dict[str, list[torch.Tensor]] = {}
    expected: list[dict[str, float]] = [{}]

    def spy(model: Any, loss: torch.Tensor) -> None:
        # The other side is frozen, so what a loss depends on is the side that steps.
        generates = any(parameter.requires_grad for parameter in model.generator.parameters())
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        parts = by_hand.setdefault("generator" if generates else "discriminator", [])
        parts.append(torch.cat([part.flatten() for part in found if part is not None]))
        if len(parts) == model.optimisation.accumulate:
            expected[-1]["generator" if generates else "discriminator"] = float(sum(parts).norm())
            parts.clear()
        if len(expected[-1]) == 2:
            expected.append({})
        backward(model, loss)

    monkeypatch.setattr(AdversarialModule, "manual_backward", spy)
    train(composed(*recipe, *SMALL))
    with (tmp_path / "run" / "logs" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    for row, norms in zip(rows, expected, strict=False):
        for side, norm in norms.items():
            assert float(row[f"gradient_norm_{side}"]) == pytest.approx(norm, rel=1e-4)
            assert norm > 0.001  # so that clipping would show
