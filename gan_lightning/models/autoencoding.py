"""What a VAE and a plain autoencoder share: an encoder and a generator that learn together, without a discriminator."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_lightning.batch import Labelled
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.losses import Reconstruction, Regulariser
from gan_lightning.models.contracts import Encoding
from gan_lightning.models.optimisation import GeneratorOptimisation
from gan_lightning.models.players import Player
from gan_lightning.models.posteriors import Posterior
from gan_lightning.networks import Encoder, Generator
from gan_lightning.networks.dry_run import BATCH, check_codes, check_images, dry_run_mode


class Autoencoding(Encoding, ABC):
    """One player, `generator`, which holds both networks. Subclasses say in `loss` what it minimises.

    Args:
        generator: the decoder, a generator as a GAN has it.
        encoder: builds the encoder from the number of its outputs.
        posterior: what the encoder's numbers say of the latent.
        reconstruction: distance between an image and what the generator makes of its latent.
        optimisation: optimizer, schedule, average and budgets.
        generator_regularisers: by name, terms on the parameters of both networks.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
    """

    capturable = True

    def __init__(
        self,
        generator: Generator,
        encoder: Callable[[int], Encoder],
        posterior: Posterior,
        reconstruction: Reconstruction,
        optimisation: GeneratorOptimisation,
        generator_regularisers: Mapping[str, Regulariser],
        num_classes: Any,
    ) -> None:
        super().__init__(optimisation)
        check_contract("network.generator", generator, Generator)
        check_contract("model.reconstruction", reconstruction, Reconstruction)
        check_contracts("generator_regulariser", generator_regularisers, Regulariser)
        self.latent_dim, self.num_classes, self.posterior = generator.latent_dim, num_classes, posterior
        self.generator = generator
        self.encoder = encoder(posterior.numbers * self.latent_dim)
        check_contract("encoder", self.encoder, Encoder)
        self.reconstruction = reconstruction
        both = nn.ModuleDict({"generator": self.generator, "encoder": self.encoder})
        self.ema = optimisation.average(both)
        regularisers = nn.ModuleDict(generator_regularisers)
        self.add_player(
            "generator",
            Player(
                both,
                optimisation.generator,
                "model.optimisation.generator",
                regularisers=regularisers,
                average=self.ema,
            ),
        )

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        shape = (BATCH, spec["channels"], spec["height"], spec["width"])
        with dry_run_mode(self):
            z, condition = torch.randn(BATCH, self.latent_dim), self.conditions(torch.arange(BATCH))
            network = self.generator
            image = check_images(
                "network.generator",
                lambda: network.synthesise(network.map(z, condition), condition),
                *(type(network).__name__, shape, network.bounded),
            )
            check_codes("encoder", self.encoder, image, condition, self.posterior.numbers * self.latent_dim)

    def step(self, batches: list[Labelled]) -> None:
        self.update("generator", (self.loss(*b) for b in batches))

    @abstractmethod
    def loss(self, image: Tensor, condition: Tensor) -> Tensor:
        """What both networks minimise (scalar), on images (B, C, H, W) and their conditions (B, ...)."""

    @property
    def averaged(self) -> Generator:
        generator: Any = self.ema.eval().module
        return generator["generator"]

    @property
    def averaged_encoder(self) -> Encoder:
        both: Any = self.ema.eval().module
        return both["encoder"]
