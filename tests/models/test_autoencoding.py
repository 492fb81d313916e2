"""VAE and autoencoder: divergences and likelihoods in closed form, and the same step written plainly."""

import copy
import math

import lightning.pytorch as L
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_lightning.losses import Bernoulli, Gaussian
from gan_lightning.models import (
    VAE,
    Constant,
    DiagonalGaussian,
    GeneratorOptimisation,
)
from gan_lightning.models.fitted import FittedGaussian
from gan_lightning.networks import Encoder, Generator

TINY = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none"),
]


# --- terms ---


def test_the_divergence_is_the_one_of_torch_distributions():
    assert DiagonalGaussian().divergence(torch.tensor([[0.0] * 6])).item() == 0
    assert DiagonalGaussian().divergence(torch.tensor([[1.0] * 3 + [0.0] * 3])).item() == 1.5
    encoded = torch.randn(5, 6, dtype=torch.float64)
    mean, log_variance = encoded.chunk(2, 1)
    posterior = torch.distributions.Normal(mean, (log_variance / 2).exp())
    prior = torch.distributions.Normal(torch.zeros(3, dtype=torch.float64), 1.0)
    expected = torch.distributions.kl_divergence(posterior, prior).sum(1)
    torch.testing.assert_close(DiagonalGaussian().divergence(encoded), expected)


def test_draws_have_the_mean_and_the_deviation_that_were_encoded():
    torch.manual_seed(0)
    encoded = torch.tensor([[2.0, -1.0, math.log(0.25), math.log(4.0)]]).expand(20_000, -1)
    z = DiagonalGaussian().draw(encoded)
    assert z.mean(0).tolist() == pytest.approx([2, -1], abs=0.05)
    assert z.std(0).tolist() == pytest.approx([0.5, 2], rel=0.03)


def test_reconstructions_are_densities_but_for_a_constant_and_summed_over_pixels():
    output, target = torch.rand(2, 4, 3, 5, 5, dtype=torch.float64) * 1.8 - 0.9
    log_p = torch.distributions.Normal(output, 0.3).log_prob(target).flatten(1).sum(1)
    constant = 75 * math.log(0.3 * math.sqrt(2 * math.pi))
    assert Gaussian(0.3)(output, target).item() == pytest.approx(-log_p.mean().item() - constant)
    white = (target + 1) / 2
    p = torch.distributions.Bernoulli((output + 1) / 2, validate_args=False)
    assert Bernoulli()(output, target).item() == pytest.approx(-p.log_prob(white).flatten(1).sum(1).mean().item(), 1e-5)
    sure = torch.ones(1, 1, 1, 1, requires_grad=True)
    Bernoulli()(sure, -torch.ones(1, 1, 1, 1)).backward()
    assert torch.isfinite(sure.grad).all()


def test_the_fitted_gaussian_has_the_mean_and_the_covariance_of_the_codes():
    torch.manual_seed(0)
    mixing, shift = torch.randn(3, 3), torch.tensor([1.0, -2.0, 0.5])
    prior = FittedGaussian(3, decay=0.99)
    codes = torch.randn(20, 500, 3) @ mixing + shift
    for batch in codes:
        prior.observe(batch)
    everything = codes.flatten(0, 1)
    torch.testing.assert_close(prior.mean, everything.mean(0))
    drawn = prior(torch.randn(50_000, 3))
    torch.testing.assert_close(drawn.T.cov(), everything.T.cov(), rtol=0.05, atol=0.05)
    equal = FittedGaussian(2)
    equal.observe(torch.ones(4, 2))  # no variance at all
    torch.testing.assert_close(equal(torch.randn(5, 2)), torch.ones(5, 2), rtol=0, atol=1e-3)


# --- a linear model, whose likelihood is known ---


class Linear(Generator):
    latent_dim = 2

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 6)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.layer(z)[:, :, None, None]


