"""Priors against their distributions, and the latents that samples start from, with a mapping and without."""

from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from scipy import stats
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.models import Coded, Normal, Spherical, Uniform
from gan_lightning.networks import Generator

NUMBERS = torch.arange(300)
TINY = [
    *("dataset=fake", "dataset.source.size=16", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none"),
]


def test_each_sample_of_a_prior_has_a_key_of_its_own() -> None:
    for prior in (Normal(), Uniform(), Spherical()):
        z = prior.sample(3, NUMBERS, 5)
        assert torch.equal(prior.sample(3, torch.tensor([7, 2]), 5), z[[7, 2]])
        assert not torch.equal(prior.sample(4, NUMBERS, 5), z)
    plain = np.random.Generator(np.random.Philox(key=[3, 7])).standard_normal(5, np.float32)
    np.testing.assert_array_equal(Normal().sample(3, torch.tensor([7]), 5)[0], plain)


def test_uniform_numbers_are_uniform_also_where_truncated() -> None:
    prior = Uniform()
    z = prior.sample(0, NUMBERS, 50)
    assert stats.kstest(z.flatten().double(), stats.uniform(-1, 2).cdf).pvalue > 0.01
    assert stats.kstest(prior.truncated(z, 0.3).flatten().double(), stats.uniform(-0.3, 0.6).cdf).pvalue > 0.01
    assert torch.equal(prior.truncated(z, 1.5), z)
    with pytest.raises(SettingError, match="truncation=0: a number above 0"):
        prior.truncated(z, 0)


def test_spherical_noise_lies_on_the_sphere_evenly_and_is_not_truncated() -> None:
    z = Spherical().sample(0, NUMBERS, 3)
    torch.testing.assert_close(z.square().mean(1), torch.ones(300))
    height = z[:, 0] / 3**0.5  # Archimedes: uniform on a sphere in three dimensions
    assert stats.kstest(height.double(), stats.uniform(-1, 2).cdf).pvalue > 0.01
    with pytest.raises(SettingError, match=r"truncation=0\.7: .* on a sphere"):
        Spherical().truncated(z, 0.7)


def test_codes_are_uniform_and_stay_as_they_are_where_noise_is_truncated() -> None:
    prior = Coded(Normal(), codes=[4, 1])
    z = prior.sample(0, torch.arange(2000), 8)
    noise, value, number = z[:, :3], z[:, 3:7], z[:, 7]
    assert torch.equal(value.sum(1), torch.ones(2000))
    assert stats.chisquare(value.sum(0).double()).pvalue > 0.01
    assert stats.kstest(number.double(), stats.uniform(-1, 2).cdf).pvalue > 0.01
    assert stats.kstest(noise.flatten().double(), stats.norm.cdf).pvalue > 0.01
    kept = prior.truncated(z, 0.5)
    assert torch.equal(kept[:, 3:], z[:, 3:])
    assert kept[:, :3].abs().max() <= 0.5
    with pytest.raises(SettingError, match=r"model\.prior\.codes=\[4, 1\]: take 5 numbers .*latent_dim=5 has no more"):
        prior(torch.randn(2, 5))


@pytest.mark.parametrize("wrong", [["network.generator.latent_dim=12"], ["auxiliary.information.codes=[10,1]"]])
def test_codes_that_do_not_fit_are_refused_before_training(composed: Any, build: Any, wrong: list[str]) -> None:
    def tried() -> None:
        model, data = build(composed("model=infogan", *TINY, *wrong))
        model.dry_run(asdict(data.spec()))

    with pytest.raises((SettingError, InstantiationException), match=r"model\.prior\.codes=\[10, 1, 1\]"):
        tried()


@pytest.mark.parametrize("prior", ["Uniform", "Spherical"])
def test_training_and_samples_draw_from_the_models_prior(composed: Any, fit: Any, prior: str) -> None:
    model = fit(composed("model=dcgan", *TINY, f"model.prior._target_=gan_lightning.models.{prior}"))
    torch.manual_seed(0)
    trained = model.noise(8)
    torch.manual_seed(0)
    expected = instantiate({"_target_": f"gan_lightning.models.{prior}"})(torch.randn(8, 100))
    assert torch.equal(trained, expected)
    assert torch.equal(model.noise_at(NUMBERS, 1), model.prior.sample(1, NUMBERS, 100))


class Mapped(Generator):
    """Noise to w by a layer, w to an image of one colour."""

    latent_dim = 4

    def __init__(self) -> None:
        super().__init__()
        self.mapping, self.colour = nn.Linear(4, 3), nn.Linear(3, 3)
        self.register_buffer("mean", torch.tensor([0.5, 1.0, -2.0]))

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.mapping(z) + condition[:, None]

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return self.colour(w).tanh()[:, :, None, None].expand(-1, -1, 16, 16)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.synthesise(self.map(z, condition), condition)

    def mean_w(self) -> Tensor:
        return self.mean


def test_truncation_moves_w_towards_its_mean_where_the_generator_maps_noise(
    composed: Any, build: Any, trainer: Any
) -> None:
    config = composed("model=dcgan", *TINY)
    _, data = build(config)
    model = instantiate(config.model, generator=Mapped())
    trainer().fit(model, data)
    assert model.generator_step == 2
    number = torch.arange(6)
    condition = model.conditions(number)
    network = model.ema.module
    z = model.noise_at(number, 0)
    torch.testing.assert_close(model.sample(6), network(z, condition))
    w = network.mean + 0.25 * (network.map(z, condition) - network.mean)
    torch.testing.assert_close(model.sample(6, truncation=0.25), network.synthesise(w, condition))
    with pytest.raises(SettingError, match=r"truncation=-1: a number from 0"):
        model.sample(1, truncation=-1)
    mean = network.synthesise(model.mean_w().expand(2, -1), condition[:2])
    torch.testing.assert_close(model.sample(2, truncation=0), mean)
    torch.testing.assert_close(model.sample(6, truncation=1), model.sample(6))
    plain = build(config)[0]  # without a mapping, truncation acts on z
    expected = plain.synthesise(plain.prior.truncated(plain.noise_at(number, 0), 0.25), condition)
    torch.testing.assert_close(plain.sample(6, truncation=0.25), expected)
