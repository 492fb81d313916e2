"""What a model makes of noise, of latents, and of the way between two."""

import pytest
import torch
from alike import same

from gan_lightning.errors import SettingError
from gan_lightning.models.noise import truncated


def test_noise_and_latents_instead_of_a_seed(classes):
    number = torch.arange(3)
    z = classes.model.noise_at(number, 5)
    assert torch.equal(classes.images(z=z, label=2), classes.images(3, 2, seed=5))
    assert torch.equal(classes.images(w=classes.latents(3, 2, seed=5), label=2), classes.images(3, 2, seed=5))
    short = classes.images(3, 2, seed=5, truncation=0.3)
    assert torch.equal(classes.images(z=z, label=2, truncation=0.3), short)
    assert torch.equal(classes.images(w=truncated(z, 0.3), label=2), short)
    assert not torch.equal(short, classes.images(3, 2, seed=5))
    for wrong, message in (
        ({"z": z, "w": z}, "z, w: w is what the generator makes of z; give one of them"),
        ({"z": z[:, 1:]}, r"z: has the shape \(3, 31\); this model takes \(3, 32\)"),
        ({"w": z, "n": 2}, r"w: has the shape \(3, 32\); this model takes \(2, 32\)"),
        ({"w": z, "truncation": 0.5}, "truncation=0.5: acts on the way from z to w"),
        ({"n": 0}, "n=0: a whole number from 1"),
        ({"seed": -1}, "seed=-1: a whole number from 0"),
    ):
        with pytest.raises(
            SettingError, match=message.replace("31", f"{z.shape[1] - 1}").replace("32", f"{z.shape[1]}")
        ):
            classes.images(**wrong)


def test_a_way_has_its_ends_and_the_lengths_of_noise(classes):
    way = classes.interpolate(1, 2, steps=5, label=3)
    ends = [classes.sample(1, 3, seed=seed)[0] for seed in (1, 2)]
    assert same([way[0], way[-1]], ends)
    first, second = (classes.latents(1, 3, seed=seed)[0] for seed in (1, 2))
    assert same(classes.interpolate(first, second, 5, label=3), way)
    angle = torch.nn.functional.cosine_similarity(first, second, 0).arccos()
    unit = [end / end.norm() for end in (first, second)]
    middle = sum(unit) / (2 * (angle / 2).cos()) * (first.norm() + second.norm()) / 2  # halves the angle
    assert same([way[2]], classes.sample(w=middle[None], label=3))
    assert not same([way[1]], [way[2]])
    with pytest.raises(SettingError, match="steps=1: a way has two ends, so at least 2 pictures"):
        classes.interpolate(1, 2, 1)
    with pytest.raises(SettingError, match=r"b: has the shape \(1, 3\)"):
        classes.interpolate(1, torch.zeros(3))


def test_uniform_noise_is_crossed_in_a_straight_line(plain):
    from gan_lightning.models import Uniform

    first, second = plain.latents(2, seed=3)
    plain.model.prior = Uniform()
    try:
        middle = plain.interpolate(first, second, 3)[1]
    finally:
        del plain.model.prior
    assert same([middle], plain.sample(w=((first + second) / 2)[None]))
