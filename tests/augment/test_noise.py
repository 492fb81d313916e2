"""Instance noise: how much of it, and until when."""

import pytest
import torch

from gan_lightning.augment import InstanceNoise
from gan_lightning.errors import SettingError


def std(noise: InstanceNoise) -> float:
    torch.manual_seed(0)
    return noise(torch.full((100, 3, 16, 16), 0.3)).std().item()


@pytest.mark.parametrize(("progress", "share"), [(0.0, 1.0), (0.2, 0.5), (0.3, 0.25)])
def test_noise_fades_linearly(progress: float, share: float) -> None:
    noise = InstanceNoise(std=0.8, until=0.4)
    noise.follow(progress)
    assert std(noise) == pytest.approx(0.8 * share, rel=0.01)
    assert noise.observe(torch.zeros(2, 1))["std"].item() == pytest.approx(0.8 * share)


@pytest.mark.parametrize("progress", [0.4, 0.7, 1.0])
def test_no_noise_is_left_at_its_end(progress: float) -> None:
    noise = InstanceNoise(std=0.8, until=0.4)
    noise.follow(progress)
    image = 2 * torch.rand(4, 3, 8, 8) - 1
    assert torch.equal(noise(image), image)


def test_noise_is_added_independently_to_every_number() -> None:
    image = torch.rand(200, 2, 4, 4, dtype=torch.float64)
    torch.manual_seed(0)
    added = (InstanceNoise(std=0.1)(image) - image) / 0.1
    torch.manual_seed(0)
    torch.testing.assert_close(added, torch.randn(200, 2, 4, 4, dtype=torch.float64))


@pytest.mark.parametrize(("setting", "value"), [("std", -0.1), ("until", 0.0), ("until", 1.1)])
def test_a_setting_outside_its_range_is_named(setting: str, value: float) -> None:
    with pytest.raises(SettingError, match=rf"augment\.instance_noise\.{setting}={value}"):
        InstanceNoise(**{setting: value})
