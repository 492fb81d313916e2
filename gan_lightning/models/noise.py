"""Noise for samples."""

from torch import Tensor, special

from gan_lightning.ranges import Positive, within


def truncated(noise: Tensor, bound: float) -> Tensor:
    """Standard normal noise of any shape as noise from the normal distribution truncated to [-bound, bound].

    BigGAN (Brock et al. 2018, arXiv:1809.11096, section 3.1) draws numbers beyond the bound again. Here the normal
    distribution function F takes each number z to F(z) and, shrunk to [F(-bound), F(bound)], its inverse takes that
    back: the same distribution. It keeps the numbers' order, so a sample keeps its character, and a large bound changes
    nothing.

    Raises:
        SettingError: a bound that is not positive and finite.
    """
    within("truncation", Positive, bound)
    wide = noise.double()  # in single precision F is one from 5.5 on
    edge = wide.new_tensor(bound)
    low, high = special.ndtr(-edge), special.ndtr(edge)
    return special.ndtri(low + special.ndtr(wide) * (high - low)).to(noise.dtype).clamp(-bound, bound)
