"""The four places where a class label can enter: G's noise, G's norms, D's image, D's head.

A network has a module in each place and passes the label to all four; the config group `conditioning` decides which of
them use it. So every family of networks can be conditional in every way.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.ranges import Classes, Few, Size


def _linear_unit(features: int, bias: bool) -> nn.Linear:
    """Glorot weights and a bias of zero, as WGAN-GP and SNGAN start their output layer."""
    unit = nn.Linear(features, 1, bias)
    nn.init.xavier_uniform_(unit.weight)
    if bias:
        nn.init.zeros_(unit.bias)
    return unit


def _embedding(num_classes: int, features: int) -> nn.Embedding:
    if num_classes < 2:
        raise SettingError(
            f"conditioning needs class labels, and the data set has {num_classes} classes; "
            "use conditioning=none or a labelled data set (a folder with one subfolder per class)"
        )
    return nn.Embedding(num_classes, features)


class Latent(nn.Module, ABC):
    """What the generator starts from."""

    features: int

    @abstractmethod
    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        """Noise (B, latent_dim) and labels (B,) to a vector (B, features)."""


@final
class NoiseOnly(Latent):
    """The noise, unchanged; the label is not used."""

    def __init__(self, latent_dim: Size) -> None:
        super().__init__()
        self.features = latent_dim

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        return z


@final
class NoiseAndLabel(Latent):
    """The noise, followed by an embedding of the label (cGAN, arXiv:1411.1784, figure 1)."""

    def __init__(self, latent_dim: Size, num_classes: Classes, embedding_dim: Size = 32) -> None:
        super().__init__()
        self.embedding = _embedding(num_classes, embedding_dim)
        self.features = latent_dim + embedding_dim

    def forward(self, z: Tensor, label: Tensor) -> Tensor:
        return torch.cat([z, self.embedding(label)], 1)


class ImageInput(nn.Module, ABC):
    """What the discriminator's first layer sees."""

    channels: int

    @abstractmethod
    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        """Images (B, C, H, W) and labels (B,) to maps (B, channels, H, W)."""


@final
class ImageOnly(ImageInput):
    """The image, unchanged; the label is not used."""

    def __init__(self, channels: Few) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        return image


@final
class ImageAndLabel(ImageInput):
    """The image, followed by an embedding of its label, each number as one more plane (cGAN, arXiv:1411.1784).

    The planes are constant. With a learned pattern of pixels per class instead, G collapsed to one picture
    per class on `avatars`.
    """

    def __init__(self, channels: Few, num_classes: Classes, embedding_dim: Size = 8) -> None:
        super().__init__()
        self.embedding = _embedding(num_classes, embedding_dim)
        self.channels = channels + embedding_dim

    def forward(self, image: Tensor, label: Tensor) -> Tensor:
        planes = self.embedding(label)[:, :, None, None].expand(-1, -1, *image.shape[2:])
        return torch.cat([image, planes], 1)


class GeneratorNorm(nn.Module, ABC):
    """Normalisation between the generator's layers.

    `affine` says that it adds a shift per channel, which makes a bias in the layer before it redundant.
    """

    affine: ClassVar[bool] = False

    @abstractmethod
    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        """Maps (B, C, H, W) and labels (B,) to maps of the same shape."""


@final
class NoGeneratorNorm(GeneratorNorm):
    """No normalisation; the label is not used."""

    def __init__(self, channels: Few) -> None:
        super().__init__()

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        return x


@final
class GeneratorBatchNorm(GeneratorNorm):
    """Batch normalisation, the same for every class.

    Args:
        channels: of the maps.
        eps: added to the variance.
    """

    affine = True

    def __init__(self, channels: Few, eps: float = 1e-5) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, eps)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        return self.norm(x)


@final
class ConditionalBatchNorm(GeneratorNorm):
    """Batch normalisation with a gain and a bias per class (Dumoulin et al. 2016, arXiv:1610.07629;
    in GANs: arXiv:1802.05637). Gains start at one and biases at zero.

    Args:
        channels: of the maps.
        num_classes: of the data, at least 2.
        eps: added to the variance.
    """

    affine = True

    def __init__(self, channels: Few, num_classes: Classes, eps: float = 1e-5) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, eps, affine=False)
        self.gain = _embedding(num_classes, channels)
        self.bias = _embedding(num_classes, channels)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.bias.weight)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        gain, bias = self.gain(label)[:, :, None, None], self.bias(label)[:, :, None, None]
        return self.norm(x) * gain + bias


class Head(nn.Module, ABC):
    """The discriminator's last layer."""

    @abstractmethod
    def forward(self, features: Tensor, label: Tensor) -> Tensor:
        """Features (B, F) and labels (B,) to logits (B, 1)."""


@final
class LinearHead(Head):
    """One linear unit.

    Args:
        features: width F of the features.
        norm: normalises the weights.
        bias: whether the unit has a bias.
    """

    def __init__(self, features: int, norm: Norm, bias: bool = True) -> None:
        super().__init__()
        self.linear = norm.weight(_linear_unit(features, bias))

    def forward(self, features: Tensor, label: Tensor) -> Tensor:
        return self.linear(features)


@final
class ProjectionHead(Head):
    """A linear unit plus the inner product of the features with the label's embedding
    (Miyato and Koyama 2018, arXiv:1802.05637, eq. 4).

    Args:
        features: width F of the features.
        norm: normalises the weights of the unit and of the embedding.
        num_classes: of the data, at least 2.
        bias: whether the linear unit has a bias; in the authors' CIFAR-10 network it has none.
    """

    def __init__(self, features: int, norm: Norm, num_classes: Classes, bias: bool = True) -> None:
        super().__init__()
        self.linear = norm.weight(_linear_unit(features, bias))
        embedding = _embedding(num_classes, features)
        nn.init.xavier_uniform_(embedding.weight)
        self.embedding = norm.weight(embedding)

    def forward(self, features: Tensor, label: Tensor) -> Tensor:
        return self.linear(features) + (self.embedding(label) * features).sum(1, keepdim=True)
