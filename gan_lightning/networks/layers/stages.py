"""Two stages of one run: networks for small pictures are trained first, and those that refine them afterwards
(StackGAN, Zhang et al. 2016, arXiv:1612.03242)."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import doublings
from gan_lightning.ramps import Follows
from gan_lightning.ranges import Share, within


@final
class Stages(nn.Module, Follows):
    """Which of the two stages is trained. Checkpoints hold it, so that a loaded network makes what it made when saved.

    Args:
        second_at: share of the budget at which the second stage begins; 1 trains the first one alone.

    Attributes:
        refining: whether the second stage is trained.

    Raises:
        SettingError: a share outside of (0, 1].

    >>> stages = Stages(second_at=0.5)
    >>> for progress in (0, 0.49, 0.5, 1):
    ...     stages.follow(progress)
    ...     print(stages.refining, end=" ")
    False False True True
    """

    capturable = True
    second: Tensor

    def __init__(self, second_at: Share = 0.5) -> None:
        super().__init__()
        self.second_at = within("network.second_at", Share, second_at)
        self.register_buffer("second", torch.zeros(()))
        self.refining = False
        self.register_load_state_dict_post_hook(_read)

    def follow(self, progress: float) -> None:
        # A step that is read in Python asks `refining`, because the tensor may be on a GPU.
        self.refining = progress >= self.second_at
        self.second.fill_(float(self.refining))

    @property
    def phase(self) -> int:
        return int(self.refining)


def _read(stages: Stages, _: object) -> None:
    """After a checkpoint was loaded."""
    stages.refining = bool(stages.second)


def first_side(resolution: int, scale: int) -> int:
    """Pixels a side of the first stage's pictures, for a second stage that makes them `scale` times larger.

    Raises:
        SettingError: the resolution is not a power of two, or the first stage would have fewer than 8 pixels.

    >>> first_side(256, scale=4)
    64
    """
    doublings(resolution, start=4)
    if scale not in (2, 4, 8) or resolution // scale < 8:
        allowed = [str(factor) for factor in (2, 4, 8) if resolution // factor >= 8]
        raise SettingError(
            f"network.scale={scale}: how many times larger than those of the first stage the pictures become; for "
            f"dataset.resolution={resolution} choose {' or '.join(allowed)}, which leaves the first stage 8 pixels or "
            "more"
        )
    return resolution // scale
