"""Sampling by a discriminator: on Gaussians of one dimension, where everything is known in closed form."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from gan_lightning.batch import Labelled, Verdict
from gan_lightning.data import ImageKind
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.models.prior import NORMAL
from gan_lightning.sampling import by_discriminator
from gan_lightning.sampling.by_discriminator import calibrated, uniform_at
from gan_lightning.sampling.calibration import LogisticHead, fit
from gan_lightning.sampling.langevin import Langevin, langevin_step, log_acceptance
from gan_lightning.sampling.metropolis_hastings import MetropolisHastings
from gan_lightning.sampling.rejection import Rejection, log_odds_of_acceptance

N = 4_000
MEAN, STD = 1.0, 0.5  # of the data; the generator makes N(0, 1)
BOUND = 2 / 3 + torch.tensor(2.0).log().item()  # of log p - log q, at x = 4/3


def log_ratio(x: torch.Tensor) -> torch.Tensor:
    """log N(x; 1, 1/2) - log N(x; 0, 1)."""
    return x.square() / 2 - ((x - MEAN) / STD).square() / 2 - torch.tensor(STD).log()


class Gaussians:
    """In place of a trained GAN: the generator is the identity, and the discriminator knows the ratio."""

    device, latent_dim, prior = torch.device("cpu"), 1, NORMAL

    def __init__(self, score=log_ratio):
        self.score = score

    def latent_at(self, number, condition, seed, truncation):
        return NORMAL.sample(seed, number, 1)

    def map(self, z, condition):
        return z

    def synthesise(self, w, condition):
        return w[:, :, None, None]

    def critic(self, image, condition):
        return Verdict(self.score(image.flatten(1)), image.flatten(1))


def drawn(sampler, n=N, seed=0, score=log_ratio, head=None):
    """Samples (n,) of a sampler that has a model of Gaussians."""
    model = Gaussians(score)
    task = SimpleNamespace(seed=seed, truncation=None, conditions=torch.zeros_like)
    sampler.task = task
    sampler.target = by_discriminator.Target(model, head or LogisticHead(1.0, 0.0), seed, None)
    random = torch.Generator().manual_seed(seed)
    generated, real = torch.randn(2, 20_000, generator=random, dtype=torch.float64)
    sampler.prepare(log_ratio(MEAN + STD * real), log_ratio(generated))
    return sampler.draw(torch.arange(n)).flatten()


def test_rejection_follows_the_data_and_accepts_one_of_m():
    sampler = Rejection(calibration=1, percentile=None, most=1000)
    x = drawn(sampler)
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.03)
    assert float(x.std()) == pytest.approx(STD, abs=0.03)
    assert sampler.accepted / sampler.asked == pytest.approx(torch.tensor(-BOUND).exp().item(), abs=0.015)  # 0.2567
    assert " proposals accepted" in sampler.report()


def test_a_low_percentile_accepts_more_and_lies_between_generator_and_data():
    sampler = Rejection(calibration=1, percentile=30, most=1000)
    x = drawn(sampler, 1000)
    assert sampler.accepted / sampler.asked > 0.5
    assert 0.2 < float(x.mean()) < 0.9


def test_the_odds_of_acceptance_are_those_of_the_paper():
    ratio = torch.tensor([-3.0, -1.0, -0.1])
    assert torch.allclose(log_odds_of_acceptance(ratio, 0.0).sigmoid(), ratio.exp())
    assert float(log_odds_of_acceptance(torch.tensor(5.0), 0.0).sigmoid()) == pytest.approx(1.0, abs=1e-4)


def test_samples_do_not_depend_on_how_many_there_are():
    for make in (lambda: Rejection(1, None, 1000), lambda: MetropolisHastings(1, 5), lambda: Langevin(1, 3, 0.1)):
        assert torch.equal(drawn(make(), 300)[:10], drawn(make(), 10))


def test_chains_of_metropolis_and_hastings_end_in_the_data():
    sampler = MetropolisHastings(calibration=1, steps=20)
    x = drawn(sampler, 2000)
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.05)
    assert float(x.std()) == pytest.approx(STD, abs=0.04)
    assert 0.2 < sampler.accepted / sampler.asked < 0.7


def test_a_chain_of_one_proposal_accepts_by_the_ratio():
    """From ratio 0, a proposal of log ratio log 1/4 is accepted one time in four; chains that stay run again."""
    sampler = MetropolisHastings(calibration=1, steps=1)
    quarter = torch.log(torch.tensor(0.25))
    sampler.task = SimpleNamespace(seed=0)
    sampler.target = SimpleNamespace(
        propose=lambda number, condition: torch.zeros(len(number), 1, 1, 1),
        log_ratio=lambda samples, condition: quarter.expand(len(samples)),
    )
    number = torch.arange(8000)
    _, moved = sampler._chain(number, number, torch.zeros(8000, 1, 1, 1), torch.zeros(8000, dtype=torch.float64))
    assert float(moved.double().mean()) == pytest.approx(0.25, abs=0.015)


def test_langevin_reaches_the_data_and_says_how_good_its_steps_are():
    sampler = Langevin(calibration=1, steps=50, step_size=0.1)
    x = drawn(sampler, 1500)
    # The exact chain has these moments; steps that are not corrected widen them by 1 / (1 - step / (4 std^2)).
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.04)
    assert float(x.var()) == pytest.approx(STD**2 / (1 - 0.1 / (4 * STD**2)), rel=0.12)
    assert 0.8 < sampler.accepted / sampler.asked < 1
    assert "would pass a Metropolis-Hastings test" in sampler.report()


def test_langevin_stays_with_the_prior_where_the_discriminator_knows_nothing():
    x = drawn(Langevin(calibration=1, steps=40, step_size=0.1), 1500, score=lambda x: 0 * x)
    assert float(x.mean()) == pytest.approx(0, abs=0.08)
    assert float(x.var()) == pytest.approx(1 / (1 - 0.1 / 4), rel=0.12)


def test_steps_that_are_not_corrected_have_the_known_variance_and_acceptance():
    """u - h/2 u + sqrt(h) n on N(0, 1) is stationary at variance 1 / (1 - h/4); for h near 0 all steps pass."""
    random, h = torch.Generator().manual_seed(0), 1.0
    u = torch.randn(20_000, 1, generator=random)
    for _ in range(30):
        u = langevin_step(u, u, torch.randn(u.shape, generator=random), h)
    assert float(u.var()) == pytest.approx(1 / (1 - h / 4), rel=0.03)
    for step_size, low, high in ((1e-4, 0.9999, 1.0), (1.0, 0.7, 0.97)):
        moved = langevin_step(u, u, torch.randn(u.shape, generator=random), step_size)
        here, there = ((x.square().sum(1) / 2, x) for x in (u, moved))
        assert low < float(log_acceptance(u, here, moved, there, step_size).clamp_max(0).exp().mean()) <= high


# --- calibration ---


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


# --- what cannot work ---


def test_a_hopeless_rejection_is_refused_before_sampling():
    sampler = Rejection(calibration=1, percentile=None, most=1000)
    with pytest.raises(SettingError, match=r"sampler.most=1000: about one of .* proposals.*sampler.percentile=80"):
        sampler.prepare(torch.tensor([30.0, 1.0]), torch.tensor([0.0, 1.0]))


def test_a_sample_without_any_accepted_proposal_ends_with_a_sentence():
    with pytest.raises(FaultError, match=r"sampler.most=100: of so many proposals"):
        drawn(Rejection(calibration=1, percentile=None, most=100), 10, head=LogisticHead(1.0, -60.0))


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
