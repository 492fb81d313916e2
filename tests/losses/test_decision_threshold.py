"""The logit at which an objective is undecided, where the discriminator cannot tell two equal distributions apart."""

from pathlib import Path

import pytest
import torch
from composing import composed
from hydra.utils import instantiate

from gan_lightning.console.config import CONF
from gan_lightning.losses import BoundaryEquilibrium, EnergyBased

FOLDER = Path(CONF, "loss")
LOSSES = [[f"loss={path.relative_to(FOLDER).with_suffix('')}"] for path in sorted(FOLDER.rglob("*.yaml"))]
OTHERS = [
    ["loss=lsgan", "loss.a=-1", "loss.b=1", "loss.c=0"],
    ["loss=minimax", "loss.real_target=0.6"],
    ["loss=lsgan", "game=top_k"],
    ["loss=f_gan/kl", "game=label_flips"],
    ["loss=wasserstein", "game=label_flips"],
]


@pytest.mark.parametrize("settings", LOSSES + OTHERS, ids=",".join)
def test_equal_distributions_leave_the_discriminator_undecided_there(settings: list[str]) -> None:
    loss = instantiate(composed("train", *settings).game).eval()
    if isinstance(loss, BoundaryEquilibrium):
        loss.balance.fill_(1)  # where generated images weigh as much as real ones

    def slope(v: float) -> float:
        """Of D's loss, where it gives the logit v to everything."""
        logit = torch.tensor([v], dtype=torch.float64, requires_grad=True)
        loss.discriminator(logit.expand(4), logit.expand(4)).backward()
        assert logit.grad is not None
        return logit.grad.item()

    if loss.decision_threshold is None:
        # Energies are left alone up to the margin, shifts of the other losses anywhere.
        lowest = -0.99 * loss.margin if isinstance(loss, EnergyBased) else -2.0
        assert [slope(v) for v in (lowest, lowest / 2, 0.5, 3.0)] == pytest.approx([0] * 4, abs=1e-12)
    else:
        assert slope(loss.decision_threshold) == pytest.approx(0, abs=1e-12)
        assert slope(loss.decision_threshold - 1.5) < 0 < slope(loss.decision_threshold + 1.5)
