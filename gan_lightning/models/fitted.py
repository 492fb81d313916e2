"""The distribution of the latents of a plain autoencoder, from which new ones are drawn."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.distributed import average
from gan_lightning.ranges import BelowOne, within


@final
class FittedGaussian(nn.Module):
    """N(m, S), where m and S are running estimates of the mean and of the covariance of codes (Ghosh et al. 2019,
    arXiv:1903.12436, fit such a distribution after training, there with a mixture of Gaussians too).

    An autoencoder is trained for reconstruction alone, so nothing ties its codes to a distribution that is known
    beforehand.

    Args:
        latent_dim: of a code.
        decay: of the estimates, per batch. Until they have seen 1 / (1 - decay) batches they are plain means.

    >>> prior = FittedGaussian(latent_dim=1, decay=0.99)
    >>> prior.observe(torch.tensor([[1.0], [5.0]]))  # mean 3, standard deviation 2
    >>> prior(torch.tensor([[0.0], [1.0]])).round(decimals=3)
    tensor([[3.],
            [5.]])
    """

    mean: Tensor
    second_moment: Tensor
    batches: Tensor

    def __init__(self, latent_dim: int, decay: BelowOne = 0.99) -> None:
        super().__init__()
        self.decay = within("model.fitted.decay", BelowOne, decay)
        self.register_buffer("mean", torch.zeros(latent_dim))
        self.register_buffer("second_moment", torch.eye(latent_dim))
        self.register_buffer("batches", torch.zeros(()))

    @torch.no_grad()
    def observe(self, code: Tensor) -> None:
        """Move the estimates towards the codes (B, latent_dim) of a batch, those of all processes together."""
        with torch.autocast(code.device.type, enabled=False):
            code = code.to(self.mean.dtype)
            mean, second_moment = code.mean(0), code.T @ code / len(code)
        average([mean, second_moment])
        self.batches += 1
        share = (1 / self.batches).clamp(min=1 - self.decay)
        self.mean.lerp_(mean, share)
        self.second_moment.lerp_(second_moment, share)

    def forward(self, normal: Tensor) -> Tensor:
        """Independent standard normal numbers (B, latent_dim) as codes: m + R n, where R is the symmetric root of S."""
        with torch.autocast(normal.device.type, enabled=False):
            values, vectors = torch.linalg.eigh(self.second_moment - torch.outer(self.mean, self.mean))
            root = vectors * values.clamp(min=0).sqrt() @ vectors.T
            return self.mean + normal.to(root.dtype) @ root
