"""Terms of the generator's loss that compare its images with the noise that they were made of."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.losses.contracts import GeneratorPenalty
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Count


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
