"""Networks that grow while they train (Karras et al. 2017, arXiv:1710.10196, section 2).

A network begins with maps of 4x4 pixels. It is trained as it is, then layers of twice the size fade in, then the larger
network is trained as it is, and so on. Growth is counted in doublings: a depth of 1.25 means that the layers for 8x8
pixels are all there, and those for 16x16 by a quarter.
"""

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.networks.contracts import doublings
from gan_lightning.ramps import Follows
from gan_lightning.ranges import Probability, Size, within


@final
class Growth(nn.Module, Follows):
    """How far a network has grown. Checkpoints hold it, so that a loaded network has the size that was saved.

    Training a level and fading in the next one take equal shares of the budget. (The paper: 600,000 images each. Its
    level of detail is `doublings` minus the depth, and its alpha 1 minus the one here.)

    Args:
        resolution: of the square image in pixels, a power of two from 16.
        grown: share of the budget at which the network has its full size; 0 trains the whole network from the start.

    Raises:
        SettingError: a resolution that is not a power of two, or a share outside of [0, 1].

    >>> growth = Growth(32, grown=0.75)  # three levels to come, so each phase takes an eighth of the budget
    >>> [growth.at(progress) for progress in (0, 0.125, 0.1875, 0.25, 0.375, 0.75, 1)]
    [0.0, 0.0, 0.5, 1.0, 1.0, 3.0, 3.0]
    """

    capturable = True
    depth: Tensor

    def __init__(self, resolution: Size, grown: Probability = 0.5) -> None:
        super().__init__()
        self.doublings = doublings(resolution, start=4)
        self.grown = within("network.grown", Probability, grown)
        self.register_buffer("depth", torch.zeros(()))
        self.level = 0
        self.fading = False
        self.register_load_state_dict_post_hook(_read)
        self.follow(0.0)

    def at(self, progress: float) -> float:
        """The depth when the share `progress` of the budget is spent."""
        if progress >= self.grown:
            return float(self.doublings)
        phases = 2 * self.doublings * progress / self.grown
        level = int(phases / 2)
        return level + max(0.0, phases - 2 * level - 1)

    def follow(self, progress: float) -> None:
        self.depth.fill_(self.at(progress))
        # Not from the tensor, which may be on a GPU, but with its rounding, so that a resumed run reads the same.
        self._take(torch.tensor(self.at(progress), dtype=torch.float32, device="cpu").item())

    def _take(self, depth: float) -> None:
        self.level, self.fading = int(depth), depth != int(depth)

    @property
    def phase(self) -> int:
        return 2 * self.level + self.fading

    @property
    def alpha(self) -> Tensor:
        """While layers fade in: how far they have, from 0 to 1 (scalar)."""
        return self.depth - self.level

    @property
    def side(self) -> int:
        """Pixels a side that the network makes or sees now."""
        return 4 * 2 ** (self.level + self.fading)

    def mixed(self, small: Tensor, large: Tensor) -> Tensor:
        """What the smaller and the larger network give (B, C, H, W), mixed while the larger one fades in."""
        return small + self.alpha * (large - small)

    def shown(self, image: Tensor) -> Tensor:
        """Full-size images (B, C, H, W) with the size and the detail of now: means of squares of pixels, in which the
        finest detail fades in too."""
        now = pooled(image, self.side)
        return self.mixed(F.interpolate(F.avg_pool2d(now, 2), scale_factor=2.0), now) if self.fading else now


def pooled(image: Tensor, side: int) -> Tensor:
    """Images (B, C, H, W) of `side` pixels a side, or of a multiple of it, as means of squares of pixels."""
    return F.avg_pool2d(image, image.shape[2] // side)


def _read(growth: Growth, _: object) -> None:
    """After a checkpoint was loaded."""
    growth._take(growth.depth.float().item())
