"""Weights between those of two models."""

import pytest
import torch
from translations import PAIRED

from gan_lightning.errors import SettingError
from gan_lightning.models import blend


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_averaged_weights_lie_between_both_and_whole_numbers_are_kept(composed, build, share) -> None:
    (first, _), (second, _) = build(composed(*PAIRED)), build(composed(*PAIRED))
    for number, model in enumerate((first, second)):
        for value in model.ema.state_dict().values():
            value.fill_(1 + 2 * number)
    before = {name: value.clone() for name, value in first.ema.state_dict().items()}
    made = blend(first, second, share)
    assert made is second
    for name, value in made.ema.module.state_dict().items():
        expected = 1 + 2 * share if value.is_floating_point() else 3
        torch.testing.assert_close(value, torch.full_like(value, expected), msg=name)
    assert all(torch.equal(value, before[name]) for name, value in first.ema.state_dict().items())


def test_other_networks_cannot_be_mixed(composed, build) -> None:
    (first, _), (second, _) = build(composed(*PAIRED)), build(composed(*PAIRED, "network.width=2"))
    with pytest.raises(SettingError, match=r"blend=0\.5: the two checkpoints have different networks"):
        blend(first, second, 0.5)
    with pytest.raises(SettingError, match=r"blend=1\.5: "):
        blend(first, first, 1.5)
