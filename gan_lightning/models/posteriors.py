"""What an encoder says of the latent z of an image: a point, or a Gaussian."""

from abc import ABC, abstractmethod
from typing import ClassVar, final

import torch
from torch import Tensor


class Posterior(ABC):
    """A distribution of z (B, latent_dim) given an image, from the numbers (B, numbers * latent_dim) of an encoder.

    `numbers` is how many numbers the encoder gives for each number of z.
    """

    numbers: ClassVar[int]

    @abstractmethod
    def draw(self, encoded: Tensor) -> Tensor:
        """z (B, latent_dim) from the distribution, with gradient."""

    @abstractmethod
    def mean(self, encoded: Tensor) -> Tensor:
        """The mean of z (B, latent_dim)."""


@final
class Point(Posterior):
    """The encoder gives z itself: autoencoders, and BiGAN (arXiv:1605.09782)."""

    numbers = 1

    def draw(self, encoded: Tensor) -> Tensor:
        return encoded

    def mean(self, encoded: Tensor) -> Tensor:
        return encoded


@final
class DiagonalGaussian(Posterior):
    """z ~ N(mu, s^2), with mu and log s^2 from the encoder, drawn as mu + s n with n ~ N(0, I) (Kingma and Welling
    2013, arXiv:1312.6114, section 2.4).

    >>> encoded = torch.tensor([[1.0, 1.0, 0.0, 0.0]])  # mu = (1, 1), s = (1, 1)
    >>> DiagonalGaussian().mean(encoded)
    tensor([[1., 1.]])
    >>> DiagonalGaussian().divergence(encoded)  # |mu|^2 / 2
    tensor([1.])
    """

    numbers = 2

    def draw(self, encoded: Tensor) -> Tensor:
        mean, log_variance = encoded.chunk(2, 1)
        noise = torch.randn(len(mean), mean.shape[1], device=mean.device)
        return mean + (0.5 * log_variance).exp() * noise

    def mean(self, encoded: Tensor) -> Tensor:
        return encoded.chunk(2, 1)[0]

    def divergence(self, encoded: Tensor) -> Tensor:
        """The Kullback-Leibler divergence from N(0, I) of each image (B,), in nats: the sum over the numbers of z of
        (mu^2 + s^2 - 1 - log s^2) / 2 (arXiv:1312.6114, appendix B)."""
        # Half precision would lose small differences between s^2 and 1 + log s^2.
        exact = torch.promote_types(encoded.dtype, torch.float32)
        mean, log_variance = encoded.to(exact).chunk(2, 1)
        return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
