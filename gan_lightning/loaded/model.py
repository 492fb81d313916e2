"""A trained model, with pictures of Pillow in and out."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, final, overload

import torch
from PIL import Image
from torch import Tensor, nn

from gan_lightning.console.classes import conditions
from gan_lightning.data import colour_names
from gan_lightning.errors import SettingError
from gan_lightning.loaded import drawing
from gan_lightning.loaded.drawing import Ask
from gan_lightning.loaded.pictures import picture, pictures
from gan_lightning.loaded.texts import made_from_noise, refuse_without_pictures, texts
from gan_lightning.loaded.translating import Sources, route_of, translations
from gan_lightning.models import BetweenDomains, ImagesFromNoise
from gan_lightning.vocabulary import Vocabulary

Label = str | int | Sequence[Any]
"""A class by name or number, or a list of them; of data with several attributes, a list of numbers, or such lists; of a
model that reads captions, a sentence or a list of them."""


@final
class TrainedModel:
    """A model that was trained, ready to make pictures. `gan_lightning.load` returns it.

    `sample` and `interpolate` are for models that make images from noise, `translate` for those that translate
    pictures; `translates` says which kind this is. The same seed always gives the same pictures, on every device.

    Args:
        model: whose averaged weights make the pictures.
        spec: facts of the training data, as a checkpoint holds them.
        attributes: names of the data's attributes, if they have several.

    Attributes:
        model: the module with the weights, for whoever wants tensors.
        spec: facts of the training data.
    """

    def __init__(
        self, model: ImagesFromNoise | BetweenDomains, spec: Mapping[str, Any], attributes: Sequence[str] | None = None
    ) -> None:
        self.model: Any = model
        self.spec = spec
        self._attributes = attributes

    def __repr__(self) -> str:
        does = f"translates {', '.join(self.directions)}" if self.translates else made_from_noise(self.spec)
        return f"TrainedModel({type(self.model).__name__}, {does})"

    @property
    def translates(self) -> bool:
        """Whether it translates pictures, and makes none from noise."""
        return isinstance(self.model, BetweenDomains)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of its images, or of a translator's training pictures; a SettingError without pictures."""
        refuse_without_pictures(self.spec, "size")
        return self.spec["height"], self.spec["width"]

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.model.device

    def to(self, device: str | torch.device) -> "TrainedModel":
        """Compute on another device, such as "cuda"."""
        self.model.to(device)
        return self

    @cached_property
    def classes(self) -> list[str]:
        """What `label` may name, in the order of the data set. Empty if there are none or if the generator ignores
        them; of data with several attributes too, which `attributes` names."""
        if self.translates or not isinstance(self.model.num_classes, int) or not self._sees_labels:
            return []
        return colour_names(self.spec["class_names"])

    @cached_property
    def attributes(self) -> dict[str, int]:
        """Of data with several attributes, how many values each of them has; otherwise empty."""
        if self.translates or isinstance(self.model.num_classes, int) or not self._sees_labels:
            return {}
        sizes = self.model.num_classes
        return dict(zip(self._attributes or [f"attribute {i}" for i in range(len(sizes))], sizes, strict=True))

    @cached_property
    def captions(self) -> list[str]:
        """Examples of the sentences that `label` may be, of a model that reads captions; otherwise empty."""
        if self.translates or self.model.examples is None:
            return []
        return [self._vocabulary.decode(example) for example in self.model.examples]

    @property
    def _vocabulary(self) -> Vocabulary:
        known = self.spec["captions"]
        return Vocabulary(known["words"], known["length"])

    @cached_property
    def _sees_labels(self) -> bool:
        return not self.model.ignores_labels()

    @property
    def directions(self) -> list[str]:
        """The ways of translation, such as `a2b`; the first is the usual one. Empty for images from noise."""
        return [route.name for route in self.model.routes] if self.translates else []

    @property
    def domains(self) -> list[str]:
        """What pictures can be translated into. Empty for images from noise."""
        return list(dict.fromkeys(route.target for route in self.model.routes)) if self.translates else []

    @property
    def generator(self) -> nn.Module:
        """The network itself, with averaged weights and in evaluation mode, for PyTorch.

        From noise: `generator(z, condition)` makes images in [-1, 1] of z (B, latent_dim) and classes (B,). Of a
        translator: `generator(picture)`; a `ModuleDict` by direction if each has its own network.

        Raises:
            SettingError: no network makes the pictures alone, as those of an energy-based model.
        """
        network: nn.Module | None = self.model.averaged
        if network is None:
            raise SettingError(
                f"generator: no network makes the pictures of this {type(self.model).__name__} alone; use "
                f"{'translate' if self.translates else 'sample'}"
            )
        return network

    def sample(
        self,
        n: int | None = None,
        label: Label | None = None,
        *,
        z: Tensor | None = None,
        w: Tensor | None = None,
        seed: int = 0,
        truncation: float | None = None,
    ) -> list[Image.Image]:
        """Pictures from noise.

        Args:
            n: how many; by default as many as there are rows of z or w, or labels, or one.
            label: what they show, a class by name or number, or several in turn; by default all classes in turn. Of
                data with several attributes, a list with a number for each, or a list of such lists. Of a model that
                reads captions, a sentence or several; by default examples from the data.
            z: noise (n, latent_dim) instead of that of the seed.
            w: latents (n, ...) behind the mapping, if the generator has one, instead of z.
            seed: of the noise; the first pictures do not depend on n.
            truncation: the smaller, the more typical and the more alike the pictures.

        Raises:
            SettingError: the model translates pictures; a class that it does not have; settings out of range.
        """
        self._from_noise("sample")
        refuse_without_pictures(self.spec, "sample")
        return pictures(self.images(n, label, z=z, w=w, seed=seed, truncation=truncation))

    def images(
        self,
        n: int | None = None,
        label: Label | None = None,
        *,
        z: Tensor | None = None,
        w: Tensor | None = None,
        seed: int = 0,
        truncation: float | None = None,
    ) -> Tensor:
        """What `sample` shows, as a tensor (n, C, H, W) in [-1, 1]; also of models whose samples are points."""
        model, ask = self._from_noise("images"), self._conditions(label)
        given = z if w is None else w
        if n is None:
            n = len(given) if given is not None else 1 if label is None else len(self._wanted(label))
        return drawing.images(model, n, ask, z, w, seed, truncation)

    def texts(self, n: int = 1, *, seed: int = 0) -> list[str]:
        """The first n texts of a model of sequences; a SettingError if it makes something else."""
        return texts(self.model, self.spec, n, seed)

    def latents(
        self, n: int = 1, label: Label | None = None, *, seed: int = 0, truncation: float | None = None
    ) -> Tensor:
        """w (n, ...) of the pictures that `sample` gives with the same arguments: z itself if the generator has no
        mapping. To be changed, and given back as `sample(w=...)`."""
        return drawing.latents(self._from_noise("latents"), n, self._conditions(label), seed, truncation)

    def interpolate(
        self,
        a: int | Tensor,
        b: int | Tensor,
        steps: int = 8,
        label: Label | None = None,
        *,
        truncation: float | None = None,
    ) -> list[Image.Image]:
        """Pictures on the way from one to another, both ends included.

        The way is straight in w behind a mapping and in uniform noise, and otherwise an arc of a great circle, on which
        lengths stay those of normal noise.

        Args:
            a, b: seeds, whose first pictures are the ends; or latents, a row of `latents` each.
            steps: how many pictures, 2 or more.
            label: what all of them show; by default the first class.
            truncation: of the latents of seeds.

        Raises:
            SettingError: as `sample`.
        """
        model, ask = self._from_noise("interpolate"), self._conditions(label)
        refuse_without_pictures(self.spec, "interpolate")
        return pictures(drawing.way(model, a, b, steps, ask, truncation))

    @overload
    def translate(
        self,
        source: Image.Image,
        domain: str | None = ...,
        *,
        direction: str | None = ...,
        seed: int = ...,
        tile: int = ...,
    ) -> Image.Image: ...

    @overload
    def translate(
        self,
        source: Sources,
        domain: str | None = ...,
        *,
        direction: str | None = ...,
        seed: int = ...,
        tile: int = ...,
    ) -> list[Image.Image]: ...

    def translate(
        self,
        source: Image.Image | Sources,
        domain: str | None = None,
        *,
        direction: str | None = None,
        seed: int = 0,
        tile: int = 256,
    ) -> Image.Image | list[Image.Image]:
        """Translations of pictures of any size, each as large as its source, or larger by the model's factor.

        Args:
            source: a picture, which gives one. Several, or a picture file or a folder of them, give a list in the order
                of the names; gan-generate writes them to a folder.
            domain: one of `domains`, into which pictures are translated; by default the usual one.
            direction: instead, one of `directions`.
            seed: of the noise, for models that have any.
            tile: side of the parts in which large pictures pass through the network, in pixels of the source.

        Raises:
            SettingError: the model makes images from noise; a domain that it does not know; a file that cannot be read.
        """
        if not self.translates:
            raise SettingError("translate: this model makes images from noise; call sample")
        route = route_of(self.model, direction, domain)
        one = isinstance(source, Image.Image)
        several: Any = [source] if one else source
        made = [picture(pixels) for pixels in translations(self.model, self.spec, several, route, seed, tile)]
        return made[0] if one else made

    def _from_noise(self, method: str) -> ImagesFromNoise:
        if self.translates:
            raise SettingError(f"{method}: this model translates pictures; call translate")
        model: ImagesFromNoise = self.model
        return model

    def _conditions(self, label: Label | None) -> Ask:
        """What samples show by number: the wanted classes in turn, or all that there are."""
        if label is None:
            return self._from_noise("label").conditions
        wanted = self._wanted(label)
        return lambda number: wanted[number % len(wanted)]

    def _wanted(self, label: Label) -> Tensor:
        """Classes (K,), combinations of attributes (K, A), or captions as numbers of words (K, length)."""
        if self.captions:
            return self._vocabulary.encode([str(one) for one in _listed(label)])
        wanted = conditions(label, self.spec, self._attributes, setting="label")
        if not self._sees_labels:
            raise SettingError(f"label={label}: this model's generator ignores labels; leave it out")
        return wanted


def _listed(label: Label) -> Sequence[Any]:
    return [label] if isinstance(label, str | int) else label
