"""What whatever makes images from noise offers to those that sample: a model in training, or a generator alone."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gan_lightning.models.prior import NORMAL, Prior
from gan_lightning.ranges import AtLeastZero, within


class ImagesFromNoise(ABC):
    """Makes images from noise, and from conditions if the data have them: classes, or several attributes.

    Subclasses are modules. They say how in `synthesise`, and set two attributes. If the generator maps noise to another
    latent w, they also have its `map` and `mean_w`; without a mapping w is z.

    Attributes:
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        latent_dim: numbers of noise for each image.
        prior: what the noise is drawn from.
    """

    num_classes: int | Sequence[int]
    latent_dim: int
    prior: Prior = NORMAL

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Of the weights."""

    @property
    def averaged(self) -> nn.Module | None:
        """The network that alone makes samples of w, a `Generator` where these are images: of averaged weights if there
        are any, in evaluation mode. None if no network does."""
        return None

    @abstractmethod
    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        """Images (B, C, H, W) in [-1, 1] from w (B, latent_dim) and conditions, with the weights that samples are to
        come from: those of the average, if there is one, in evaluation mode."""

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        """Noise z (B, latent_dim) and conditions to w, with the same weights."""
        return z

    def mean_w(self) -> Tensor | None:
        """The mean of w, with the same weights; None without a mapping."""
        return None

    @property
    def examples(self) -> Tensor | None:
        """Captions (K, length), as numbers of words, under which samples are shown if nobody asks for others; None
        where conditions are no captions."""
        return None

    def conditions(self, number: Tensor) -> Tensor:
        """What samples show by default, by number (B,): all classes in turn (B,), all combinations of attributes
        (B, A), of which the first changes fastest, or captions (B, length) in turn."""
        if self.examples is not None:
            return self.examples[number % len(self.examples)]
        if isinstance(self.num_classes, int):
            return number % max(1, self.num_classes)
        columns = []
        for size in self.num_classes:
            columns.append(number % size)
            number = number // size
        return torch.stack(columns, 1)

    def all_conditions(self) -> Tensor:
        """Every class once (K,), every combination of attributes (K, A), or the captions that are shown by default; of
        data without labels, the class 0."""
        if self.examples is not None:
            return self.examples
        count = self.num_classes if isinstance(self.num_classes, int) else math.prod(self.num_classes)
        return self.conditions(torch.arange(max(1, count)))

    def noise_at(self, number: Tensor, seed: int) -> Tensor:
        """Noise z (B, latent_dim) keyed by (seed, number): the same on every device and in any batch."""
        return self.prior.sample(seed, number, self.latent_dim).to(self.device)

    def latent_at(self, number: Tensor, condition: Tensor, seed: int, truncation: float | None = None) -> Tensor:
        """w (B, ...) of the samples with these numbers (B,) and conditions.

        Truncation t moves w to mean + t (w - mean) (StyleGAN, arXiv:1812.04948). Without a mapping it brings each
        number of z into [-t, t] (BigGAN, arXiv:1809.11096).
        """
        return self.latent_of(self.noise_at(number, seed), condition, truncation)

    def latent_of(self, z: Tensor, condition: Tensor, truncation: float | None = None) -> Tensor:
        """w (B, ...) of noise z (B, latent_dim) with conditions, truncated as by `latent_at`."""
        mean = self.mean_w()
        if truncation is None:
            return self.map(z, condition)
        if mean is None:
            z = self.prior.truncated(z.cpu(), truncation)  # not every device has double precision
            return self.map(z.to(self.device), condition)
        return mean + within("truncation", AtLeastZero, truncation) * (self.map(z, condition) - mean)

    def sample(self, n: int, condition: Tensor | None = None, seed: int = 0, truncation: float | None = None) -> Tensor:
        """Images (n, C, H, W) in [-1, 1].

        Args:
            n: how many.
            condition: classes (n,), or attributes (n, A); by default all in turn (`conditions`).
            seed: of the noise; the i-th image does not depend on n.
            truncation: the smaller, the more typical and the more alike the images (`latent_at`).

        Raises:
            SettingError: a truncation below 0, or that this prior does not allow, as 0 of noise.
        """
        number = torch.arange(n)
        return self.draw(number, self.conditions(number) if condition is None else condition, seed, truncation)

    @torch.no_grad()
    def draw(self, number: Tensor, condition: Tensor, seed: int, truncation: float | None = None) -> Tensor:
        """The images (B, C, H, W) of `sample` with these numbers (B,) and conditions (B, ...)."""
        # In parts, so that memory does not limit n.
        parts = zip(number.split(256), condition.to(self.device).split(256), strict=True)
        return torch.cat(
            [self.synthesise(self.latent_at(part, wanted, seed, truncation), wanted) for part, wanted in parts]
        )

    def ignores_labels(self) -> bool:
        """Whether the image stays the same when only the condition changes."""
        every = self.all_conditions()
        return torch.equal(self.sample(1, every[:1]), self.sample(1, every[-1:]))
