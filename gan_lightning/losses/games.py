"""Changes to an adversarial loss: each class wraps one and changes the logits that it gets."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.losses.contracts import AdversarialLoss, WrappedLoss
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import BelowHalf, Share, within


@final
class LabelFlips(WrappedLoss):
    """Some labels real and fake are exchanged, so that D is less sure (Chintala, "How to train a GAN", 2016).

    D: L(D(x), D(x')), where the i-th real and the i-th generated image have exchanged their places with `probability`
    p, independently of the other pairs;  G: unchanged.

    If L is a sum of means over real and over generated images, D's loss on average is
    (1 - p) L(D(x), D(x')) + p L(D(x'), D(x)). An image is exchanged with all places of its patch
    map. Images are exchanged in pairs, so that both sides keep their number of images, and relativistic objectives
    compare the same pairs.

    Args:
        of: the objective L. D's logits of real and generated images have one shape.
        probability: p.

    >>> from gan_lightning.losses import Wasserstein
    >>> real, fake = torch.ones(100_000), -torch.ones(100_000)
    >>> loss = LabelFlips(Wasserstein(), probability=0.25).discriminator(real, fake)  # about 3/4 (-2) + 1/4 2
    >>> round(loss.item(), 1)
    -1.0
    """

    def __init__(self, of: AdversarialLoss, probability: BelowHalf | Ramp) -> None:
        super().__init__(of)
        self.probability = setting("game.probability", BelowHalf, probability)

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        draw = torch.rand(len(real), *[1] * (real.dim() - 1), device=real.device)
        exchanged = draw < now(self.probability)
        return self.of.discriminator(torch.where(exchanged, fake, real), torch.where(exchanged, real, fake))

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return self.of.generator(fake, real)


@final
class TopK(WrappedLoss):
    """The generator learns from its best images only (Sinha et al. 2020, arXiv:2002.06224).

    D: unchanged;  G: its objective on the k of its B images that D takes for real most (a patch map counts with its
    mean), so that images that D finds bad do not pull it in a wrong direction. The others get no gradient.

    The paper begins with k = B and multiplies k by 0.99 after every epoch down to `share` B. Here
    k = B share^progress, where progress goes from 0 to 1 over the run: k ends at `share` B whatever the run's length.
    It is rounded, and at least 1. k is of the batch of each process.

    Objectives that compare with real images compare with those of the same rows.

    Args:
        of: the objective.
        share: of the images that are left at the end of the run, in (0, 1]; the paper's 0.5.

    >>> from gan_lightning.losses import Wasserstein
    >>> loss = TopK(Wasserstein(), share=0.5)
    >>> loss.follow(1.0)  # the end of the run
    >>> loss.generator(torch.tensor([[3.0], [-5.0], [1.0], [-1.0]]))  # of 3 and 1
    tensor(-2.)
    """

    couples_batch = True

    def __init__(self, of: AdversarialLoss, share: Share) -> None:
        super().__init__(of)
        self.share = within("game.share", Share, share)
        self.now = 1.0

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.of.discriminator(real, fake)

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        k = max(1, round(self.now * len(fake)))
        best = fake.detach().flatten(1).mean(1).topk(k).indices
        return self.of.generator(fake[best], None if real is None else real[best])

    def follow(self, progress: float) -> None:
        self.now = self.share**progress
