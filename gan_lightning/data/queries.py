"""What validation asks noise-to-image models for."""

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from gan_lightning.batch import Query
from gan_lightning.data.sampler import Place, share


def queries(conditions: Tensor, count: int, batch_size: int, place: Place) -> DataLoader[Query]:
    """This process's exact share of the queries 0 ... count - 1, under conditions that occur as often as in
    `conditions` (N, ...): those in one fixed shuffled order, repeated.
    """
    count = max(count, place.world_size)  # unscored, one is asked for; every process has to take part
    wanted = in_turn(conditions)[torch.arange(count) % len(conditions)]
    asked = [Query(part, wanted[part]) for part in share(count, place, "metrics.num_fake").split(batch_size)]
    return DataLoader(asked, batch_size=None)  # type: ignore[arg-type]


def in_turn(conditions: Tensor) -> Tensor:
    """Conditions (N, ...) in the order in which samples are asked for them."""
    order = np.random.Generator(np.random.Philox(key=[0, len(conditions)])).permutation(len(conditions))
    return conditions[torch.from_numpy(order)]
