"""The mapping network of style-based generators, and where a label meets it (StyleGAN, arXiv:1812.04948)."""

from math import sqrt
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.networks.layers.conditioning import Head, Latent
from gan_lightning.networks.layers.equalised import equalised, scaled_leaky_relu
from gan_lightning.networks.layers.norm import Norm, pixel_norm
from gan_lightning.ranges import Few, FewOrNone, Size


@final
class Mapping(nn.Module):
    """Linear layers with LeakyReLUs, which learn at a hundredth of the usual rate: vectors (B, inputs) to (B, width).

    Args:
        inputs: numbers of a vector.
        width: of every layer.
        depth: layers.
    """

    def __init__(self, inputs: int, width: int, depth: int) -> None:
        super().__init__()
        sizes = [inputs, *[width] * (depth - 1)]
        self.layers = nn.ModuleList(equalised(nn.Linear(size, width), lr_multiplier=0.01) for size in sizes)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = scaled_leaky_relu(layer(x))
        return x


@final
class NoiseAndNormalisedCondition(Latent):
    """The noise, followed by a linear function of c with a mean square of one (StyleGAN2-ADA, arXiv:2006.06676,
    authors' code).

    Args:
        latent_dim: length of the noise vector.
        condition: C, the length of c.
        embedding_dim: length of the linear function.
    """

    def __init__(self, latent_dim: Size, condition: FewOrNone, embedding_dim: Size = 128) -> None:
        super().__init__()
        self.embedding = equalised(nn.Linear(condition, embedding_dim))
        self.features = latent_dim + embedding_dim

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return torch.cat([z, pixel_norm(self.embedding(c))], 1)


@final
class MappedProjectionHead(Head):
    """The inner product of a linear function of the features with a vector of the condition, which a mapping network
    makes, divided by the root of its length (StyleGAN2-ADA, arXiv:2006.06676, authors' code).

    Args:
        features: width F of the features.
        norm: normalises the weight of the linear function.
        condition: C, the length of c.
        width: length of both vectors.
        depth: layers of the mapping network (authors' code: 8).
    """

    uses_condition = True

    def __init__(self, features: int, norm: Norm, condition: FewOrNone, width: Size = 128, depth: Few = 8) -> None:
        super().__init__()
        self.linear = norm.weight(nn.Linear(features, width))
        self.embedding = equalised(nn.Linear(condition, width))
        self.mapping = Mapping(width, width, depth)

    def forward(self, features: Tensor, c: Tensor) -> Tensor:
        wanted = self.mapping(pixel_norm(self.embedding(c)))
        return (self.linear(features) * wanted).sum(1, keepdim=True) / sqrt(wanted.shape[1])
