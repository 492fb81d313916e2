"""New statistics of batch norm before every validation."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hydra.utils import instantiate

from gan_lightning.callbacks import StandingStatistics
from gan_lightning.models import renew_statistics, standing


@pytest.fixture
def model(composed: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(standing, "BATCH", 8)
    config = composed("model=dcgan", "dataset=fake", "dataset.resolution=16", "network.width=4", "metrics=none")
    config.spec = {"channels": 3, "height": 16, "width": 16, "num_classes": 0}
    torch.manual_seed(0)
    return instantiate(config.model).eval()


def statistics(model: Any) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items() if "running" in name}


def test_a_validation_begins_with_the_statistics_of_its_settings(model):
    start = statistics(model)
    StandingStatistics(passes=2, seed=3, truncation=0.5).on_validation_start(SimpleNamespace(), model)
    found = statistics(model)
    assert any(not torch.equal(found[name], start[name]) for name in start)
    for passes, seed, truncation, same in (
        (2, 3, 0.5, True),
        (1, 3, 0.5, False),
        (2, 4, 0.5, False),
        (2, 3, None, False),
    ):
        renew_statistics(model, passes, seed, truncation)
        assert all(torch.equal(value, found[name]) for name, value in statistics(model).items()) == same
