"""LAPGAN's networks for one level of a pyramid (Denton et al. 2015, arXiv:1506.05751, appendix A), and the pyramid.

An image of a level is a coarser image of half the size, enlarged, plus a band: the detail that is missing. G makes the
band, and D judges the sum. At 32 pixels and width 64, without labels (218,179 and 116,545 parameters):

    G: noise plane + enlarged image -> 7x7 to 64, ReLU -> 7x7 to 64, ReLU -> 5x5 to the band
    D: sum -> 5x5 to 64, ReLU (28x28) -> 5x5 with stride 2 to 64, ReLU (12x12) -> dropout -> head
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator, Generator
from gan_lightning.networks.layers.conditioning import Head, ImageInput
from gan_lightning.networks.layers.embedding import Embedder, Embedding, NoCondition
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import BelowOne, Few, Size, within


def halved(image: Tensor) -> Tensor:
    """Images (B, C, H, W) of half the size: means of squares of four pixels, which equal bilinear down-sampling."""
    return F.avg_pool2d(image, 2)


def doubled(image: Tensor) -> Tensor:
    """Images (B, C, H, W) of twice the size, bilinearly."""
    return F.interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)


class BandGenerator(nn.Module, ABC):
    """Makes the band of one level from noise, the enlarged coarser image, and a condition."""

    @abstractmethod
    def forward(self, noise: Tensor, coarse: Tensor, condition: Tensor) -> Tensor:
        """A plane of noise (B, 1, H, W), the enlarged image (B, C, H, W) in or around [-1, 1], and conditions, as the
        data deliver them, to the band (B, C, H, W)."""


@final
class LaplacianGenerator(BandGenerator):
    """Three convolutions that keep the size. A condition is one more plane, a linear function of c with a number of its
    own for every pixel.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the level's square image in pixels.
        width: channels of the hidden maps (the paper: 64).
        embedder: conditions to c; None without conditions.
    """

    def __init__(self, channels: Few, resolution: Size, width: Size = 64, embedder: Embedder | None = None) -> None:
        super().__init__()
        self.embedder = embedder or NoCondition()
        planes = 1 + channels
        self.plane: nn.Module | None = None
        if self.embedder.features:
            self.plane = nn.Sequential(
                Embedding(self.embedder.features, resolution**2), nn.Unflatten(1, (1, resolution, resolution))
            )
            planes += 1
        self.layers = nn.Sequential(
            *(nn.Conv2d(planes, width, 7, padding=3), nn.ReLU()),
            *(nn.Conv2d(width, width, 7, padding=3), nn.ReLU()),
            nn.Conv2d(width, channels, 5, padding=2),
        )

    def forward(self, noise: Tensor, coarse: Tensor, condition: Tensor) -> Tensor:
        planes = [noise, coarse]
        if self.plane is not None:
            planes.append(self.plane(self.embedder(condition)))
        band: Tensor = self.layers(torch.cat(planes, 1))
        return band


@final
class Cascade(Generator):
    """The generators of all levels, as one: the coarsest makes an image of noise, and each further one adds a band.

    z holds the noise of the coarsest level, followed by a plane for every further one, from coarse to fine.

    Args:
        base: of the coarsest level.
        bands: of the further levels, from coarse to fine.
        coarsest: side of the images of the coarsest level in pixels.
    """

    bounded = False

    def __init__(self, base: Generator, bands: Sequence[BandGenerator], coarsest: Size) -> None:
        super().__init__()
        self.base = base
        self.bands = nn.ModuleList(bands)
        self.sides = [coarsest * 2 ** (i + 1) for i in range(len(bands))]
        self.latent_dim = base.latent_dim + sum(side**2 for side in self.sides)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        noise, *planes = z.split([self.base.latent_dim, *(side**2 for side in self.sides)], 1)
        image: Tensor = self.base(noise, condition)
        for band, side, plane in zip(self.bands, self.sides, planes, strict=True):
            coarse = doubled(image)
            image = coarse + band(plane.view(-1, 1, side, side), coarse, condition)
        return image


@final
class LaplacianDiscriminator(Discriminator):
    """Two convolutions without padding, dropout, head.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the level's square image in pixels, at least 9.
        norm: of the weights, and of the second convolution's output; the paper has none.
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        width: channels of the hidden maps (the paper: 64).
        dropout: probability that a feature is left out.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: a smaller image.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        width: Size = 64,
        dropout: BelowOne = 0.5,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        within("network.level.discriminator.dropout", BelowOne, dropout)
        if resolution < 9:
            raise SettingError(
                f"network.level.discriminator: takes images of 9 pixels a side or more, and a level has {resolution}; "
                "choose a larger model.coarsest, or a larger dataset.resolution"
            )
        self.embedder = embedder or NoCondition()
        self.image = image(channels, self.embedder.features)
        self.layers = nn.Sequential(
            *(norm.weight(nn.Conv2d(self.image.channels, width, 5)), nn.ReLU()),
            norm.weight(nn.Conv2d(width, width, 5, 2, bias=not norm.affine)),
            *(norm.activation(width), nn.ReLU()),
            nn.Dropout(dropout),
            nn.Flatten(),
        )
        self.feature_dim = width * ((resolution - 4 - 5) // 2 + 1) ** 2
        self.head = head(self.feature_dim, norm, self.embedder.features)

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        c = self.embedder(condition)
        features = self.layers(self.image(image, c))
        return Verdict(self.head(features, c), features)
