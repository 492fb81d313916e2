"""Layers that show a discriminator how varied a batch is, so that it notices a generator that always makes one picture.

A `BatchStatistic` comes before the head, so every network that gets its head from `minibatch` can have one. There an
image is compared with the others of its group of consecutive images: `group` of them, or the next larger number that
divides the batch, or all of the batch if it is smaller. On several processes each compares its own images.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks.layers.conditioning import Head
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Batch, FewOrNone, Size, within


class BatchStatistic(nn.Module, ABC):
    """A statistic that compares an image's features with those of the other images."""

    width: int

    @abstractmethod
    def forward(self, features: Tensor) -> Tensor:
        """Features (B, F) to statistics (B, width), in at least float32."""


@final
class MinibatchDiscrimination(BatchStatistic):
    """How close an image lies to the others, under learned kernels
    (Salimans et al. 2016, arXiv:1606.03498, section 3.2).

    A matrix M_i of `kernels` rows and `dimension` columns is a linear function T of image i's features. Number b of the
    statistic is the sum over the other images j of exp(- the L1 distance of row b of M_i and row b of M_j), from 0 to
    the number of others. As in the authors' code j = i is left out; with it, as the paper writes, one would be added.

    The kernels are near zero where features differ by much more than one. The authors set the scale of T by the first
    batch; here it starts from Glorot's weights, or from the network's own.

    Args:
        features: width F of the features, filled in by the network.
        norm: normalises T as every weight of the discriminator.
        kernels: B of the paper (authors' MNIST code: 100).
        dimension: C of the paper (authors' code: 5).
        group: images compared with each other; the discriminator's batch, so that a generator's batch of another size
            is seen as it was in training.
    """

    def __init__(self, features: int, norm: Norm, kernels: Size, dimension: Size, group: Batch) -> None:
        super().__init__()
        for name, value in (("kernels", kernels), ("dimension", dimension)):
            within(f"minibatch.head.statistic.{name}", Size, value)
        _check_group(group)
        transform = nn.Linear(features, kernels * dimension, bias=False)
        nn.init.xavier_uniform_(transform.weight)
        self.transform = norm.weight(transform)
        self.width, self.dimension, self.group = kernels, dimension, group

    def forward(self, features: Tensor) -> Tensor:
        rows = _grouped(self.transform(features), self.group).unflatten(2, (self.width, self.dimension))
        # Not torch.cdist, whose second derivative, which gradient penalties need, only recent versions have.
        distances = (rows[:, :, None] - rows[:, None]).abs().sum(4)
        return (torch.exp(-distances).sum(2) - 1).flatten(0, 1)


@final
class MinibatchStandardDeviation(BatchStatistic):
    """One number per group: the standard deviation of each feature over the group's images, averaged over features
    (Karras et al. 2017, arXiv:1710.10196, section 3). Nothing is learned.

    The paper appends it as a constant map before the last convolution, as `StandardDeviationChannel` does; here it is
    appended to the features that the head gets. The deviation is that of the group, divided by its number of images,
    not one less.

    Args:
        features: width F of the features; the result does not depend on it.
        norm: not needed without weights.
        group: images of a group (authors' code: 4).
    """

    def __init__(self, features: int, norm: Norm, group: Batch) -> None:
        super().__init__()
        _check_group(group)
        self.width, self.group = 1, group

    def forward(self, features: Tensor) -> Tensor:
        grouped = _grouped(features, self.group)
        # Equal images have deviation zero, where the root's slope is infinite.
        deviation = (grouped.var(1, correction=0) + 1e-8).sqrt().mean(1)
        return deviation.repeat_interleave(grouped.shape[1])[:, None]


@final
class StandardDeviationChannel(nn.Module):
    """Maps (B, C, H, W) with one more channel, a constant for each image: the standard deviation over its group,
    averaged over channels and pixels (Karras et al. 2017, arXiv:1710.10196, section 3). Nothing is learned.

    It comes before a discriminator's last convolution. Groups are interleaved, as in the authors' code: of n groups,
    image i is in group i modulo n.

    Args:
        group: images of a group, or the next larger number that divides the batch, or all of a smaller batch
            (authors' code: 4; StyleGAN2-ADA on CIFAR-10: 32).
    """

    def __init__(self, group: Batch = 4) -> None:
        super().__init__()
        self.group = within("network.discriminator.deviation.group", Batch, group)

    def forward(self, x: Tensor) -> Tensor:
        groups = _precise(x).unflatten(0, (_group_size(len(x), self.group), -1))
        # Equal images have deviation zero, where the root's slope is infinite.
        deviation = (groups.var(0, correction=0) + 1e-8).sqrt().mean((1, 2, 3))
        channel = deviation.to(x.dtype).repeat(len(groups))[:, None, None, None]
        return torch.cat([x, channel.expand(-1, -1, *x.shape[2:])], 1)


@final
class MinibatchHead(Head):
    """A head that gets each image's features followed by a statistic of the batch.

    For the inner head these are just more features: a projection head multiplies the condition's embedding with all
    of them, so a batch's variety may count for one class and against another. The features in a `Verdict` are those
    without it.

    Args:
        features: width F of the features.
        norm: normalises weights.
        condition: C, the length of c.
        statistic: builds the `BatchStatistic` from F and `norm`.
        head: builds the head inside from the number of all features, `norm` and C.
    """

    def __init__(
        self,
        features: int,
        norm: Norm,
        condition: FewOrNone,
        statistic: Callable[[int, Norm], BatchStatistic],
        head: Callable[[int, Norm, int], Head],
    ) -> None:
        super().__init__()
        self.statistic = statistic(features, norm)
        self.head = head(features + self.statistic.width, norm, condition)

    def forward(self, features: Tensor, c: Tensor) -> Tensor:
        return self.head(torch.cat([features, self.statistic(features).to(features.dtype)], 1), c)


def _grouped(features: Tensor, group: int) -> Tensor:
    """Features (B, F) as (groups, images of each, F)."""
    return _precise(features).unflatten(0, (-1, _group_size(len(features), group)))


def _group_size(n: int, group: int) -> int:
    """Images of each of equal groups of n images, none smaller than `group` unless n is."""
    return next((size for size in range(group, n) if n % size == 0), n)


def _precise(x: Tensor) -> Tensor:
    """Half precision would lose small differences, and the small number below the root."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def _check_group(group: int) -> None:
    if group < 2:
        raise SettingError(
            f"minibatch.head.statistic.group={group}: images that are compared (discrimination: "
            "dataset.batch_size), at least 2"
        )
