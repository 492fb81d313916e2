"""ADA's controller against a simulation by hand; its transformations have files of their own."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_lightning.augment import AdaptiveAugmentation, Colour, Geometry, Transformation
from gan_lightning.errors import SettingError


class Spy(Transformation):
    """Changes nothing and keeps the probabilities that it was given."""

    def __init__(self) -> None:
        self.given: list[float] = []

    def __call__(self, image: Tensor, p: Tensor) -> Tensor:
        self.given.append(p.item())
        return image


def ada(**settings: Any) -> AdaptiveAugmentation:
    return AdaptiveAugmentation({"geometry": Geometry(), "colour": Colour()}, **settings)


def logits(signs: str) -> Tensor:
    return torch.tensor([{"+": 0.3, "-": -2.0, "0": 0.0}[sign] for sign in signs])[:, None]


def step(augment: AdaptiveAugmentation, *batches: Tensor) -> float:
    """One update of the discriminator on so many accumulated batches; p while it lasts."""
    augment.follow(0.0)
    found = {augment.observe(batch)["p"].item() for batch in batches}
    (p,) = found
    assert p == augment.p.item()
    return p


def test_p_follows_a_simulation_by_hand() -> None:
    rng = np.random.default_rng(0)
    augment = ada(p=0.1, target=0.375, interval=3, images=200)
    p, window, directions = 0.1, [], set()
    for number in range(200):
        if number % 3 == 0 and number > 0:
            heard = np.concatenate(window)
            direction = np.sign(np.sign(heard).mean() - 0.375)
            p = min(1.0, max(0.0, p + direction * len(heard) / 200))
            directions.add(direction)
            window = []
        size = rng.integers(1, 6)
        scores = rng.normal(0.5 + np.sin(number / 20), 1, size)
        window.append(scores)
        assert step(augment, torch.from_numpy(scores)[:, None]) == pytest.approx(p, abs=1e-6)
    assert directions >= {-1, 1}


def test_p_rises_from_zero_to_one_in_as_many_images_and_stays_there() -> None:
    augment = ada(interval=2, images=48)
    found = [step(augment, logits("++++")) for _ in range(16)]
    assert found == pytest.approx([0, 0, *(i / 6 for i in range(1, 7) for _ in range(2)), 1, 1])
    found = [step(augment, logits("++--")) for _ in range(20)]
    assert found[:2] == [1, 1]
    assert found[2:] == pytest.approx([*(i / 6 for i in range(5, 0, -1) for _ in range(2)), *[0] * 8])


def test_p_stays_where_the_target_is_met() -> None:
    augment = ada(p=0.5, target=0.5, interval=1, images=10)
    assert [step(augment, logits("+++-")), step(augment, logits("++0+0+-+"))] == [0.5, 0.5]


def test_accumulated_batches_count_as_one() -> None:
    one, two = ada(p=0.5, interval=1, images=100), ada(p=0.5, interval=1, images=100)
    for signs in ("++++++", "+-+---", "++++++"):
        assert step(one, logits(signs)) == step(two, logits(signs[:2]), logits(signs[2:]))
    assert one.p == two.p


def test_a_map_of_logits_counts_as_one_image_with_the_mean_of_its_signs() -> None:
    augment = ada(p=0.5, target=0.5, interval=1, images=100)
    patches = torch.ones(5, 1, 2, 4)
    patches[:, :, 0, :2] = -1  # the mean of the signs is the target
    step(augment, patches)
    assert step(augment, patches) == 0.5
    patches[0, 0, 0, 0] = 1
    step(augment, patches)
    assert step(augment, patches) == pytest.approx(0.55)


def test_without_a_target_p_stays() -> None:
    augment = ada(p=0.3, target=None, interval=1)
    assert [step(augment, logits("++")) for _ in range(4)] == pytest.approx([0.3] * 4)


def test_every_transformation_is_given_p() -> None:
    spies = {"first": Spy(), "second": Spy()}
    augment = AdaptiveAugmentation(spies, p=0.25)
    image = torch.rand(2, 3, 4, 4)
    assert torch.equal(augment(image), image)
    assert spies["first"].given == spies["second"].given == [0.25]


def test_transformations_act_in_turn() -> None:
    image = torch.rand(8, 3, 8, 8, dtype=torch.float64)
    torch.manual_seed(0)
    changed = ada(p=0.75)(image)
    torch.manual_seed(0)
    p = torch.tensor(0.75)
    assert torch.equal(changed, Colour()(Geometry()(image, p), p))
    assert not torch.equal(changed, image)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_images_stay_as_they_are_at_p_zero(channels: int) -> None:
    image = 2 * torch.rand(50, channels, 8, 12) - 1
    assert torch.equal(ada()(image), image)


def test_state_goes_on_from_a_checkpoint_also_between_two_moves() -> None:
    augment = ada(p=0.5, interval=3, images=100)
    step(augment, logits("++-"))
    second = ada(p=0.0, interval=3, images=100)
    second.load_state_dict(copy.deepcopy(augment.state_dict()))
    rest = [logits("+++"), logits("+++++"), logits("+"), logits("-")]
    assert [step(augment, part) for part in rest] == [step(second, part) for part in rest]
    assert augment.p == pytest.approx(0.5 + 11 / 100)


def test_half_precision_does_not_stop_p() -> None:
    augment = ada(p=0.5, interval=1, images=100_000).to(torch.bfloat16)
    for _ in range(101):
        step(augment, logits("+").to(torch.bfloat16))
    assert augment.p.item() == pytest.approx(0.501)


@pytest.mark.parametrize("p", [0.0, 0.8])
def test_half_precision_goes_in_and_comes_out(p: float) -> None:
    image = (2 * torch.rand(4, 3, 8, 8) - 1).to(torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        changed = ada(p=p)(image)
    assert changed.dtype == torch.bfloat16
    assert torch.equal(changed, image) == (p == 0)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("p", -0.1), ("p", 1.1), ("target", 1), ("target", -1), ("interval", 0), ("interval", 1.5), ("images", 0)],
)
def test_a_setting_outside_its_range_is_named(setting: str, value: float) -> None:
    with pytest.raises(SettingError, match=rf"augment\.ada\.{setting}={value}"):
        ada(**{setting: value})
