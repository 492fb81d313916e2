"""Optimizers whose settings may be ramps."""

from functools import partial

import pytest
import torch
from torch import nn

from gan_lightning.models import CosineRamp, LinearRamp
from gan_lightning.models.optimizers import at, build_at, ramps


def test_settings_of_an_optimizer_may_be_ramps_or_hold_some() -> None:
    build = partial(torch.optim.Adam, lr=LinearRamp(1.0, 3.0), betas=[0.0, CosineRamp(0.9, 0.9)], eps=1e-7)
    assert set(ramps(build)) == {"lr", "betas"}
    optimizer = build_at(build, [nn.Parameter(torch.zeros(1))], 0.5)
    assert optimizer.defaults["lr"] == 2.0
    assert optimizer.defaults["betas"] == pytest.approx((0.0, 0.9))
    assert optimizer.defaults["eps"] == 1e-7
    assert at([1, LinearRamp(0, 1)], 0.25) == (1, 0.25)
