"""A generator and an encoder of six pixels that are linear, so that the best of them are known."""

import torch
from torch import Tensor, nn

from gan_lightning.networks import Encoder, Generator


class Linear(Generator):
    latent_dim = 2

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 6)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.layer(z)[:, :, None, None]


class LinearMean(Encoder):
    """A mean that is linear in the image, and variances that are the same for all images."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.mean, self.log_variance = nn.Linear(6, outputs // 2), nn.Parameter(torch.zeros(outputs // 2))

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        mean = self.mean(image.flatten(1))
        return torch.cat([mean, self.log_variance.expand_as(mean)], 1)


class LinearCode(Encoder):
    """A code that is linear in the image."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.code = nn.Linear(6, outputs)

    def forward(self, image: Tensor, condition: Tensor) -> Tensor:
        code: Tensor = self.code(image.flatten(1))
        return code
