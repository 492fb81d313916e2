"""Priors: what the noise that a generator starts from is drawn from."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np
import torch
from torch import Tensor, special

from gan_lightning.errors import SettingError
from gan_lightning.models.noise import truncated
from gan_lightning.ranges import Few, Positive, within


class Prior(ABC):
    """A distribution of vectors z (B, latent_dim), as a function of standard normal numbers.

    So the numbers are drawn in the same way for each prior: by torch's generator in training, by keys in sampling.

    `codes` describes the last numbers of z, if they have a meaning of their own: an entry K of 2 or more is one of K
    values, as K numbers of which one is 1 and the others are 0; an entry 1 is a number uniform in [-1, 1].
    """

    codes: Sequence[int] = ()

    @abstractmethod
    def __call__(self, normal: Tensor) -> Tensor:
        """Independent standard normal numbers (B, latent_dim) as z of the same shape."""

    @abstractmethod
    def truncated(self, z: Tensor, bound: float) -> Tensor:
        """z with all of its numbers in [-bound, bound], in the same order.

        Raises:
            SettingError: a bound that is not positive; or the prior has no typical part to keep to.
        """

    def sample(self, seed: int, number: Tensor, latent_dim: int) -> Tensor:
        """z (B, latent_dim) keyed by (seed, number): the same in any batch; on the CPU."""
        rows = [np.random.Generator(np.random.Philox(key=[seed, i])) for i in number.tolist()]
        return self(torch.from_numpy(np.stack([row.standard_normal(latent_dim, np.float32) for row in rows])))


@final
class Normal(Prior):
    """N(0, I), what most papers since WGAN-GP use.

    >>> Normal()(torch.tensor([[-2.0, 0.0, 0.5]]))
    tensor([[-2.0000,  0.0000,  0.5000]])
    """

    def __call__(self, normal: Tensor) -> Tensor:
        return normal

    def truncated(self, z: Tensor, bound: float) -> Tensor:
        return truncated(z, bound)


@final
class Uniform(Prior):
    """Independent numbers, uniform in [-1, 1]: DCGAN (arXiv:1511.06434) and LAPGAN (arXiv:1506.05751).

    >>> Uniform()(torch.tensor([[-9.0, 0.0, 0.6745]]))  # quantiles 0, 1/2 and 3/4
    tensor([[-1.0000,  0.0000,  0.5000]])
    """

    def __call__(self, normal: Tensor) -> Tensor:
        return special.erf(normal * 0.5**0.5)

    def truncated(self, z: Tensor, bound: float) -> Tensor:
        return z * min(1.0, within("truncation", Positive, bound))


@final
class Spherical(Prior):
    """Uniform on the sphere where the mean square of the numbers is one: progressive growing (arXiv:1710.10196) and
    the input of StyleGAN's mapping (arXiv:1812.04948).

    >>> Spherical()(torch.tensor([[-5.0, 0.0]]))  # the sphere's radius is the root of two
    tensor([[-1.4142,  0.0000]])
    """

    def __call__(self, normal: Tensor) -> Tensor:
        return normal * normal.square().mean(1, keepdim=True).rsqrt()

    def truncated(self, z: Tensor, bound: float) -> Tensor:
        raise SettingError(
            f"truncation={bound}: this generator's noise lies on a sphere, where no part is more typical than another; "
            "leave truncation out"
        )


@final
class Coded(Prior):
    """Noise, followed by codes whose meaning is learnt (InfoGAN, arXiv:1606.03657, section 4).

    Args:
        noise: what the other numbers are drawn from.
        codes: see `Prior`; InfoGAN's [10, 1, 1] for digits are one of ten values and two uniform numbers.

    Raises:
        SettingError: when noise is drawn, a latent that is not longer than its codes.

    >>> Coded(Normal(), codes=[2, 1])(torch.tensor([[0.3, 0.5, 0.9, 0.0]]))
    tensor([[0.3000, 0.0000, 1.0000, 0.0000]])
    """

    def __init__(self, noise: Prior, codes: Sequence[Few]) -> None:
        for size in codes:
            within("model.prior.codes", Few, size)
        self.noise, self.codes = noise, [*codes]

    def __call__(self, normal: Tensor) -> Tensor:
        rest = self.rest(normal.shape[1])
        parts = [self.noise(normal[:, :rest])]
        for part, size in zip(normal[:, rest:].split(self.codes, 1), self.codes, strict=True):
            # Independent numbers are equally likely to be the largest.
            parts.append(_one_hot(part) if size > 1 else UNIFORM(part))
        return torch.cat(parts, 1)

    def truncated(self, z: Tensor, bound: float) -> Tensor:
        """Of the noise; codes stay as they are."""
        rest = self.rest(z.shape[1])
        return torch.cat([self.noise.truncated(z[:, :rest], bound), z[:, rest:]], 1)

    def rest(self, latent_dim: int) -> int:
        """Numbers of z that are no codes.

        Raises:
            SettingError: there are none.
        """
        if latent_dim <= sum(self.codes):
            raise SettingError(
                f"model.prior.codes={self.codes}: take {sum(self.codes)} numbers of the noise, and network.generator."
                f"latent_dim={latent_dim} has no more; choose a larger latent_dim, or fewer codes"
            )
        return latent_dim - sum(self.codes)


def _one_hot(numbers: Tensor) -> Tensor:
    """One at the largest number of each row (B, K), and otherwise zero."""
    places = torch.arange(numbers.shape[1], device=numbers.device)
    return (numbers.argmax(1, keepdim=True) == places).to(numbers.dtype)


@final
class Quantiles(Prior):
    """Independent numbers, uniform in [0, 1], each of which chooses a token of a sequence.

    >>> Quantiles()(torch.tensor([[-9.0, 0.0, 0.6745]]))
    tensor([[0.0000, 0.5000, 0.7500]])
    """

    def __call__(self, normal: Tensor) -> Tensor:
        return special.ndtr(normal)

    def truncated(self, z: Tensor, bound: float) -> Tensor:
        raise SettingError(f"truncation={bound}: the noise of a sequence has no typical part; leave truncation out")


NORMAL = Normal()
"""The usual prior."""
UNIFORM = Uniform()
