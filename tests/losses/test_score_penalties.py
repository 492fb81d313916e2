"""Penalties on scores against their equations."""

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_lightning.compatibility import Parts, compare_with_data
from gan_lightning.errors import SettingError
from gan_lightning.losses import Consistency, Hinge, LeCam
from gan_lightning.losses.score_penalties import mirrored_and_shifted


def images(n: int, seed: int = 0, side: int = 8) -> Tensor:
    return 2 * torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(seed)) - 1


# --- consistency ---


def test_augmented_images_are_windows_of_the_mirrored_surroundings() -> None:
    real = images(300)
    torch.manual_seed(0)
    moved = mirrored_and_shifted(real, 2)
    places = []
    for image, result in zip(real.numpy(), moved.numpy(), strict=True):
        around = [np.pad(side, [(0, 0), (2, 2), (2, 2)], mode="reflect") for side in (image, image[:, :, ::-1])]
        found = [
            (i, top, left)
            for i, padded in enumerate(around)
            for top in range(5)
            for left in range(5)
            if np.array_equal(padded[:, top : top + 8, left : left + 8], result)
        ]
        assert len(found) == 1
        places += found
    assert 100 < sum(mirrored for mirrored, _, _ in places) < 200
    for axis in (1, 2):
        counts = np.bincount([place[axis] for place in places], minlength=5)
        assert counts.min() > 30  # 60 expected of each of five shifts


def test_consistency_is_the_mean_squared_change_of_the_score() -> None:
    real, seen = images(6, seed=1), []
    weights = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(2))

    def critic(x: Tensor) -> Tensor:
        seen.append(x)
        return (x * weights).flatten(1).sum(1)

    scores = critic(real)
    value = Consistency(weight=5.0, shift=3)(critic, real, real, scores[:, None], scores[:, None])
    changes = ((real - seen[1]) * weights).flatten(1).sum(1).double().numpy()
    assert value.item() == pytest.approx(5 * (changes**2).mean(), rel=1e-4)


def test_consistency_of_a_critic_that_augmentation_cannot_move_is_zero() -> None:
    flat = torch.ones(4, 3, 8, 8) * torch.tensor([0.1, 0.5, -0.2, 0.9])[:, None, None, None]
    critic = lambda x: x.flatten(1).mean(1)  # noqa: E731
    assert Consistency()(critic, flat, flat, critic(flat)[:, None], critic(flat)[:, None]).item() < 1e-12


@pytest.mark.parametrize("shift", [0, -1, 1.5])
def test_a_shift_that_is_none_is_refused(shift: float) -> None:
    with pytest.raises(SettingError, match=rf"shift={shift}"):
        Consistency(shift=shift)


def test_a_shift_beyond_the_images_is_refused() -> None:
    given = Parts(Hinge(), torch.nn.Linear(1, 1), {"consistency": Consistency(shift=8)})
    compare_with_data(given, {"height": 9, "width": 12, "kind": "images"})
    with pytest.raises(
        SettingError, match="penalty=consistency: needs images of 9 pixels or more .*these have 8; .*shift"
    ):
        compare_with_data(given, {"height": 12, "width": 8, "kind": "images"})


# --- LeCam ---


def test_lecam_pulls_to_the_other_sides_moving_average() -> None:
    rng = np.random.default_rng(0)
    penalty = LeCam(weight=0.7, decay=0.9)
    real_anchor = fake_anchor = None
    for _ in range(5):
        real, fake = rng.normal(1, 1, (6, 1)), rng.normal(-1, 1, (6, 1))
        decay = 0.0 if real_anchor is None else 0.9
        real_anchor = decay * (real_anchor or 0) + (1 - decay) * real.mean()
        fake_anchor = decay * (fake_anchor or 0) + (1 - decay) * fake.mean()
        logits = [torch.tensor(values, requires_grad=True) for values in (real, fake)]
        value = penalty(lambda x: x, images(6), images(6), *logits)
        expected = 0.7 * (((real - fake_anchor) ** 2).mean() + ((fake - real_anchor) ** 2).mean())
        assert value.item() == pytest.approx(expected, rel=1e-5)
        value.backward()
        np.testing.assert_allclose(logits[0].grad, 0.7 * 2 * (real - fake_anchor) / 6, rtol=1e-4)
        np.testing.assert_allclose(logits[1].grad, 0.7 * 2 * (fake - real_anchor) / 6, rtol=1e-4)


def test_lecam_keeps_its_averages_in_its_state() -> None:
    first, second = LeCam(), LeCam()
    first(lambda x: x, images(2), images(2), torch.ones(2, 1), -torch.ones(2, 1))
    second.load_state_dict(first.state_dict())
    values = [
        p(lambda x: x, images(2), images(2), torch.zeros(2, 1), torch.zeros(2, 1)).item() for p in (first, second)
    ]
    assert values[0] == values[1] > 0


@pytest.mark.parametrize("decay", [-0.1, 1.0])
def test_a_decay_that_cannot_average_is_refused(decay: float) -> None:
    with pytest.raises(SettingError, match=rf"decay={decay}"):
        LeCam(decay=decay)
