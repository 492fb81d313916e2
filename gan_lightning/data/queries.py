"""What validation asks noise-to-image models for."""

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from gan_lightning.batch import Query
from gan_lightning.data.sampler import Place, share


def queries(labels: Tensor, count: int, batch_size: int, place: Place) -> DataLoader[Query]:
    """This process's exact share of the queries 0 ... count - 1; classes occur as often as in `labels` (N,).

    Their classes are those labels in one fixed shuffled order, repeated.
    """
    count = max(count, place.world_size)  # unscored, one is asked for; every process has to take part
    order = np.random.Generator(np.random.Philox(key=[0, len(labels)])).permutation(len(labels))
    classes = labels[torch.from_numpy(order)[torch.arange(count) % len(labels)]]
    asked = [Query(part, classes[part]) for part in share(count, place, "metrics.num_fake").split(batch_size)]
    return DataLoader(asked, batch_size=None)  # type: ignore[arg-type]
