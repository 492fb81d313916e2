"""What a model offers to whatever samples from it: commands, callbacks, scores."""

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from gan_lightning.batch import Generated, HeldOut, Labelled, Query, Route, Translation
from gan_lightning.errors import SettingError
from gan_lightning.models.posteriors import Posterior
from gan_lightning.models.prior import NORMAL, Prior
from gan_lightning.models.stepping import SteppingModule
from gan_lightning.networks.contracts import Discriminator, Encoder, Generator, Translator, check_size
from gan_lightning.ranges import AtLeastZero, within


class FromNoise(SteppingModule):
    """A model that makes images from noise, and from conditions if the data have them: classes, or several attributes.

    Subclasses say how in `synthesise`, and set two attributes. If the generator maps noise to another latent w, they
    also have its `map` and `mean_w`; without a mapping w is z.

    Attributes:
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        latent_dim: numbers of noise for each image.
        prior: what the noise is drawn from.
        truncation: of the noise, or of w, where validation draws samples; None for none.
    """

    takes = Labelled
    answers = Generated
    num_classes: int | Sequence[int]
    latent_dim: int
    prior: Prior = NORMAL
    truncation: float | None = None

    @property
    def critic(self) -> Discriminator | None:
        """The network that gives each image a score, and sees nothing else but its condition; None without one.
        Samplers and callbacks ask it."""
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

    def conditions(self, number: Tensor) -> Tensor:
        """What samples show by default, by number (B,): all classes in turn (B,), or all combinations of attributes
        (B, A), of which the first changes fastest."""
        if isinstance(self.num_classes, int):
            return number % max(1, self.num_classes)
        columns = []
        for size in self.num_classes:
            columns.append(number % size)
            number = number // size
        return torch.stack(columns, 1)

    def all_conditions(self) -> Tensor:
        """Every class once (K,), or every combination of attributes (K, A); of data without labels, the class 0."""
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
        z, mean = self.noise_at(number, seed), self.mean_w()
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


class Translating(SteppingModule):
    """A model that translates pictures between domains, which have names.

    Subclasses say how in `translate_along`, and set four attributes, or five.

    Attributes:
        routes: that the model has learnt; the first is the usual one.
        channels: of the pictures of each domain, by its name.
        multiple, minimum: heights and widths of pictures are multiples of the one, and at least the other.
        reach: how far, in pixels of the source, a pixel of a translation sees (`Translator.reach`); None if over the
            whole picture.
    """

    answers = Translation
    routes: Sequence[Route]
    channels: Mapping[str, int]
    multiple: int
    minimum: int
    reach: int | None = None

    @abstractmethod
    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        """Translations (B, C, scale H, scale W) in [-1, 1] of pictures of the route's source, with the weights that
        samples are to come from: those of the average, if there is one, in evaluation mode.

        Args:
            route: one of `routes`.
            source: pictures (B, C, H, W) in [-1, 1].
            number: of each picture (B,), which together with `seed` keys its noise, if the model has any.
            seed: of the noise.
        """

    def route(self, direction: str | None) -> Route:
        """The route of this name; the first one for None.

        Raises:
            SettingError: the model has not learnt it.
        """
        routes = {route.name: route for route in self.routes}
        if direction is not None and direction not in routes:
            raise SettingError(f"direction={direction}: this checkpoint has learnt {', '.join(routes)} only")
        return self.routes[0] if direction is None else routes[direction]

    def routes_into(self, domains: Sequence[str]) -> list[Route]:
        """The first route into each of these domains; into every domain for `all`. Capitals and what is neither a
        letter nor a digit make no difference: `Blond_Hair` is `blondhair`.

        Raises:
            SettingError: no route leads there.
        """
        known = {_plain(route.target): route for route in reversed(self.routes)}
        if [*domains] == ["all"]:
            return [route for route in self.routes if route in known.values()]
        for domain in domains:
            if _plain(domain) not in known:
                there = ", ".join(dict.fromkeys(route.target for route in self.routes))
                raise SettingError(f"domain={domain}: this checkpoint translates into {there}")
        return [known[_plain(domain)] for domain in domains]

    def check_size(self, size: Sequence[int]) -> None:
        """Refuse pictures of a (height, width) that the model does not take.

        Raises:
            SettingError: which names the nearest sizes.
        """
        check_size(size, self.multiple, self.minimum, f"this {type(self).__name__}")

    @torch.no_grad()
    def translate(
        self, source: Tensor, direction: str | None = None, seed: int = 0, number: Tensor | None = None
    ) -> Tensor:
        """Pictures (B, C, H, W) in [-1, 1] to their translations by the averaged generator.

        Args:
            source: heights and widths are multiples of `multiple`.
            direction: the name of a route, such as "b2a"; by default the first one.
            seed: of the noise, for models that have it.
            number: keys the noise of each picture (B,), by default its place in the batch.

        Raises:
            SettingError: the model has not learnt this direction.
        """
        return self.translate_along(
            self.route(direction), source, torch.arange(len(source)) if number is None else number, seed
        )

    @torch.no_grad()
    def validation_step(self, batch: HeldOut, batch_idx: int) -> Translation:  # type: ignore[override]
        def translated(route: Route, source: Tensor) -> Tensor:
            return self.translate_along(route, source, batch.number, self.optimisation.seed)

        output = translated(batch.route, batch.source)
        back = translated(batch.route.back, output) if batch.route.back in self.routes else None
        return Translation(batch.route, batch.number, batch.source, output, batch.target, back)


def _plain(domain: str) -> str:
    return "".join(character for character in domain.casefold() if character.isalnum())


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
