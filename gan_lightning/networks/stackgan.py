"""StackGAN (Zhang et al. 2016, arXiv:1612.03242): a first stage makes small pictures of noise and a caption, and a
second one makes large pictures of these and the caption again.

Layers are those of the authors' PyTorch code (github.com/hanzhanggit/StackGAN-Pytorch): up-sampling to the nearest
pixel and 3x3 convolutions with batch norm in G, strided convolutions in D. One run trains both stages, one after the
other. While the second one is trained, the first one stays as it is.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import Discriminator, Generator
from gan_lightning.networks.dcgan import halving_layers, initialise_dcgan
from gan_lightning.networks.layers.conditioning import GeneratorNorm, Head, ImageInput, Latent
from gan_lightning.networks.layers.embedding import Embedder, NoCondition
from gan_lightning.networks.layers.growth import pooled
from gan_lightning.networks.layers.norm import Norm
from gan_lightning.networks.layers.stages import Stages, first_side
from gan_lightning.ranges import Count, Few, Size

NormOf = Callable[[int, int], GeneratorNorm]


class _Normed(nn.Module):
    """A layer of G and its norm; then ReLU."""

    def __init__(self, layer: nn.Module, norm: GeneratorNorm) -> None:
        super().__init__()
        self.layer, self.norm = layer, norm

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        return F.relu(self.norm(self.layer(x), c))


class _Residual(nn.Module):
    """Two 3x3 convolutions with norms, added to what they are given; then ReLU."""

    def __init__(self, channels: int, norm: NormOf, condition: int) -> None:
        super().__init__()
        self.enter = _conv(channels, channels, norm, condition)
        self.norm = norm(channels, condition)
        self.leave = nn.Conv2d(channels, channels, 3, padding=1, bias=not self.norm.affine)

    def forward(self, x: Tensor, c: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.leave(self.enter(x, c)), c))


def _conv(narrow: int, wide: int, norm: NormOf, condition: int, larger: bool = False) -> _Normed:
    """A 3x3 convolution, on maps of twice the size if they are to become `larger`."""
    up = [nn.Upsample(scale_factor=2)] if larger else []
    made = norm(wide, condition)
    return _Normed(nn.Sequential(*up, nn.Conv2d(narrow, wide, 3, padding=1, bias=not made.affine)), made)


class FirstStage(nn.Module):
    """Noise and c to a picture of `side` pixels a side: a map of 4x4, and a convolution for each doubling."""

    def __init__(self, channels: int, side: int, width: int, latent: Latent, norm: NormOf, condition: int) -> None:
        super().__init__()
        self.latent = latent
        maps = [width * side // now for now in _sides(4, side)]
        self.norm = norm(maps[0], condition)
        self.start = nn.Linear(latent.features, maps[0] * 16, bias=not self.norm.affine)
        self.larger = nn.ModuleList(
            _conv(wide, narrow, norm, condition, larger=True) for wide, narrow in pairwise(maps)
        )
        self.to_image = nn.Conv2d(maps[-1], channels, 3, padding=1, bias=False)

    def forward(self, z: Tensor, c: Tensor) -> Tensor:
        x = F.relu(self.norm(self.start(self.latent(z, c)).unflatten(1, (-1, 4, 4)), c))
        for layer in self.larger:
            x = layer(x, c)
        return torch.tanh(self.to_image(x))


class SecondStage(nn.Module):
    """A picture of `side` pixels a side, noise and c to one of `resolution`: the picture is made smaller, what the
    latent makes of noise and c is put beside it at each place, and residual blocks and up-sampling follow."""

    def __init__(
        self,
        channels: int,
        side: int,
        resolution: int,
        width: int,
        latent: Latent,
        norm: NormOf,
        condition: int,
        halvings: int,
        blocks: int,
    ) -> None:
        super().__init__()
        self.latent = latent
        maps = [2 * width * 2**i for i in range(halvings + 1)]
        self.read = nn.Conv2d(channels, maps[0], 3, padding=1)
        self.smaller = nn.ModuleList()
        for narrow, wide in pairwise(maps):
            made = norm(wide, condition)
            layer = nn.Conv2d(narrow, wide, 4, stride=2, padding=1, bias=not made.affine)
            self.smaller.append(_Normed(layer, made))
        self.join = _conv(maps[-1] + latent.features, maps[-1], norm, condition)
        self.blocks = nn.ModuleList(_Residual(maps[-1], norm, condition) for _ in range(blocks))
        finer = [max(1, 2 * width * side // now) for now in _sides(side // 2**halvings, resolution)]
        self.larger = nn.ModuleList(
            _conv(wide, narrow, norm, condition, larger=True) for wide, narrow in pairwise(finer)
        )
        self.to_image = nn.Conv2d(finer[-1], channels, 3, padding=1, bias=False)

    def forward(self, image: Tensor, z: Tensor, c: Tensor) -> Tensor:
        x = F.relu(self.read(image))
        for layer in self.smaller:
            x = layer(x, c)
        planes = self.latent(z, c)[:, :, None, None].expand(-1, -1, *x.shape[2:])
        x = self.join(torch.cat([x, planes.to(x.dtype)], 1), c)
        for layer in [*self.blocks, *self.larger]:
            x = layer(x, c)
        return torch.tanh(self.to_image(x))


def _sides(start: int, end: int) -> list[int]:
    """Pixels a side of maps that double from `start` to `end`."""
    return [start * 2**i for i in range((end // start).bit_length())]


@final
class StackGANGenerator(Generator):
    """Both stages. In training it makes the pictures of the stage that is trained; samples always have the full size.

    The last `second_latent_dim` numbers of z belong to the second stage, which the first one does not see.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        latent: builds the `Latent` of either stage from the numbers of its noise and the length of c.
        norm: builds a `GeneratorNorm` from the number of channels and the length of c.
        stages: says which stage is trained.
        scale: how many times larger the second stage makes pictures (the paper: 4).
        width: channels of the first stage's finest maps (authors' code: 64, called 128 there).
        latent_dim: numbers of z for the first stage.
        second_latent_dim: numbers of z for the second stage.
        halvings: how often the second stage halves the first one's picture (the paper: 2).
        blocks: residual blocks of the second stage (authors' code for birds: 2).
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: sizes that do not fit.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        latent: Callable[[int, int], Latent],
        norm: NormOf,
        stages: Stages,
        scale: Few = 4,
        width: Size = 64,
        latent_dim: Size = 228,
        second_latent_dim: Size = 128,
        halvings: Few = 2,
        blocks: Count = 2,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        side = first_side(resolution, scale)
        if side >> halvings < 4:
            raise SettingError(
                f"network.generator.halvings={halvings}: at least 4 of the {side} pixels of the first stage's pictures "
                f"have to be left; choose at most {side.bit_length() - 3}, or a smaller network.scale"
            )
        self.latent_dim, self.first_latent_dim = latent_dim + second_latent_dim, latent_dim
        self.stages, self.scale = stages, scale
        self.embedder = embedder or NoCondition()
        c = self.embedder.features
        self.first = FirstStage(channels, side, width, latent(latent_dim, c), norm, c)
        latent_of_second = latent(second_latent_dim, c)
        self.second = SecondStage(channels, side, resolution, width, latent_of_second, norm, c, halvings, blocks)
        self.apply(initialise_dcgan)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """Noise z (B, latent_dim) and conditions to images (B, C, H, W) of the stage that is trained."""
        c = self.embedder(condition)
        z_first, z_second = z[:, : self.first_latent_dim], z[:, self.first_latent_dim :]
        if not self.stages.refining:
            small: Tensor = self.first(z_first, c)
            return small
        with torch.no_grad():  # the first stage has learned what it learns
            small = self.first(z_first, c)
        image: Tensor = self.second(small, z_second, c)
        return image

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        image = self(w, condition)
        return image if self.stages.refining else F.interpolate(image, scale_factor=float(self.scale))

    def counterparts(self, real: Tensor) -> Tensor:
        return real if self.stages.refining else pooled(real, real.shape[2] // self.scale)

    def gaussian(self, condition: Tensor) -> tuple[Tensor, Tensor] | None:
        stage = self.second if self.stages.refining else self.first
        return stage.latent.gaussian(self.embedder(condition))


class _Critic(nn.Module):
    """Pictures of one stage to a verdict: halved down to 4x4, and then `surplus` convolutions with half the channels
    each."""

    def __init__(
        self,
        image: ImageInput,
        side: int,
        width: int,
        surplus: int,
        norm: Norm,
        head: Callable[[int, Norm, int], Head],
        condition: int,
    ) -> None:
        super().__init__()
        hidden = [width * 2**i for i in range((side // 4).bit_length() - 1)]
        self.image = image
        self.layers = halving_layers(image.channels, hidden, norm)
        for wide in (hidden[-1] // 2**i for i in range(surplus)):
            layer = nn.Conv2d(wide, wide // 2, 3, padding=1, bias=not norm.affine)
            self.layers.extend(
                [
                    norm.weight(layer.apply(initialise_dcgan)),
                    norm.activation(wide // 2).apply(initialise_dcgan),
                    nn.LeakyReLU(0.2),
                ]
            )
        self.features = hidden[-1] // 2**surplus * 16
        self.head = head(self.features, norm, condition).apply(initialise_dcgan)

    def forward(self, image: Tensor, c: Tensor) -> Verdict:
        features = self.layers(self.image(image, c)).flatten(1)
        return Verdict(self.head(features, c), features)


@final
class StackGANDiscriminator(Discriminator):
    """A discriminator for each stage. While the first one is trained, larger pictures are made smaller before.

    Args:
        channels: of the image, 1 to 4.
        resolution: of the square image in pixels, a power of two from 16.
        norm: normalisation of every layer but the first (spectral norm: every layer).
        image: builds the `ImageInput` from the number of channels and the length of c.
        head: builds the `Head` from the number of features, `norm` and the length of c.
        stages: says which stage is trained, as in the generator.
        scale: as in the generator.
        width: channels of the first layer; each later one has twice as many.
        embedder: conditions to c; None without conditions.

    Raises:
        SettingError: sizes that do not fit.
    """

    def __init__(
        self,
        channels: Few,
        resolution: Size,
        norm: Norm,
        image: Callable[[int, int], ImageInput],
        head: Callable[[int, Norm, int], Head],
        stages: Stages,
        scale: Few = 4,
        width: Size = 64,
        embedder: Embedder | None = None,
    ) -> None:
        super().__init__()
        self.side = first_side(resolution, scale)
        self.stages = stages
        self.embedder = embedder or NoCondition()
        c = self.embedder.features
        self.first = _Critic(image(channels, c), self.side, width, 0, norm, head, c)
        self.second = _Critic(image(channels, c), resolution, width, scale.bit_length() - 1, norm, head, c)
        self.feature_dim = self.first.features

    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        """Images (B, C, H, W) of the stage that is trained, or larger ones, and conditions to a verdict."""
        c = self.embedder(condition)
        verdict: Verdict = self.second(image, c) if self.stages.refining else self.first(pooled(image, self.side), c)
        return verdict
