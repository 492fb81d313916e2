"""The typed batches that travel between data, steps and metrics.

Images are float tensors (B, C, H, W) in [-1, 1]. A condition is what the data know of each of them: the class, long
(B,), all zero for a data set without classes; several attributes, long (B, A); or another tensor of B rows, such as the
vectors of sentences, float (B, F).
"""

import re
from typing import NamedTuple

from torch import Tensor


class Labelled(NamedTuple):
    """Images with their conditions: what noise-to-image data sets deliver."""

    image: Tensor
    condition: Tensor


class Paired(NamedTuple):
    """Pictures of one scene in two domains, each (B, C, H, W) in [-1, 1], as Pix2Pix needs them."""

    source: Tensor
    target: Tensor


class Unpaired(NamedTuple):
    """Independent pictures of two domains, each (B, C, H, W) in [-1, 1], as CycleGAN needs them."""

    a: Tensor
    b: Tensor


class Attributed(NamedTuple):
    """Pictures with what is known of each, as StarGAN needs them.

    `image` (B, C, H, W) is in [-1, 1]. `label` (B, L) holds a 0 or a 1 for each of L facts, float.
    """

    image: Tensor
    label: Tensor


class Sequences(NamedTuple):
    """Sequences of tokens (B, T), long, as language models and GANs of sequences need them (see `tokens`)."""

    token: Tensor


class Route(NamedTuple):
    """A way of translation from one domain to another.

    Domains have names of letters and digits, such as `a` or `blond`. A translation is `scale` times higher and wider
    than its source.
    """

    source: str
    target: str
    scale: int = 1

    @property
    def name(self) -> str:
        """As settings and the names of scores have it: `a2b`."""
        return f"{self.source}2{self.target}"

    @property
    def back(self) -> "Route":
        """The other way; only of routes of scale 1 is there one."""
        return Route(self.target, self.source)

    @classmethod
    def named(cls, name: str, scale: int = 1) -> "Route":
        """The route that has this name."""
        source, target = name.split("2")
        return cls(source, target, scale)


_ROUTE = re.compile(r"_[^\W_]+2[^\W_]+$")


def without_route(score: str) -> str:
    """The name of a score without the route at its end: `fid_classifier` for `fid_classifier_a2b`."""
    return _ROUTE.sub("", score)


ANY = "any"
"""The domain of all pictures, whatever other domains they lie in."""


class HeldOut(NamedTuple):
    """What validation asks a translator for: the translation of held-out pictures along a route.

    `number` (B,) is the position of each picture in its split and keys its noise; `target` is the true translation
    where the data know it, otherwise None.
    """

    route: Route
    number: Tensor
    source: Tensor
    target: Tensor | None


class Translation(NamedTuple):
    """A translator's answer: `output` beside the `source` it was made from, each (B, C, H, W) in [-1, 1].

    `route`, `number` and `target` are the question's; `back` is `output` translated back to the source's domain, or
    None for a model that does not know the way back.
    """

    route: Route
    number: Tensor
    source: Tensor
    output: Tensor
    target: Tensor | None
    back: Tensor | None


class Query(NamedTuple):
    """What validation asks a noise-to-image model for: samples by `number` (B,), each under its condition.

    The number keys the noise, so a sample does not depend on the batch or the process that draws it.
    """

    number: Tensor
    condition: Tensor


class Generated(NamedTuple):
    """A noise-to-image model's answer: images (B, C, H, W) in [-1, 1], with `number` and `condition` of the query.

    Models of sequences answer with tokens (B, T) in place of images.
    """

    number: Tensor
    image: Tensor
    condition: Tensor


class Verdict(NamedTuple):
    """A discriminator's answer; one forward pass serves every consumer.

    `logits` has no sigmoid applied: (B, 1), or a map (B, 1, h, w) for patch discriminators, or (B, T) for those that
    judge every token of a sequence.
    `features` (B, F) is the last hidden representation.
    """

    logits: Tensor
    features: Tensor

    @property
    def score(self) -> Tensor:
        """One number per image (B,): the logit, or a patch map's mean."""
        return self.logits.flatten(1).mean(1)

    @property
    def total(self) -> Tensor:
        """One number per image (B,): the logit, or a patch map's sum."""
        return self.logits.flatten(1).sum(1)
