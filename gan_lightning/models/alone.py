"""Trained networks without their training step: what is handed on, and all that making pictures needs."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Route
from gan_lightning.models.between_domains import BetweenDomains
from gan_lightning.models.dropout_noise import translated
from gan_lightning.models.from_noise import ImagesFromNoise
from gan_lightning.models.prior import Prior
from gan_lightning.networks.contracts import Generator


@final
class GeneratorAlone(nn.Module, ImagesFromNoise):
    """A trained generator.

    Args:
        network: with averaged weights.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        prior: what its noise is drawn from.
        fitted: brings standard normal numbers to the distribution of an autoencoder's codes; None for other models.
    """

    def __init__(
        self, network: Generator, num_classes: int | Sequence[int], prior: Prior, fitted: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.network, self.fitted = network, fitted
        self.num_classes, self.prior, self.latent_dim = num_classes, prior, network.latent_dim

    @property
    def device(self) -> torch.device:
        return _device(self)

    @property
    def averaged(self) -> Generator:
        return self.network

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.network.map(z if self.fitted is None else self.fitted(z), condition)

    def mean_w(self) -> Tensor | None:
        return self.network.mean_w()

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return self.network.synthesise(w, condition).clamp(-1, 1)

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        """Noise z (B, latent_dim) and conditions (B, ...) to images (B, C, H, W) in [-1, 1]."""
        return self.synthesise(self.map(z, condition), condition)


@final
class TranslatorsAlone(nn.Module, BetweenDomains):
    """Trained translators, one for each route.

    Args:
        networks: `Translator` by the name of the route, with averaged weights.
        routes: the first is the usual one.
        channels: of the pictures of each domain, by its name.
        noise: whether dropout stays on and makes each translation another one (Pix2Pix).
    """

    def __init__(
        self, networks: Mapping[str, Any], routes: Sequence[Route], channels: Mapping[str, int], noise: bool = False
    ) -> None:
        super().__init__()
        self.networks = nn.ModuleDict(networks)
        self.routes, self.channels, self.noise = routes, channels, noise
        first = networks[routes[0].name]
        self.multiple, self.minimum, self.reach = first.multiple, first.minimum, first.reach

    @property
    def device(self) -> torch.device:
        return _device(self)

    @property
    def averaged(self) -> nn.Module:
        return self.networks if len(self.networks) > 1 else self.networks[self.routes[0].name]

    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        network = self.networks[route.name]
        if not self.noise:
            output: Tensor = network(source)
            return output
        for module in network.modules():
            if isinstance(module, nn.Dropout):
                module.train()
        return translated(network, source, number, seed)


def with_own_statistics(network: nn.Module) -> nn.Module:
    """A translator whose batch norms take the statistics of each picture alone, which is instance norm."""
    for module in network.modules():
        for name, norm in module.named_children():
            if isinstance(norm, nn.BatchNorm2d):
                own = nn.InstanceNorm2d(norm.num_features, norm.eps, affine=norm.affine)
                own.load_state_dict(dict(norm.named_parameters()))
                setattr(module, name, own)
    return network


def _device(module: nn.Module) -> torch.device:
    return next(module.parameters()).device
