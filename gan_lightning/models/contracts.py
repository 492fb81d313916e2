"""What a model offers to whatever samples from it: commands, callbacks, scores."""

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from gan_lightning.batch import Generated, HeldOut, Labelled, Query, Route, Translation
from gan_lightning.errors import SettingError
from gan_lightning.models.between_domains import BetweenDomains
from gan_lightning.models.from_noise import ImagesFromNoise
from gan_lightning.models.posteriors import Posterior
from gan_lightning.models.stepping import SteppingModule
from gan_lightning.networks.contracts import Discriminator, Encoder, Generator, Translator


class FromNoise(SteppingModule, ImagesFromNoise):
    """A model that makes images from noise, and from conditions if the data have them: classes, or several attributes.

    Subclasses say how in `synthesise`, and set the attributes of `ImagesFromNoise`. If the generator maps noise to
    another latent w, they also have its `map` and `mean_w`; without a mapping w is z.

    Attributes:
        truncation: of the noise, or of w, where validation draws samples; None for none.
    """

    takes: ClassVar[type] = Labelled
    answers = Generated
    truncation: float | None = None

    @property
    def critic(self) -> Discriminator | None:
        """The network that gives each image a score, and sees nothing else but its condition; None without one.
        Samplers and callbacks ask it."""
        return None

    def validation_step(self, batch: Query, batch_idx: int) -> Generated:  # type: ignore[override]
        w = self.latent_at(batch.number, batch.condition, self.optimisation.seed, self.truncation)
        return Generated(batch.number, self.synthesise(w, batch.condition), batch.condition)


class Encoding(FromNoise):
    """A model that also finds the latent of an image, with an encoder beside its generator.

    Subclasses have the networks that samples and codes come from as two properties.

    Attributes:
        posterior: what the encoder's numbers say of the latent.
    """

    posterior: Posterior

    @property
    @abstractmethod
    def averaged(self) -> Generator:
        """The generator that samples come from: of averaged weights if there are any, in evaluation mode."""

    @property
    @abstractmethod
    def averaged_encoder(self) -> Encoder:
        """The encoder of the same kind."""

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return self.averaged.synthesise(w, condition).clamp(-1, 1)  # not every generator is bounded

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.averaged.map(z, condition)

    def mean_w(self) -> Tensor | None:
        return self.averaged.mean_w()

    @torch.no_grad()
    def encode(self, image: Tensor, condition: Tensor) -> Tensor:
        """The mean of the latent z (B, latent_dim) of images (B, C, H, W) in [-1, 1] with conditions (B, ...)."""
        return self.posterior.mean(self.averaged_encoder(image, condition))

    @torch.no_grad()
    def reconstruct(self, image: Tensor, condition: Tensor) -> Tensor:
        """What the generator makes of the latent of images (B, C, H, W); in [-1, 1]."""
        network = self.averaged
        return network.synthesise(network.map(self.encode(image, condition), condition), condition).clamp(-1, 1)


class Translating(SteppingModule, BetweenDomains):
    """A model that translates pictures between domains, which have names.

    Subclasses say how in `translate_along`, and set the attributes of `BetweenDomains`.
    """

    answers = Translation

    @torch.no_grad()
    def validation_step(self, batch: HeldOut, batch_idx: int) -> Translation:  # type: ignore[override]
        def translated(route: Route, source: Tensor) -> Tensor:
            return self.translate_along(route, source, batch.number, self.optimisation.seed)

        output = translated(batch.route, batch.source)
        back = translated(batch.route.back, output) if batch.route.back in self.routes else None
        return Translation(batch.route, batch.number, batch.source, output, batch.target, back)


def check_scale(network: Translator, scale: int) -> None:
    """Refuse a network that makes pictures of another size than the targets have.

    Raises:
        SettingError: which says how to bring them together.
    """
    if network.scale != scale:
        larger = "as large as their sources" if scale == 1 else f"{scale} times larger than their sources"
        does = "keeps the size" if network.scale == 1 else f"makes pictures {network.scale} times larger"
        remedy = "leave network.translator.scale out" if network.scale != 1 else "use network=srresnet or network=rrdb"
        raise SettingError(
            f"network.translator: the targets of these data are {larger}, but this {type(network).__name__} {does}; "
            f"{remedy}, or choose other data"
        )
