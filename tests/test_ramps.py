"""What ramps are, and who refuses them."""

from typing import Any

import pytest
import torch

from gan_lightning.augment import AdaptiveAugmentation, InstanceNoise
from gan_lightning.errors import SettingError
from gan_lightning.losses import R1
from gan_lightning.models import CosineRamp, HalfLifeRamp, LinearRamp
from gan_lightning.ramps import Follows, Ramped


@pytest.mark.parametrize("kind", [LinearRamp, CosineRamp])
def test_a_ramp_stays_at_both_of_its_ends(kind: Any) -> None:
    ramp = kind(3.0, 1.0, since=0.2, until=0.6)
    values = [ramp(progress / 10) for progress in range(11)]
    assert values[:3] == [3.0] * 3
    assert values[6:] == [1.0] * 5
    assert values[4] == pytest.approx(2.0)
    assert values == sorted(values, reverse=True)


def test_a_half_life_goes_up_at_a_constant_rate() -> None:
    ramp = HalfLifeRamp(10, 30)
    for progress in (0.0, 0.3, 1.0):
        assert ramp(progress) ** (10 + 20 * progress) == pytest.approx(0.5)


def test_a_half_life_goes_up_along_a_cosine() -> None:
    ramp, half_life = HalfLifeRamp(10, 30, 0.0, 0.5, way=CosineRamp), CosineRamp(10, 30, 0.0, 0.5)
    for progress in (0.0, 0.1, 0.4, 1.0):
        assert ramp(progress) ** half_life(progress) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [(0.5, 0.5, "since=0.5: a ramp begins before it ends"), (-0.1, 1.0, "since=-0.1"), (0.0, 1.5, "until=1.5")],
)
def test_a_ramp_that_ends_before_it_begins_is_refused(since: float, until: float, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        LinearRamp(0.0, 1.0, since, until)


@pytest.mark.parametrize(("start", "end", "word"), [(-1.0, 1.0, "begins"), (1.0, -1.0, "ends")])
def test_both_ends_lie_in_the_range_of_the_setting(start: float, end: float, word: str) -> None:
    with pytest.raises(SettingError, match=rf"penalty\.\*\.gamma: its ramp {word} at gamma=-1\.0: a number from 0"):
        R1(gamma=LinearRamp(start, end))


def test_two_who_say_how_a_setting_changes_are_refused() -> None:
    with pytest.raises(SettingError, match=r"instance_noise\.until=0\.5: std is a ramp"):
        InstanceNoise(LinearRamp(0.1, 0.0), until=0.5)
    with pytest.raises(SettingError, match=r"ada\.target=0\.6: p is a ramp"):
        AdaptiveAugmentation({}, p=LinearRamp(0.0, 0.3))


def test_a_penalty_follows_its_ramp_in_a_tensor_that_stays_the_same() -> None:
    image, ramped, fixed = torch.ones(4, 1, 2, 2), R1(gamma=LinearRamp(10, 2)), R1(gamma=4)

    def critic(shown: torch.Tensor) -> torch.Tensor:
        return shown.square().sum((1, 2, 3))

    (follower,) = [part for part in ramped.modules() if isinstance(part, Follows)]
    assert isinstance(follower, Ramped)
    value = follower.value
    follower.follow(0.75)
    given = (critic, image, image, critic(image), critic(image))
    assert ramped(*given) == fixed(*given)
    assert follower.value is value
    assert follower.capturable
    assert not ramped.state_dict()  # the budget says what it is
