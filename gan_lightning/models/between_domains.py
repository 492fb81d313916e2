"""What whatever translates pictures offers to those that use it: a model in training, or its networks alone."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from gan_lightning.batch import Route
from gan_lightning.errors import SettingError
from gan_lightning.networks.contracts import check_size


class BetweenDomains(ABC):
    """Translates pictures between domains, which have names.

    Subclasses are modules. They say how in `translate_along`, and set four attributes, or five.

    Attributes:
        routes: that can be taken; the first is the usual one.
        channels: of the pictures of each domain, by its name.
        multiple, minimum: heights and widths of pictures are multiples of the one, and at least the other.
        reach: how far, in pixels of the source, a pixel of a translation sees (`Translator.reach`); None if over the
            whole picture.
    """

    routes: Sequence[Route]
    channels: Mapping[str, int]
    multiple: int
    minimum: int
    reach: int | None = None

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Of the weights."""

    @property
    def averaged(self) -> nn.Module | None:
        """The network that alone translates, or several by the names of their routes: of averaged weights if there are
        any, in evaluation mode. None if no network does."""
        return None

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


def _plain(domain: str) -> str:
    return "".join(character for character in domain.casefold() if character.isalnum())
