"""A small conditional GAN and what gan-generate would be asked of it."""

from dataclasses import asdict, replace
from typing import Any

import pytest
import torch
from hydra.utils import instantiate

from gan_lightning.data import kind_named
from gan_lightning.models import Ensemble
from gan_lightning.sampling.task import Task


@pytest.fixture
def task(composed: Any, tmp_path: Any) -> Any:
    """`task(n=3)`: a `Task` with a model of four classes, of 16 x 16 pixels, that was never trained."""

    def make(*overrides: str, **changes: Any) -> Task:
        config = composed(
            *("model=cgan", "dataset=fake", "dataset.source.size=24", "dataset.resolution=16", "dataset.batch_size=8"),
            *("network.width=4", "metrics=none", "network.generator.latent_dim=6", *overrides),
        )
        torch.manual_seed(0)
        data = instantiate(config.dataset)
        config.spec = asdict(data.spec())
        model = instantiate(config.model).eval()
        for layer in model.ema.module.modules():
            if isinstance(layer, torch.nn.ConvTranspose2d):
                torch.nn.init.normal_(layer.weight, 0, 0.3)  # images that differ
        asked = Task(
            *(
                Ensemble([model]),
                kind_named("images"),
                asdict(data.spec()),
                tmp_path / "made",
                4,
                None,
                0,
                None,
                4,
                None,
            ),
            data=lambda: data,
            extractor=lambda _: None,
        )
        return replace(asked, **changes)

    return make
