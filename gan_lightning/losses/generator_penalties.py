"""Terms of the generator's loss that see the noise and the conditions of its images."""

from math import sqrt
from typing import Any, cast, final

import torch
from torch import Tensor, nn

from gan_lightning import distributed
from gan_lightning.errors import SettingError
from gan_lightning.losses.contracts import GeneratorPenalty
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Count, Share, within


@final
class ModeSeeking(GeneratorPenalty):
    """Different noise should give different images, also under the same condition (MSGAN, Mao et al. 2019,
    arXiv:1903.05628, eq. 4).

    weight / (E |G(z, c) - G(z', c)| / E |z - z'| + 1e-5), where | | is the mean absolute difference. The means are over
    the batch, as in the authors' code. They draw z' and double the batch; here z' is the noise of the next image of the
    batch, which is as independent and costs one more pass of G. Each process compares its own images, and so does each
    of the batches that `accumulate` adds up.

    >>> z, condition = torch.tensor([[0.0], [1.0]]), torch.zeros(2)
    >>> generator = lambda z, condition: 4 * z  # images are four times as far apart as their noise
    >>> round(ModeSeeking(weight=2)(generator, z, condition, generator(z, condition)).item(), 4)  # 2 / 4
    0.5
    """

    compares_images = True

    def __init__(self, weight: AtLeastZero | Ramp = 1.0, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("generator_penalty.mode_seeking.weight", AtLeastZero, weight)

    def forward(self, generator: nn.Module, z: Tensor, condition: Tensor, image: Tensor) -> Tensor:
        other = z.roll(-1, 0)
        # Half precision would lose small differences between images.
        exact = torch.promote_types(image.dtype, torch.float32)
        between_images = (image.to(exact) - generator(other, condition).to(exact)).abs().mean()
        return now(self.weight) / (between_images / (z - other).abs().mean() + 1e-5)


@final
class ConditioningDivergence(GeneratorPenalty):
    """The normal distributions from which a generator draws in place of conditions should be near N(0, I) (StackGAN,
    Zhang et al. 2016, arXiv:1612.03242, eq. 2).

    weight * KL(N(mean, deviation^2) || N(0, I)) / K, the mean over images and over the K numbers, as in the authors'
    code. The paper writes the sum over the numbers, with a weight of 1.

    Args:
        weight: of the term (authors' code: 2).

    >>> from types import SimpleNamespace
    >>> generator = SimpleNamespace(gaussian=lambda condition: (torch.ones(2, 3), torch.zeros(2, 3)))
    >>> ConditioningDivergence()(generator, torch.zeros(2, 3), torch.zeros(2), torch.zeros(2)).item()  # 2 * 1/2
    1.0
    """

    def __init__(self, weight: AtLeastZero | Ramp = 2.0, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("generator_penalty.conditioning.weight", AtLeastZero, weight)

    def forward(self, generator: nn.Module, z: Tensor, condition: Tensor, image: Tensor) -> Tensor:
        mean, log_deviation = cast(Any, generator).gaussian(condition)
        exact = torch.promote_types(mean.dtype, torch.float32)
        mean, log_deviation = mean.to(exact), log_deviation.to(exact)
        divergence = (log_deviation.mul(2).exp() + mean.square() - 1) / 2 - log_deviation
        return now(self.weight) * divergence.mean()

    def check(self, generator: nn.Module, condition: Tensor) -> None:
        if cast(Any, generator).gaussian(condition) is None:
            raise SettingError(
                "generator_penalty=conditioning: draws the distributions of conditions together, and this generator "
                "takes conditions as they are; add conditioning=augmented with network=stackgan or network=dcgan, or "
                "choose generator_penalty=none"
            )


@final
class PathLength(GeneratorPenalty):
    """A step in w should change the image equally much, wherever it begins and whatever its direction (StyleGAN2,
    Karras et al. 2019, arXiv:1912.04958, eq. 4).

    weight * E (l - a)^2, where l is the length of the gradient of sum(G(w) y) with respect to w, for noise
    y ~ N(0, 1) / sqrt(pixels). If every layer has a w of its own, l^2 is the mean of the squared lengths over layers. a
    is a moving average of E l over all processes, which starts at 0. As in the authors' code, half of a batch is
    enough; here it is every other image's noise instead of new noise, and no gradient goes through a.

    Args:
        weight: of the term (authors' code: 2).
        decay: share of the newest lengths in the average.
        every: steps of the generator from one time to the next (authors: 4).

    >>> from types import SimpleNamespace
    >>> constant = SimpleNamespace(map=lambda z, c: z, synthesise=lambda w, c: 0 * w[:, :, None, None])
    >>> z = torch.ones(2, 3)
    >>> term = PathLength()(constant, z, z, constant.synthesise(z, z))  # all lengths are 0, and so is a
    >>> round(term.item(), 6)
    0.0
    """

    mean: Tensor

    def __init__(self, weight: AtLeastZero | Ramp = 2.0, decay: Share = 0.01, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("generator_penalty.path_length.weight", AtLeastZero, weight)
        self.decay = within("generator_penalty.path_length.decay", Share, decay)
        self.register_buffer("mean", torch.zeros(()))

    def forward(self, generator: nn.Module, z: Tensor, condition: Tensor, image: Tensor) -> Tensor:
        network, z, condition = cast(Any, generator), z[::2], condition[::2]
        # As penalties on the critic's gradient: not in half precision. Here l - a is a small difference besides.
        with torch.autocast(z.device.type, enabled=False):
            w = network.map(z, condition).requires_grad_()
            picture = network.synthesise(w, condition)
            noise = torch.randn(len(z), *picture.shape[1:], device=z.device, dtype=picture.dtype)
            projected = (picture * noise).sum() / sqrt(picture.shape[2] * picture.shape[3])
            (slope,) = torch.autograd.grad(projected, w, create_graph=True)
        # The square root's slope is infinite at zero, where a generator ignores w.
        lengths = slope.square().sum(-1).reshape(len(z), -1).mean(1).clamp_min(1e-24).sqrt()
        self.mean.lerp_(distributed.mean(lengths.detach().mean()).to(self.mean.dtype), self.decay)
        return now(self.weight) * (lengths - self.mean).square().mean()
