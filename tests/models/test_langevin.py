"""Langevin chains, against closed forms."""

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.models import LangevinChain


def log_normal(image: torch.Tensor) -> torch.Tensor:
    """log N(0, I), up to a constant."""
    return -image.flatten(1).square().sum(1) / 2


@pytest.mark.parametrize("e", [0.5, 1.0])
def test_samples_of_a_gaussian_have_the_variance_of_the_unadjusted_algorithm(e: float) -> None:
    chain = LangevinChain(steps=60, rate=e * e / 2, noise=e, bounded=False)
    torch.manual_seed(0)
    end = chain(log_normal, torch.zeros(4000, 2, 3, 1), torch.randn_like, steps=60)
    assert end.mean().item() == pytest.approx(0, abs=0.03)
    assert end.var().item() == pytest.approx(1 / (1 - e * e / 4), rel=0.03)
    assert not end.requires_grad


def test_each_number_of_the_gradient_and_of_the_image_has_its_bound() -> None:
    start = torch.tensor([0.5, -0.002]).view(1, 2, 1, 1)
    clipped = LangevinChain(steps=1, rate=10, noise=0, gradient_bound=0.01)(log_normal, start, torch.zeros_like, 1)
    assert clipped.flatten().tolist() == pytest.approx([0.4, 0.018])
    away = LangevinChain(steps=1, rate=10, noise=0)(lambda image: -log_normal(image), start, torch.zeros_like, 1)
    assert away.flatten().tolist() == pytest.approx([1.0, -0.022])


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"rate": 0.0}, {"noise": -1.0}, {"gradient_bound": 0.0}])
def test_numbers_out_of_their_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError, match=f"model.chain.{next(iter(wrong))}"):
        LangevinChain(**{"steps": 1, "rate": 1.0, "noise": 0.0, **wrong})
