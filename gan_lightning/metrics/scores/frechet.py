"""The Frechet distance of samples to a fixed set of real images."""

from typing import final

import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance

from gan_lightning import distributed
from gan_lightning.metrics.contracts import Extractor
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import Score


class Given(nn.Module):
    """Takes the place of torchmetrics' network: the features were computed before."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features

    def forward(self, features: Tensor) -> Tensor:
        return features


def enough_for_moments(real: RealSide) -> int:
    """Images whose Frechet distance has a bias below a tenth of the variance of the features.

    >>> from types import SimpleNamespace
    >>> enough_for_moments(SimpleNamespace(network=SimpleNamespace(num_features=64)))
    256
    """
    return 4 * real.network.num_features


@final
class FrechetDistance(Score):
    """FID (Heusel et al. 2017, arXiv:1706.08500): the Frechet distance of two Gaussians with the moments of features.

    0 is best. Its bias falls with the number of samples, so values of different numbers are not comparable. States are
    sums that torchmetrics adds up over processes.
    """

    needs = "features"
    higher_is_better = False

    def fewest(self, extractor: Extractor) -> int:
        return extractor.num_features + 1  # fewer do not span the features

    def enough(self, real: RealSide) -> int:
        return enough_for_moments(real)

    def begin(self, real: RealSide) -> None:
        self.alone, self.num_features = real.alone, real.network.num_features
        self.real = real.moments()
        self.metric = FrechetInceptionDistance(
            Given(self.num_features), reset_real_features=False, sync_on_compute=not real.alone
        ).set_dtype(torch.float64)

    def reset(self, device: torch.device) -> None:
        self.metric.to(device).reset()
        # torchmetrics computes nothing on a process that has never counted, and the others would wait for it.
        self.update(torch.zeros(0), torch.zeros(0, self.num_features))
        # States are summed over processes, so only one of them brings the real side.
        brings = self.alone or distributed.is_first()
        real = self.real if brings else {name: torch.zeros_like(value) for name, value in self.real.items()}
        self.metric.real_features_sum = real["sum"].to(device)
        self.metric.real_features_cov_sum = real["outer"].to(device)
        self.metric.real_features_num_samples = real["count"].to(device)

    def update(self, number: Tensor, values: Tensor) -> None:
        self.metric.update(values.to(self.metric.device).double(), real=False)

    def compute(self) -> float:
        return float(self.metric.compute())
