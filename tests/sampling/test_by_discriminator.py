"""What all ways of sampling by a discriminator share: calibration, numbers of chance, and refusals."""

from types import SimpleNamespace

import pytest
import torch
from known_ratio import MEAN, Gaussians, drawn
from torch import nn

from gan_lightning.batch import Labelled
from gan_lightning.data import ImageKind
from gan_lightning.errors import SettingError
from gan_lightning.sampling.by_discriminator import calibrated, uniform_at
from gan_lightning.sampling.langevin import Langevin
from gan_lightning.sampling.metropolis_hastings import MetropolisHastings
from gan_lightning.sampling.rejection import Rejection


def test_samples_do_not_depend_on_how_many_there_are():
    for make in (lambda: Rejection(1, None, 1000), lambda: MetropolisHastings(1, 5), lambda: Langevin(1, 3, 0.1)):
        assert torch.equal(drawn(make(), 300)[:10], drawn(make(), 10))


def test_calibration_compares_held_out_images_with_as_many_generated_ones(caplog):
    random = torch.Generator().manual_seed(0)
    held = Labelled((MEAN + torch.randn(5000, 1, 1, 1, generator=random)), torch.zeros(5000))
    task = SimpleNamespace(
        seed=3, truncation=None, kind=ImageKind(), data=lambda: SimpleNamespace(held_out=lambda _: held)
    )
    with caplog.at_level("INFO"):
        target, real, generated = calibrated(Gaussians(lambda x: 7 * x - 2), task, 5000)
    assert target.head.slope == pytest.approx(1 / 7, rel=0.05)
    assert len(real) == len(generated) == 5000
    assert real.mean() == pytest.approx(0.5, abs=0.05)
    assert "of 5,000 held-out images from generated ones" in caplog.text
    with caplog.at_level("INFO"):
        calibrated(Gaussians(lambda x: -x), task, 5000)
    assert "takes generated images for real more often" in caplog.text
    assert "ratios are uncertain" not in caplog.text
    held = Labelled(held.image[:99], held.condition[:99])
    calibrated(Gaussians(lambda x: x), task, 99)
    assert "calibrated on so few images (99) that its ratios are uncertain; take 100 or more" in caplog.text


def test_uniform_numbers_are_uniform_and_keyed():
    number = torch.arange(20_000)
    u = uniform_at(5, number)
    assert float(u.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(u.var()) == pytest.approx(1 / 12, abs=0.002)
    assert torch.equal(uniform_at(5, number[7:9]), u[7:9])
    assert not torch.equal(uniform_at(6, number[:5]), u[:5])


def test_a_model_without_discriminator_or_several_are_refused():
    model = type("OnePlayer", (nn.Module,), {})()
    task = SimpleNamespace(model=lambda what: model, truncation=None)
    with pytest.raises(SettingError, match=r"sampler=langevin: .*OnePlayer, has no discriminator of images alone"):
        Langevin(1, 1, 0.1).begin(task)
    with pytest.raises(SettingError, match=r"truncation=0.5: sampler=langevin"):
        Langevin(1, 1, 0.1).begin(SimpleNamespace(truncation=0.5))


@pytest.mark.parametrize(
    "make", [lambda: MetropolisHastings(1, 0), lambda: Langevin(1, 0, 0.1), lambda: Rejection(0, None, 1)]
)
def test_counts_below_one_are_refused(make):
    with pytest.raises(SettingError, match=r"sampler\.\w+=0: a whole number from 1"):
        make()
