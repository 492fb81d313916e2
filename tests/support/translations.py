"""Small runs of translation, and what plain loops that follow them share."""

import numpy as np
import torch
from torch import nn

STEPS = 10
COMMON = ["network.width=4", "metrics=none", "dataset.resolution=32", "model.optimisation.ema_decay=0.9"]
PAIRED = ["model=pix2pix", "dataset=fake_pairs", "dataset.source.size=40", "dataset.batch_size=4", *COMMON]
UNPAIRED = [
    *("model=cyclegan", "dataset=fake_unpaired", "dataset.source.size=20", "dataset.batch_size=2", *COMMON),
    "network.translator.blocks=1",
]


def assert_equal(ours: nn.Module, theirs: nn.Module) -> None:
    for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")


def seed_step(seen: int) -> None:
    torch.manual_seed(int(np.random.SeedSequence([0, seen, 0]).generate_state(1, np.uint64)[0]))


def averaged(average: nn.Module, network: nn.Module, steps: int) -> None:
    decay = 0.9 if steps else 0.0
    for mean, value in zip(average.parameters(), network.parameters(), strict=True):
        mean.data.mul_(decay).add_(value.data, alpha=1 - decay)
    for mean, value in zip(average.buffers(), network.buffers(), strict=True):
        mean.copy_(value)
