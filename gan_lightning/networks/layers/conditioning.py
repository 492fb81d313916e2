"""The four places where a condition can enter: G's noise, G's norms, D's image, D's head.

A network's embedder turns conditions into vectors c (B, C). The network has a module in each place and gives c to all
of them; the config group `conditioning` decides which of them use it. So every family of networks can be conditional
in every way. Each module is built from C, the length of c.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, final

import torch
from torch import Tensor, nn

from gan_lightning.networks.layers.embedding import Embedding
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.networks.layers.weighted import Layers
from gan_lightning.ranges import Few, FewOrNone, Share, Size


def _linear_unit(features: int, bias: bool) -> nn.Linear:
    """Glorot weights and a bias of zero, as WGAN-GP and SNGAN start their output layer."""
    unit = nn.Linear(features, 1, bias)
    nn.init.xavier_uniform_(unit.weight)
    if bias:
        nn.init.zeros_(unit.bias)
    return unit


class Latent(nn.Module, ABC):
    """What the generator starts from."""

    features: int

    @abstractmethod
    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        """Noise (B, latent_dim) and c (B, C) to a vector (B, features)."""

    def gaussian(self, c: Tensor) -> tuple[Tensor, Tensor] | None:
        """If a vector is drawn from a normal distribution that c decides: its mean and the logarithm of its standard
        deviation, (B, K) each. None if c enters as it is, or not at all."""
        return None


@final
class NoiseOnly(Latent):
    """The noise, unchanged; c is not used."""

    def __init__(self, latent_dim: Size, condition: FewOrNone) -> None:
        super().__init__()
        self.features = latent_dim

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return z


@final
class NoiseAndCondition(Latent):
    """The noise, followed by an embedding of c (cGAN, arXiv:1411.1784, figure 1).

    Args:
        latent_dim: length of the noise vector.
        condition: C.
        embedding_dim: length of the embedding.
    """

    def __init__(self, latent_dim: Size, condition: FewOrNone, embedding_dim: Size = 32) -> None:
        super().__init__()
        self.embedding = Embedding(condition, embedding_dim)
        self.features = latent_dim + embedding_dim

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        return torch.cat([z, self.embedding(c)], 1)


class ImageInput(nn.Module, ABC):
    """What the discriminator's first layer sees."""

    channels: int

    @abstractmethod
    def forward(self, image: Tensor, c: Tensor) -> Tensor:
        """Images (B, C, H, W) and c (B, C) to maps (B, channels, H, W)."""


@final
class ImageOnly(ImageInput):
    """The image, unchanged; c is not used."""

    def __init__(self, channels: Few, condition: FewOrNone) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, image: Tensor, c: Tensor) -> Tensor:
        return image


@final
class ImageAndCondition(ImageInput):
    """The image, followed by an embedding of c, each number as one more plane (cGAN, arXiv:1411.1784).

    The planes are constant. With a learned pattern of pixels per class instead, G collapsed to one picture
    per class on `avatars`.

    Args:
        channels: of the image.
        condition: C.
        embedding_dim: number of planes.
    """

    def __init__(self, channels: Few, condition: FewOrNone, embedding_dim: Size = 8) -> None:
        super().__init__()
        self.embedding = Embedding(condition, embedding_dim)
        self.channels = channels + embedding_dim

    def forward(self, image: Tensor, c: Tensor) -> Tensor:
        planes = self.embedding(c)[:, :, None, None].expand(-1, -1, *image.shape[2:])
        return torch.cat([image, planes], 1)


class GeneratorNorm(nn.Module, ABC):
    """Normalisation between the generator's layers.

    `affine` says that it adds a shift per channel, which makes a bias in the layer before it redundant.
    `uses_condition` says that images under different conditions are treated differently.
    """

    affine: ClassVar[bool] = False
    uses_condition: ClassVar[bool] = False

    @abstractmethod
    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        """Maps (B, channels, H, W) and c (B, C) to maps of the same shape."""


@final
class NoGeneratorNorm(GeneratorNorm):
    """No normalisation; c is not used."""

    def __init__(self, channels: Few, condition: FewOrNone) -> None:
        super().__init__()

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        return x


@final
class GeneratorBatchNorm(GeneratorNorm):
    """Batch normalisation, the same under every condition.

    Args:
        channels: of the maps.
        condition: C.
        eps: added to the variance.
        momentum: share of the newest batch in the running statistics.
    """

    affine = True

    def __init__(self, channels: Few, condition: FewOrNone, eps: float = 1e-5, momentum: Share = 0.1) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, eps, momentum)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        return self.norm(x)


