"""A generator and a discriminator of one dimension, whose samples by any sampler are known in closed form."""

from types import SimpleNamespace

import torch

from gan_lightning.batch import Verdict
from gan_lightning.models.prior import NORMAL
from gan_lightning.sampling import by_discriminator
from gan_lightning.sampling.calibration import LogisticHead

N = 4_000


MEAN, STD = 1.0, 0.5  # of the data; the generator makes N(0, 1)


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