class LinearMean(Encoder):
    """A mean that is linear in the image, and variances that are the same for all images."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.mean, self.log_variance = nn.Linear(6, outputs // 2), nn.Parameter(torch.zeros(outputs // 2))

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        mean = self.mean(image.flatten(1))
        return torch.cat([mean, self.log_variance.expand_as(mean)], 1)


def test_a_linear_vae_reaches_the_likelihood_of_probabilistic_pca():
    """Tipping and Bishop 1999, for a given sigma: W = U (Lambda - sigma^2)^(1/2). There the bound is exact."""
    torch.manual_seed(0)
    sigma, data = 0.5, torch.randn(500, 2) @ torch.randn(2, 6) + 0.5 * torch.randn(500, 6) + 1
    values, vectors = torch.linalg.eigh(data.T.cov(correction=0).double())
    root = vectors[:, -2:] * (values[-2:] - sigma**2).sqrt()
    model_covariance = root @ root.T + sigma**2 * torch.eye(6, dtype=torch.float64)
    density = torch.distributions.MultivariateNormal(data.double().mean(0), model_covariance)
    best = density.log_prob(data.double()).mean().item()

    optimisation = GeneratorOptimisation(schedule=Constant(), generator=torch.optim.Adam)
    model = VAE(Linear(), LinearMean, Gaussian(sigma), optimisation, {}, 0)
    optimizer = torch.optim.Adam(model.players["generator"].parameters(), lr=0.05)
    images, label = data[:, :, None, None], torch.zeros(500)
    bounds = []
    for step in range(600):
        for group in optimizer.param_groups:
            group["lr"] = 0.05 * (1 - step / 600)
        optimizer.zero_grad()
        loss = model.loss(images, label)
        loss.backward()
        optimizer.step()
        bounds.append(-loss.item() - 6 * math.log(sigma * math.sqrt(2 * math.pi)))
    assert sum(bounds[-100:]) / 100 == pytest.approx(best, abs=0.02)
    assert sum(bounds[:20]) / 20 < best - 1


# --- the whole step ---


@pytest.mark.parametrize("recipe", ["vae", "autoencoder"])
def test_an_epoch_equals_the_algorithm_written_plainly(composed, build, fit, recipe):
    config = composed(f"model={recipe}", *TINY)
    model, data = build(config)
    generator, encoder = copy.deepcopy(model.generator), copy.deepcopy(model.encoder)
    adam = torch.optim.Adam([*generator.parameters(), *encoder.parameters()], lr=1e-3)
    codes = []
    for step, (real, label) in enumerate(data.train_dataloader()):
        key = np.random.SeedSequence([0, 8 * step, 0])
        torch.manual_seed(int(key.generate_state(1, np.uint64)[0]))
        encoded = encoder(real, label)
        if recipe == "vae":
            mean, log_variance = encoded[:, :100], encoded[:, 100:]
            image = generator(mean + (log_variance / 2).exp() * torch.randn(8, 100), label)
            divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
            loss = ((image - real) ** 2).sum(dim=(1, 2, 3)).mean() / (2 * 0.3**2) + divergence
        else:
            loss = ((generator(encoded, label) - real) ** 2).mean()
            codes.append(encoded.detach())
        adam.zero_grad()
        loss.backward()
        adam.step()
    trained = fit(config)
    for ours, theirs in ((trained.generator, generator), (trained.encoder, encoder)):
        for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")
    if codes:
        torch.testing.assert_close(trained.fitted.mean, torch.cat(codes).mean(0), rtol=1e-3, atol=1e-5)
        z = torch.randn(4, 100)
        with torch.no_grad():
            made = trained.ema.eval().module["generator"](trained.fitted(z), torch.zeros(4))
            torch.testing.assert_close(trained.synthesise(trained.map(z, torch.zeros(4)), torch.zeros(4)), made)


def test_reconstructions_do_not_depend_on_noise_and_come_from_the_average(composed, fit):
    model = fit(composed("model=vae", *TINY, "model.optimisation.ema_decay=0.5"))
    L.seed_everything(1, verbose=False)
    image, label = torch.rand(3, 3, 16, 16), torch.zeros(3, dtype=torch.long)
    once, again = model.reconstruct(image, label), model.reconstruct(image, label)
    assert torch.equal(once, again)
    both = model.ema.module.eval()
    with torch.no_grad():
        mean = both["encoder"](image, label)[:, :100]
        torch.testing.assert_close(once, both["generator"](mean, label))
