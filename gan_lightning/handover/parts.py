"""The networks of a trained model as plain modules, and inputs to try them with."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.loaded import TrainedModel
from gan_lightning.models import (
    Autoencoder,
    BetweenDomains,
    GeneratorAlone,
    ImagesFromNoise,
    Pix2Pix,
    StarGAN,
    TranslatorsAlone,
)
from gan_lightning.models.alone import with_own_statistics
from gan_lightning.networks.layers.label_planes import with_label


def alone(model: Any) -> GeneratorAlone | TranslatorsAlone:
    """A trained model without its training step; it makes the same pictures.

    Raises:
        SettingError: no network makes its pictures alone, or one network takes labels of the pictures' own.
    """
    if isinstance(model, StarGAN) or model.averaged is None:
        raise SettingError(
            f"format: the pictures of this {type(model).__name__} need more than one network; format=checkpoint "
            "writes them all"
            + (", and format=onnx a generator that takes a picture and a label" * isinstance(model, StarGAN))
        )
    if isinstance(model, ImagesFromNoise):
        if model.examples is not None:
            raise SettingError(f"format: this {type(model).__name__} is for captions; format=checkpoint writes it")
        fitted = model.fitted if isinstance(model, Autoencoder) else None
        return GeneratorAlone(model.averaged, model.num_classes, model.prior, fitted).eval()
    networks = model.averaged
    by_route = networks if isinstance(networks, nn.ModuleDict) else {model.routes[0].name: networks}
    own = isinstance(model, Pix2Pix) and model.instance_statistics
    made = {name: with_own_statistics(network) if own else network for name, network in by_route.items()}
    noise = isinstance(model, Pix2Pix) and model.sampling_noise
    return TranslatorsAlone(made, model.routes, model.channels, noise).eval()


class Part(nn.Module, ABC):
    """One network as other programs call it.

    Attributes:
        name: of its file.
        inputs: names of the arguments of `forward`.
    """

    name: str
    inputs: Sequence[str]

    @abstractmethod
    def example(self, batch: int, larger: int = 0) -> tuple[Tensor, ...]:
        """Arguments for so many pictures, which are `larger` steps larger if the network takes any size."""


@final
class FromNoisePart(Part):
    """Noise z (B, latent_dim), and conditions if the network sees them, to images (B, C, H, W) in [-1, 1]."""

    name = "model"

    def __init__(self, model: GeneratorAlone) -> None:
        super().__init__()
        self.model, self.sees_labels = model, not model.ignores_labels()
        self.inputs = ("z", "condition") if self.sees_labels else ("z",)

    def forward(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        if condition is None:
            number = torch.zeros_like(z[:, 0], dtype=torch.long)
            condition = number if isinstance(self.model.num_classes, int) else self.model.conditions(number)
        image: Tensor = self.model(z, condition)
        return image

    def example(self, batch: int, larger: int = 0) -> tuple[Tensor, ...]:
        number = torch.arange(batch) + batch
        z = self.model.noise_at(number, seed=0)
        return (z, self.model.conditions(number)) if self.sees_labels else (z,)


@final
class TranslatorPart(Part):
    """Pictures (B, C, H, W) in [-1, 1] along one route to their translations. Dropout is off."""

    inputs = ("picture",)

    def __init__(self, model: TranslatorsAlone, route: str) -> None:
        super().__init__()
        (found,) = (one for one in model.routes if one.name == route)
        self.name, self.network = route, model.networks[route]
        self.channels, self.side, self.multiple = model.channels[found.source], model.minimum, model.multiple

    def forward(self, picture: Tensor) -> Tensor:
        translated: Tensor = self.network(picture)
        return translated

    def example(self, batch: int, larger: int = 0) -> tuple[Tensor, ...]:
        return (_picture(batch, self.channels, max(32, self.side), self.multiple, larger),)


@final
class LabelledTranslatorPart(Part):
    """StarGAN's generator: pictures (B, C, H, W) in [-1, 1] and labels (B, L) to translations."""

    name = "model"
    inputs = ("picture", "label")

    def __init__(self, model: StarGAN) -> None:
        super().__init__()
        self.network, self.multiple, self.side = model.averaged, model.multiple, model.minimum
        self.channels = next(iter(model.channels.values()))
        self.labels = len(next(iter(model.domains.values())))

    def forward(self, picture: Tensor, label: Tensor) -> Tensor:
        translated: Tensor = self.network(with_label(picture, label))
        return translated

    def example(self, batch: int, larger: int = 0) -> tuple[Tensor, ...]:
        label = (torch.arange(batch * self.labels).view(batch, -1) % 2).float()
        return _picture(batch, self.channels, max(32, self.side), self.multiple, larger), label


def parts(model: Any) -> list[Part]:
    """The networks of a trained model.

    Raises:
        SettingError: no network makes its pictures alone.
    """
    if isinstance(model, StarGAN):
        return [LabelledTranslatorPart(model).eval()]
    light = alone(model)
    if isinstance(light, GeneratorAlone):
        return [FromNoisePart(light).eval()]
    return [TranslatorPart(light, name).eval() for name in light.networks]


def has_noise(model: Any) -> bool:
    """Whether dropout stays on in a trained translator, so that each seed gives another translation."""
    if not isinstance(model, Pix2Pix) or not model.sampling_noise:
        return False
    return any(isinstance(module, nn.Dropout) for module in model.averaged.modules())


def kind(trained: TrainedModel) -> str:
    """What a hub calls the task of a model."""
    return "image-to-image" if isinstance(trained.model, BetweenDomains) else "unconditional-image-generation"


def without_paths(command: Sequence[str]) -> list[str]:
    """The words of a command that name no path: paths say nothing to others, and may say too much."""
    return [word for word in command if "/" not in word]


def _picture(batch: int, channels: int, side: int, multiple: int, larger: int) -> Tensor:
    """Pictures (B, channels, H, W) in [-1, 1] that are not square."""
    height, width = (-(-side // multiple) + larger) * multiple, (-(-side // multiple) + 1 + 2 * larger) * multiple
    count = batch * channels * height * width
    return torch.sin(torch.arange(count).float() * 0.7).view(batch, channels, height, width)
