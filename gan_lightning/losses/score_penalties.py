"""Penalties on the critic's scores themselves."""

from typing import final

import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning import distributed
from gan_lightning.losses.contracts import Critic, Penalty
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, BelowOne, Count, within


def mirrored_and_shifted(image: Tensor, most: int) -> Tensor:
    """Images (B, C, H, W), each mirrored left to right with probability 1/2 and moved by up to `most` pixels along
    each axis; pixels from outside are the picture mirrored at its border.

    >>> row = torch.tensor([[[[0.0, 1.0, 0.0, 1.0]]]]).expand(1, 1, 4, 4)  # stripes
    >>> sorted(mirrored_and_shifted(row, most=1)[0, 0, 0].tolist())  # the stripes may have changed places
    [0.0, 0.0, 1.0, 1.0]
    """
    batch, _, height, width = image.shape
    mirrored = torch.where(torch.rand(batch, 1, 1, 1, device=image.device) < 0.5, image.flip(3), image)
    padded = F.pad(mirrored, (most, most, most, most), mode="reflect")
    tops, lefts = torch.randint(2 * most + 1, (batch, 2, 1), device=image.device).unbind(1)
    rows = tops + torch.arange(height, device=image.device)
    columns = lefts + torch.arange(width, device=image.device)
    number = torch.arange(batch, device=image.device)[:, None, None]
    # Indexing by (B, 1, 1), (B, H, 1) and (B, 1, W) picks a window per image, with the channels behind.
    return padded[number, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


@final
class Consistency(Penalty):
    """A score should not change when its image is augmented (Zhang et al. 2019, arXiv:1910.12027).

    weight * E (D(x) - D(T(x)))^2 over real images x, where T mirrors and shifts by up to `shift` pixels. The paper:
    weight 10 and 4 pixels at 32.

    Raises:
        SettingError: a shift below one; a negative weight.

    >>> stripes = torch.tensor([0.0, 1.0, 0.0, 1.0]).expand(10_000, 1, 4, 4)  # T exchanges them in half of the images
    >>> critic = lambda image: image[:, 0, 0, 0]  # sees one stripe
    >>> logits = critic(stripes)[:, None]
    >>> round(Consistency(weight=10, shift=1)(critic, stripes, stripes, logits, logits).item())  # 10 (1 / 2)
    5
    """

    moves_pixels = True

    def __init__(self, weight: AtLeastZero | Ramp = 10.0, shift: Count = 4, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("penalty.*.weight", AtLeastZero, weight)
        self.shift = within("penalty.consistency.shift", Count, shift)
        self.least_side = shift + 1

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        score = _exact(real_logits).flatten(1).mean(1)
        moved = _exact(critic(mirrored_and_shifted(real, self.shift)))
        return now(self.weight) * (score - moved).square().mean()


@final
class LeCam(Penalty):
    """For few data (Tseng et al. 2021, arXiv:2104.03310): scores of real images are pulled to the average
    score of generated images so far, and the other way round.

    weight * (E (D(x) - a_F)^2 + E (D(x') - a_R)^2), where a_R and a_F are moving averages of the means of D(x) and
    D(x') over all processes. If a loss does not change when all scores are shifted, scores may
    drift; this penalty only slows the drift, because its averages follow the scores.

    Args:
        weight: of the term; what is right depends on the scale of the scores.
        decay: of both averages, per application.

    >>> on_real, on_fake = torch.tensor([2.0, 4.0]), torch.tensor([-1.0, 1.0])  # a_R = 3 and a_F = 0 at first
    >>> images, critic = torch.zeros(2, 1, 2, 2), lambda image: image.sum((1, 2, 3))  # neither is used
    >>> LeCam(weight=0.5)(critic, images, images, on_real, on_fake)  # 1/2 ((4 + 16) / 2 + (16 + 4) / 2)
    tensor(10.)
    """

    real_anchor: Tensor
    fake_anchor: Tensor
    begun: Tensor

    def __init__(self, weight: AtLeastZero | Ramp = 0.3, decay: BelowOne = 0.99, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("penalty.*.weight", AtLeastZero, weight)
        self.decay = within("penalty.lecam.decay", BelowOne, decay)
        self.register_buffer("real_anchor", torch.zeros(()))
        self.register_buffer("fake_anchor", torch.zeros(()))
        self.register_buffer("begun", torch.zeros((), dtype=torch.bool))

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        on_real, on_fake = _exact(real_logits), _exact(fake_logits)
        self._follow(torch.stack([on_real.mean(), on_fake.mean()]).detach())
        pulled = (on_real - self.fake_anchor).square().mean() + (on_fake - self.real_anchor).square().mean()
        return now(self.weight) * pulled

    def _follow(self, means: Tensor) -> None:
        means = distributed.mean(means)
        share = torch.where(self.begun, 1 - self.decay, 1.0).to(means)
        for anchor, mean in ((self.real_anchor, means[0]), (self.fake_anchor, means[1])):
            anchor.copy_(torch.lerp(anchor.to(mean), mean, share))
        self.begun.fill_(True)


@final
class Drift(Penalty):
    """Keeps the scores of real images from drifting away from zero (Karras et al. 2017, arXiv:1710.10196, appendix A):
    weight * E D(x)^2. A Wasserstein critic's loss does not change when all its scores are shifted.

    >>> on_real, images, critic = torch.tensor([2.0, 4.0]), torch.zeros(2, 1, 2, 2), lambda image: image.sum((1, 2, 3))
    >>> Drift(weight=0.1)(critic, images, images, on_real, on_real)  # 0.1 (4 + 16) / 2
    tensor(1.)
    """

    def __init__(self, weight: AtLeastZero | Ramp = 0.001, every: Count = 1) -> None:
        super().__init__(every)
        self.weight = setting("penalty.*.weight", AtLeastZero, weight)

    def forward(self, critic: Critic, real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        return now(self.weight) * _exact(real_logits).square().mean()


def _exact(scores: Tensor) -> Tensor:
    """In at least float32: half precision loses the small differences that are squared here."""
    return scores.to(torch.promote_types(scores.dtype, torch.float32))
