"""A VAE whose reconstructions are compared in a discriminator's features (Larsen et al. 2015, arXiv:1512.09300)."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.augment import Augment
from gan_lightning.batch import Labelled, Verdict
from gan_lightning.compatibility import compare
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.losses import AdversarialLoss, Constraint, Penalty, Reconstruction, Regulariser
from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.balance import BalanceGate, Waits
from gan_lightning.models.contracts import Encoding
from gan_lightning.models.optimisation import EncoderOptimisation
from gan_lightning.models.players import Player
from gan_lightning.models.posteriors import DiagonalGaussian
from gan_lightning.networks import Discriminator, Encoder, Generator
from gan_lightning.networks.dry_run import BATCH, check_codes, check_images, check_verdict, dry_run_mode
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Classes, Count


@final
class VAEGAN(AdversarialModule, Encoding):
    """Three players with three losses (algorithm 1; figure 1 of the paper shows them from left to right):

        encoder: KL + R, the reconstruction in the features of the discriminator;
        generator, the decoder: gamma R + its adversarial loss on samples from the prior;
        discriminator: its adversarial loss on real images and on samples from the prior.

    So R never trains the discriminator, whose features would become constant, and the game never trains the encoder.

    Args:
        generator: the decoder, a generator as a GAN has it.
        encoder: builds the encoder from the number of its outputs, two for each number of z.
        discriminator: its `features` are those that are compared, so the last hidden layer; the paper's are an earlier
            layer.
        reconstruction: R, minus the logarithm of a density of the features of the image around those of what the
            generator makes of its latent, **summed** over features: `losses.Gaussian` with sigma 1.
        gamma: weight of R in the generator's loss, as R is a sum over many features.
        gate: which players let an update pass.
        loss: the adversarial objective.
        optimisation: three optimizers, schedule, averages and budgets.
        penalties: by name, terms of the discriminator's loss that see images and the critic.
        augment: by name, what every image goes through before the discriminator sees it, in this order. Reconstructions
            are compared without it.
        generator_regularisers, discriminator_regularisers: by name, terms on a player's parameters.
        constraints: by name, applied to the discriminator after each of its steps.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        critic_steps: discriminator steps, each on a fresh batch, per step of the two others.

    Raises:
        SettingError: parts that contradict each other (`compatibility.compare`).
    """

    capturable = True
    generator: Generator
    discriminator: Discriminator
    posterior: DiagonalGaussian
    penalties: Any  # ModuleDict of Penalty

    def __init__(
        self,
        generator: Generator,
        encoder: Callable[[int], Encoder],
        discriminator: Discriminator,
        reconstruction: Reconstruction,
        gamma: AtLeastZero | Ramp,
        gate: BalanceGate,
        loss: AdversarialLoss,
        optimisation: EncoderOptimisation,
        penalties: Mapping[str, Penalty],
        augment: Mapping[str, Augment],
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        num_classes: Classes | Sequence[Classes],
        critic_steps: Count = 1,
    ) -> None:
        check_contract("network.generator", generator, Generator)
        check_contract("network.discriminator", discriminator, Discriminator)
        check_contract("model.reconstruction", reconstruction, Reconstruction)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("augment", augment, Augment)
        regularisers = (generator_regularisers, discriminator_regularisers)
        super().__init__(generator, discriminator, loss, optimisation, *regularisers, constraints, {}, critic_steps)
        self.posterior, self.latent_dim, self.num_classes = DiagonalGaussian(), generator.latent_dim, num_classes
        self.encoder = encoder(self.posterior.numbers * self.latent_dim)
        check_contract("encoder", self.encoder, Encoder)
        self.encoder_ema = optimisation.average(self.encoder)
        player = Player(self.encoder, optimisation.encoder, "model.optimisation.encoder", average=self.encoder_ema)
        self.add_player("encoder", player)
        self.reconstruction, self.gate = reconstruction, gate
        self.gamma = setting("model.gamma", AtLeastZero, gamma)
        self.penalties = nn.ModuleDict(penalties)
        self.augment = nn.Sequential(OrderedDict(augment))
        compare(self.parts())

    @property
    def critic(self) -> Discriminator:
        return self.discriminator

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
            check_verdict("network.discriminator", self.discriminator, image, condition)

    def step(self, batches: list[Labelled]) -> None:
        measured: list[Tensor] = []  # the discriminator's cross-entropies, by which the players wait
        waits: list[Waits] = []

        def discriminator_waits() -> Tensor:
            waits.append(self.gate.decide(measured))
            return waits[0].discriminator

        losses = (self.discriminator_loss(*b, measured) for b in batches)
        self.update("discriminator", losses, discriminator_waits)
        self.log_scalars(**{f"waits_{name}": flag.float() for name, flag in waits[0]._asdict().items()})
        if self.due("discriminator", self.critic_steps):
            self.update("encoder", (self.encoder_loss(*b) for b in batches))
            self.update("generator", (self.generator_loss(*b) for b in batches), lambda: waits[0].generator)

    def discriminator_loss(self, real: Tensor, condition: Tensor, measured: list[Tensor]) -> Tensor:
        """Tell real images from samples of the prior. The cross-entropies of both are appended to `measured`."""
        with torch.no_grad():
            fake = self.generator(self.noise(len(real)), condition)
        real = self.generator.counterparts(real)
        discriminate = partial(self.discriminate, condition)
        loss, on_real, on_fake = self.discriminator_objective(discriminate, real, fake, self.penalties)
        self.inform_augments(self.augment, on_real)
        measured.append(self.gate.cross_entropies(on_real.logits, on_fake.logits))
        return loss

    def encoder_loss(self, real: Tensor, condition: Tensor) -> Tensor:
        """Codes that are near the prior, and from which images come back that look alike to the discriminator."""
        encoded = self.encoder(real, condition)
        divergence = self.posterior.divergence(encoded).mean()
        reconstruction = self.feature_error(real, self.posterior.draw(encoded), condition)
        self.log_scalars(loss_reconstruction=reconstruction, loss_divergence=divergence)
        return divergence + reconstruction

    def generator_loss(self, real: Tensor, condition: Tensor) -> Tensor:
        """Images that look like those that were encoded, and samples that the frozen discriminator takes for real."""
        with torch.no_grad():
            code = self.posterior.draw(self.encoder(real, condition))
        reconstruction = self.feature_error(real, code, condition)
        fake = self.generator(self.noise(len(real)), condition)
        shown = self.generator.counterparts(real)
        adversarial = self.generator_objective(partial(self.discriminate, condition), fake, shown)
        self.log_scalars(loss_generator=adversarial)
        return now(self.gamma) * reconstruction + adversarial

    def feature_error(self, real: Tensor, code: Tensor, condition: Tensor) -> Tensor:
        """How far images are, in the discriminator's features, from what the generator makes of their codes."""
        with torch.no_grad():
            wanted = self.discriminator(self.generator.counterparts(real), condition).features
        return self.reconstruction(self.discriminator(self.generator(code, condition), condition).features, wanted)

    def discriminate(self, condition: Tensor, image: Tensor) -> Verdict:
        """The discriminator's verdict on images under these conditions, which it sees augmented."""
        verdict: Verdict = self.discriminator(self.augment(image), condition)
        return verdict

    def noise(self, n: int) -> Tensor:
        """Noise (n, latent_dim) from the prior, for training."""
        return torch.randn(n, self.latent_dim, device=self.device)

    @property
    def averaged(self) -> Generator:
        generator: Any = self.ema.eval().module
        return generator

    @property
    def averaged_encoder(self) -> Encoder:
        encoder: Any = self.encoder_ema.eval().module
        return encoder
