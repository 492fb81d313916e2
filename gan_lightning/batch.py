"""The typed batches that travel between data, steps and metrics.

Images are float tensors (B, C, H, W) in [-1, 1]; labels are long tensors (B,), all zero for a data set
without classes.
"""

from typing import NamedTuple

from torch import Tensor


class Labelled(NamedTuple):
    """Images with their classes: what noise-to-image data sets deliver."""

    image: Tensor
    label: Tensor


class Paired(NamedTuple):
    """Pictures of one scene in two domains, each (B, C, H, W) in [-1, 1], as Pix2Pix needs them."""

    source: Tensor
    target: Tensor


class Unpaired(NamedTuple):
    """Independent pictures of two domains, each (B, C, H, W) in [-1, 1], as CycleGAN needs them."""

    a: Tensor
    b: Tensor


class HeldOut(NamedTuple):
    """What validation asks a translator for: the translation of held-out pictures.

    `direction` is "a2b" or "b2a"; `number` (B,) says where in the split each picture stands and keys its
    noise; `target` is the true translation where the data know it, otherwise None.
    """

    direction: str
    number: Tensor
    source: Tensor
    target: Tensor | None


class Translation(NamedTuple):
    """A translator's answer: `output` beside the `source` it was made from, each (B, C, H, W) in [-1, 1].

    `direction`, `number` and `target` are the question's; `back` is `output` translated back to the source's domain,
    or None for a model that goes one way.
    """

    direction: str
    number: Tensor
    source: Tensor
    output: Tensor
    target: Tensor | None
    back: Tensor | None


class Query(NamedTuple):
    """What validation asks a noise-to-image model for: samples by `number` (B,), of class `label` (B,).

    The number keys the noise, so a sample does not depend on the batch or the process that draws it.
    """

    number: Tensor
    label: Tensor


class Generated(NamedTuple):
    """A noise-to-image model's answer: images (B, C, H, W) in [-1, 1] with the `number` and `label` of the query."""

    number: Tensor
    image: Tensor
    label: Tensor


class Verdict(NamedTuple):
    """A discriminator's answer; one forward pass serves every consumer.

    `logits` has no sigmoid applied: (B, 1), or a map (B, 1, h, w) for patch discriminators.
    `features` (B, F) is the last hidden representation.
    """

    logits: Tensor
    features: Tensor

    @property
    def score(self) -> Tensor:
        """One number per image (B,): the logit, or a patch map's mean."""
        return self.logits.flatten(1).mean(1)