@final
class ConditionalBatchNorm(GeneratorNorm):
    """Batch normalisation with a gain and a bias per class (Dumoulin et al. 2016, arXiv:1610.07629;
    in GANs: arXiv:1802.05637). Gains start at one and biases at zero.

    The gain is 1 + c (W - 1), where each row of W holds the gains of a class. So several attributes, or any other c,
    start with a gain of one too.

    Args:
        channels: of the maps.
        condition: C.
        eps: added to the variance.
        momentum: share of the newest batch in the running statistics.
    """

    affine = True
    uses_condition = True

    def __init__(self, channels: Few, condition: FewOrNone, eps: float = 1e-5, momentum: Share = 0.1) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, eps, momentum, affine=False)
        self.gain = Embedding(condition, channels)
        self.bias = Embedding(condition, channels)
        nn.init.ones_(self.gain.weight)
        nn.init.zeros_(self.bias.weight)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        gain = self.gain(c) + (1 - c.sum(1, keepdim=True))  # the sum is exactly one for a class
        return self.norm(x) * gain[:, :, None, None] + self.bias(c)[:, :, None, None]


@final
class LinearBatchNorm(GeneratorNorm):
    """Batch normalisation whose gain is 1 plus a linear function of c, and whose bias is another one (BigGAN,
    arXiv:1809.11096, appendix B). c may hold anything: an embedding of the class, a part of the noise, or both.

    Args:
        channels: of the maps.
        condition: C, at least 1.
        layers: makes the linear functions, which have no biases.
        eps: added to the variance.
    """

    affine = True
    uses_condition = True

    def __init__(self, channels: int, condition: int, layers: Layers, eps: float = 1e-5) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, eps, affine=False)
        self.gain = layers.linear(condition, channels, bias=False)
        self.bias = layers.linear(condition, channels, bias=False)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        return self.norm(x) * (1 + self.gain(c))[:, :, None, None] + self.bias(c)[:, :, None, None]


class Head(nn.Module, ABC):
    """The discriminator's last layer. `uses_condition` says that the logit depends on the condition."""

    uses_condition: ClassVar[bool] = False

    @abstractmethod
    def forward(self, features: Tensor, c: Tensor) -> Tensor:
        """Features (B, F) and c (B, C) to logits (B, 1)."""


@final
class LinearHead(Head):
    """One linear unit.

    Args:
        features: width F of the features.
        norm: normalises the weights.
        condition: C.
        bias: whether the unit has a bias.
    """

    def __init__(self, features: int, norm: Norm, condition: FewOrNone, bias: bool = True) -> None:
        super().__init__()
        self.linear = norm.weight(_linear_unit(features, bias))

    def forward(self, features: Tensor, c: Tensor) -> Tensor:
        return self.linear(features)


@final
class ProjectionHead(Head):
    """A linear unit plus the inner product of the features with an embedding of c
    (Miyato and Koyama 2018, arXiv:1802.05637, eq. 4).

    Args:
        features: width F of the features.
        norm: normalises the weights of the unit and of the embedding.
        condition: C.
        bias: whether the linear unit has a bias; in the authors' CIFAR-10 network it has none.
    """

    uses_condition = True

    def __init__(self, features: int, norm: Norm, condition: FewOrNone, bias: bool = True) -> None:
        super().__init__()
        self.linear = norm.weight(_linear_unit(features, bias))
        embedding = Embedding(condition, features)
        nn.init.xavier_uniform_(embedding.weight)
        self.embedding = norm.weight(embedding)

    def forward(self, features: Tensor, c: Tensor) -> Tensor:
        return self.linear(features) + (self.embedding(c) * features).sum(1, keepdim=True)


@final
class InnerProductHead(Head):
    """The inner product of a linear function of the features with an embedding of c, and nothing else: R3GAN
    (Huang et al. 2025, arXiv:2501.05441).

    Args:
        features: width F of the features, of the linear function and of the embedding.
        norm: normalises the weights of both.
        condition: C.
    """

    uses_condition = True

    def __init__(self, features: int, norm: Norm, condition: FewOrNone) -> None:
        super().__init__()
        self.linear = norm.weight(nn.Linear(features, features, bias=False))
        embedding = Embedding(condition, features)
        nn.init.normal_(embedding.weight, 0.0, (max(1, condition) * features) ** -0.5)
        self.embedding = norm.weight(embedding)

    def forward(self, features: Tensor, c: Tensor) -> Tensor:
        return (self.linear(features) * self.embedding(c)).sum(1, keepdim=True)
