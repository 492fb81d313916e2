"""Noise for samples."""

from torch import Tensor, special

from gan_lightning.ranges import Positive, within


def truncated(noise: Tensor, bound: float) -> Tensor:
    """Standard normal noise of any shape as noise from the normal distribution truncated to [-bound, bound].

    BigGAN (Brock et al. 2018, arXiv:1809.11096, section 3.1) draws numbers beyond the bound again. Here the
    distribution function F of the normal distribution maps each number z to F(z), this is scaled into
    [F(-bound), F(bound)], and the inverse of F is applied. The distribution is the same. The order of the numbers is
    kept, so an image stays similar, and a large bound changes nothing.

    Raises:
        SettingError: a bound that is not positive and finite.
    """
    within("truncation", Positive, bound)
    wide = noise.double()  # in single precision F is one from 5.5 on
    edge = wide.new_tensor(bound)
    low, high = special.ndtr(-edge), special.ndtr(edge)
    return special.ndtri(low + special.ndtr(wide) * (high - low)).to(noise.dtype).clamp(-bound, bound)
