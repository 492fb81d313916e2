"""The head that turns logits into a ratio of densities."""

import pytest
import torch

from gan_lightning.sampling.calibration import LogisticHead, fit


def test_a_head_finds_the_ratio_behind_any_line():
    """Of N(1, 1) against N(0, 1) the log ratio is x - 1/2; a critic that says 3 x + 5 is brought back to it."""
    random = torch.Generator().manual_seed(0)
    real, generated = (torch.randn(100_000, generator=random) + mean for mean in (1.0, 0.0))
    head = fit(3 * real + 5, 3 * generated + 5)
    assert head.slope == pytest.approx(1 / 3, rel=0.03)
    assert head(torch.tensor(5.0 + 3 * 0.5)).item() == pytest.approx(0, abs=0.03)


def test_numbers_of_the_two_sides_do_not_matter_and_complete_separation_stays_finite():
    random = torch.Generator().manual_seed(0)
    real, generated = torch.randn(20_000, generator=random) + 1, torch.randn(500, generator=random)
    assert fit(real, generated.repeat(40)).slope == pytest.approx(fit(real, generated).slope, rel=1e-3)
    head = fit(torch.tensor([1.0, 2.0]), torch.tensor([-1.0, -2.0]))
    assert 0 < head.slope < 100
    assert fit(torch.ones(5), torch.ones(5)) == LogisticHead(0.0, 0.0)
