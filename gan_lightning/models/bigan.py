"""A generator with an encoder that is learnt by the game: BiGAN (Donahue et al. 2016, arXiv:1605.09782) and ALI
(Dumoulin et al. 2016, arXiv:1606.00704)."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.augment import Augment
from gan_lightning.batch import Labelled, Verdict
from gan_lightning.compatibility import compare
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.losses import AdversarialLoss, Constraint, Penalty, Regulariser
from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.contracts import Encoding
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.models.posteriors import Posterior
from gan_lightning.models.prior import Prior
from gan_lightning.networks import Discriminator, Encoder, Generator
from gan_lightning.networks.dry_run import BATCH, check_codes, check_images, check_verdict, dry_run_mode
from gan_lightning.networks.joint import JointDiscriminator
from gan_lightning.ranges import Classes, Count


@final
class BiGAN(AdversarialModule, Encoding):
    """The discriminator tells pairs (x, E(x)) of real images and their codes from pairs (G(z), z); generator and
    encoder, one player, make it fail (BiGAN, eq. 2 and figure 1; ALI, eq. 1 and figure 1).

    Where it fails at its best, both pairs have one distribution, and so E inverts G. G(E(x)) is compared with x nowhere
    in training, and may look different: `reconstruction_error` in the logs says by how much.

    Penalties see D as a function of the image, together with the codes of the real images.

    Args:
        generator: z to images.
        encoder: builds the encoder from the number of its outputs.
        discriminator: of images.
        joint: builds the discriminator of pairs from that of images and the length of z.
        posterior: what the encoder's numbers say of z: `Point` (BiGAN) or `DiagonalGaussian` (ALI).
        loss: the adversarial objective. Pairs with encoded images take the place of real ones.
        optimisation: optimizers, schedule, average and budgets; `generator` also trains the encoder.
        penalties: by name, terms of the discriminator's loss that see images and the critic.
        augment: by name, what every image goes through before the discriminator sees it, in this order.
        generator_regularisers, discriminator_regularisers: by name, terms on a player's parameters.
        constraints: by name, applied to the discriminator after each of its steps.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        prior: what z is drawn from.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.

    Raises:
        SettingError: parts that contradict each other (`compatibility.compare`).
    """

    capturable = True
    generator: Any  # ModuleDict of Generator and Encoder
    discriminator: JointDiscriminator
    penalties: Any  # ModuleDict of Penalty

    def __init__(
        self,
        generator: Generator,
        encoder: Callable[[int], Encoder],
        discriminator: Discriminator,
        joint: Callable[[Discriminator, int], JointDiscriminator],
        posterior: Posterior,
        loss: AdversarialLoss,
        optimisation: Optimisation,
        penalties: Mapping[str, Penalty],
        augment: Mapping[str, Augment],
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        num_classes: Classes | Sequence[Classes],
        prior: Prior,
        critic_steps: Count = 1,
    ) -> None:
        check_contract("network.generator", generator, Generator)
        check_contract("network.discriminator", discriminator, Discriminator)
        check_contract("model.posterior", posterior, Posterior)
        check_contract("model.prior", prior, Prior)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("augment", augment, Augment)
        encoder_network = encoder(posterior.numbers * generator.latent_dim)
        check_contract("encoder", encoder_network, Encoder)
        super().__init__(
            nn.ModuleDict({"generator": generator, "encoder": encoder_network}),
            joint(discriminator, generator.latent_dim),
            *(loss, optimisation, generator_regularisers, discriminator_regularisers, constraints, {}, critic_steps),
        )
        self.penalties = nn.ModuleDict(penalties)
        self.augment = nn.Sequential(OrderedDict(augment))
        self.posterior, self.prior, self.num_classes = posterior, prior, num_classes
        self.latent_dim = generator.latent_dim
        compare(self.parts())

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        shape = (BATCH, spec["channels"], spec["height"], spec["width"])
        network, encoder = self.generator["generator"], self.generator["encoder"]
        with dry_run_mode(self):
            z, condition = self.prior(torch.randn(BATCH, self.latent_dim)), self.conditions(torch.arange(BATCH))
            image = check_images(
                "network.generator",
                lambda: network.synthesise(network.map(z, condition), condition),
                *(type(network).__name__, shape, network.bounded),
            )
            check_codes("encoder", encoder, image, condition, self.posterior.numbers * self.latent_dim)
            check_verdict("network.discriminator", self.discriminator.of, image, condition)

    def step(self, batches: list[Labelled]) -> None:
        self.update("discriminator", (self.discriminator_loss(*b) for b in batches))
        if self.due("discriminator", self.critic_steps):
            self.update("generator", (self.generator_loss(*b) for b in batches))

    def discriminator_loss(self, real: Tensor, condition: Tensor) -> Tensor:
        """Tell encoded from generated pairs."""
        with torch.no_grad():
            code, z = self.code(real, condition), self.noise(len(real))
            fake = self.generator["generator"](z, condition)
        loss, on_real, _ = self.discriminator_objective(
            lambda image: self.discriminate(image, code, condition),
            self.generator["generator"].counterparts(real),
            fake,
            self.penalties,
            discriminate_fake=lambda image: self.discriminate(image, z, condition),
        )
        self.inform_augments(self.augment, on_real)
        return loss

    def generator_loss(self, real: Tensor, condition: Tensor) -> Tensor:
        """Make the frozen discriminator take fresh generated pairs for encoded ones, and the other way round.

        The encoder's loss is the generator's with both sides exchanged: logits are mirrored at the decision threshold,
        so that both have the same gradient where D is sure (ALI, section 2.2).
        """
        code, z = self.code(real, condition), self.noise(len(real))
        fake = self.generator["generator"](z, condition)
        on_real = self.discriminate(self.generator["generator"].counterparts(real), code, condition).logits
        on_fake = self.discriminate(fake, z, condition).logits
        middle = 2 * (self.loss.decision_threshold or 0.0)
        of_generator = self.loss.generator(on_fake, on_real.detach())
        of_encoder = self.loss.generator(middle - on_real, middle - on_fake.detach())
        self.log_scalars(loss_generator=of_generator, loss_encoder=of_encoder)
        return of_generator + of_encoder

    def code(self, image: Tensor, condition: Tensor) -> Tensor:
        """z (B, latent_dim) of images, drawn from the posterior."""
        return self.posterior.draw(self.generator["encoder"](image, condition))

    def discriminate(self, image: Tensor, z: Tensor, condition: Tensor) -> Verdict:
        """The discriminator's verdict on images, which it sees augmented, with these latents."""
        verdict: Verdict = self.discriminator(self.augment(image), z, condition)
        return verdict

    def noise(self, n: int) -> Tensor:
        """Noise (n, latent_dim) from the prior, for training."""
        return self.prior(torch.randn(n, self.latent_dim, device=self.device))

    @property
    def averaged(self) -> Generator:
        both: Any = self.ema.eval().module
        return both["generator"]

    @property
    def averaged_encoder(self) -> Encoder:
        both: Any = self.ema.eval().module
        return both["encoder"]
