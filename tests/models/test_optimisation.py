"""How models are trained: settings that cannot work are refused by name, at the beginning and at the end of a run."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.models import Constant, GeneratorOptimisation, LinearRamp, Optimisation, Training


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"ema_decay": 1.0}, r"model\.optimisation\.ema_decay=1\.0: "),
        (
            {"ema_decay": 0, "ema_rampup": 0.05},
            r"ema_rampup: bounds the half-life of an average, and ema_decay=0 keeps none",
        ),
        ({"ema_rampup": 0.0}, r"model\.optimisation\.ema_rampup=0\.0: "),
        ({"ema_start": -1}, r"model\.optimisation\.ema_start=-1: "),
        ({"accumulate": 0}, r"model\.optimisation\.accumulate=0: "),
        ({"gradient_clip_norm": 0.0}, r"model\.optimisation\.gradient_clip_norm=0\.0: "),
        ({"max_images": 0}, r"^max_images=0: "),
        ({"max_generator_steps": 0}, r"^max_generator_steps=0: "),
        ({"seed": -1}, r"model\.optimisation\.seed=-1: "),
    ],
    ids=str,
)
def test_settings_out_of_their_range_are_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        Training(schedule=Constant(), **settings)


def test_an_optimizer_that_will_not_take_its_settings_is_refused_before_training() -> None:
    good = partial(torch.optim.Adam, lr=0.1)
    with pytest.raises(SettingError, match=r"model\.optimisation\.discriminator: Invalid beta parameter at index 0: 1"):
        Optimisation(schedule=Constant(), generator=good, discriminator=partial(good, betas=(1.5, 0.9)))
    with pytest.raises(SettingError, match=r"model\.optimisation\.generator: .*unexpected keyword argument 'beta'"):
        GeneratorOptimisation(schedule=Constant(), generator=partial(good, beta=0.5))
    # Valid at the beginning, and no longer at the end.
    with pytest.raises(SettingError, match=r"model\.optimisation\.generator: Invalid beta parameter at index 0: 1"):
        GeneratorOptimisation(schedule=Constant(), generator=partial(good, betas=[LinearRamp(0.5, 1.5), 0.9]))


def test_an_average_moves_by_the_decay_and_begins_late() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    average = Training(schedule=Constant(), ema_decay=0.75, ema_start=2).average(network)
    found = []
    for step in range(1, 5):
        nn.init.constant_(network.weight, float(step))
        average.update_parameters(network)
        found.append(average.module.weight.item())
    assert found == pytest.approx([1, 2, 2 + 0.25, 2.25 + 0.25 * (4 - 2.25)])
