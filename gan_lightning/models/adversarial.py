"""What steps with discriminators share: the two players, their objectives, and augmentations.

Before this file: `gan.py`, one of these steps. After it: `stepping.py`, how players step.
"""

from abc import ABC
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

import torch
from torch import Tensor, nn

from gan_lightning import compatibility
from gan_lightning.augment import Augment
from gan_lightning.batch import Verdict
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.losses import AdversarialLoss, Constraint, Critic, Penalty, Regulariser
from gan_lightning.models.average import Average
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.models.players import Player
from gan_lightning.models.stepping import SteppingModule
from gan_lightning.networks import Discriminator
from gan_lightning.ranges import Count, within


class AdversarialModule(SteppingModule, ABC):
    """A generator and a discriminator that take optimizer steps in turn.

    Subclasses say in `step` which of the two players updates on which loss. Either may hold several networks
    (CycleGAN: two each in a `ModuleDict`).

    Args:
        generator, discriminator: the networks of each player.
        loss: the adversarial objective.
        optimisation: optimizers, schedule, average and budgets.
        generator_regularisers, discriminator_regularisers: by name, terms on a player's parameters.
        constraints: by name, applied to the discriminator after each of its steps.
        auxiliaries: by name, tasks with parameters of their own, trained with the discriminator.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.
        beside: further modules that learn with the discriminator.

    A subclass declares what `compatibility` compares with its parts: `sees_pairs` says that a discriminator sees a
    picture together with its source, `draw_labels` that generated images have other classes than the real ones, and
    `uses_logits` that the generator's loss has the adversarial term, and `gives_vectors` that conditions are vectors.
    """

    sees_pairs: bool = False
    draw_labels: bool = False
    uses_logits: bool = True
    gives_vectors: bool = False

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        loss: AdversarialLoss,
        optimisation: Optimisation,
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        auxiliaries: Mapping[str, nn.Module],
        critic_steps: int,
        beside: Sequence[nn.Module] = (),
    ) -> None:
        super().__init__(optimisation)
        check_contract("loss", loss, AdversarialLoss)
        check_contracts("generator_regulariser", generator_regularisers, Regulariser)
        check_contracts("discriminator_regulariser", discriminator_regularisers, Regulariser)
        check_contracts("constraint", constraints, Constraint)
        within("model.critic_steps", Count, critic_steps)
        self.generator = generator
        self.discriminator = discriminator
        self.loss = loss
        self.auxiliaries = nn.ModuleDict(auxiliaries)
        self.critic_steps = critic_steps
        self.ema = optimisation.average(generator)
        pair, regularisers = (generator, discriminator), (generator_regularisers, discriminator_regularisers)
        self.add_pair("", *pair, self.ema, optimisation, *regularisers, constraints, self.auxiliaries, *beside)

    def add_pair(
        self,
        suffix: str,
        generator: nn.Module,
        discriminator: nn.Module,
        average: Average,
        optimisation: Optimisation,
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        *beside: nn.Module,
    ) -> None:
        """Let two players learn, `generator` and `discriminator` with a suffix.

        Args:
            suffix: empty for the first pair.
            average: of the generator.
            beside: modules that learn with the discriminator.
        """
        self.add_player(
            f"generator{suffix}",
            Player(
                generator,
                optimisation.generator,
                "model.optimisation.generator",
                regularisers=nn.ModuleDict(generator_regularisers),
                average=average,
            ),
        )
        self.add_player(
            f"discriminator{suffix}",
            Player(
                discriminator,
                optimisation.discriminator,
                "model.optimisation.discriminator",
                beside=beside,
                regularisers=nn.ModuleDict(discriminator_regularisers),
                constraints=constraints,
            ),
        )

    @property
    def generator_step(self) -> int:
        """Updates of the generator."""
        return self.players["generator"].steps

    @property
    def discriminator_step(self) -> int:
        """Updates of the discriminator."""
        return self.players["discriminator"].steps

    @property
    def windows_per_round(self) -> int:
        return self.critic_steps

    def on_fit_start(self) -> None:
        super().on_fit_start()
        compatibility.compare(self.parts())
        compatibility.warn(self.parts())

    def discriminator_objective(
        self,
        discriminate: Callable[[Tensor], Verdict],
        real: Tensor,
        fake: Tensor,
        penalties: Mapping[str, Penalty],
        suffix: str = "",
        discriminate_fake: Callable[[Tensor], Verdict] | None = None,
        as_score: Callable[[Verdict], Tensor] = attrgetter("score"),
        player: str = "discriminator",
        wrong: Sequence[Verdict] = (),
        critic: Critic | None = None,
    ) -> tuple[Tensor, Verdict, Verdict]:
        """The discriminator's loss: its objective on real and fake images, and the penalties that are due.

        Args:
            discriminate: the discriminator as a function of images alone. It gets real and fake images in two batches.
            real, fake: (B, C, H, W), the fakes without gradient.
            penalties: by name, this discriminator's own.
            suffix: of the names in the logs, if there are several discriminators.
            discriminate_fake: the same for the fakes, if they have other labels than the real images. Penalties use
                only `discriminate`.
            as_score: the one number for each image (B,) whose gradient penalties limit. By default a map of logits
                counts with its mean.
            player: whose updates say which penalties are due.
            wrong: verdicts on further images that should be taken for generated ones. They and the fakes together count
                as much as the real images.
            critic: what penalties see; by default `as_score` of what `discriminate` says.

        Returns:
            the loss, and the verdicts on real and on fake images.
        """
        on_real, on_fake = discriminate(real), (discriminate_fake or discriminate)(fake)
        accepted, rejected = on_real.logits, on_fake.logits
        if wrong:
            rejected = torch.cat([rejected, *(verdict.logits for verdict in wrong)])
            # As many real logits, because some losses compare the two sides one by one; the mean stays the same.
            accepted = torch.cat([accepted] * (1 + len(wrong)))
        adversarial = loss = self.loss.discriminator(accepted, rejected)
        for name, penalty in penalties.items():
            if self.due(player, penalty.every):
                seen = critic or (lambda image: as_score(discriminate(image)))
                term = penalty(seen, real, fake, on_real.logits, on_fake.logits)
                loss = loss + penalty.every * term
                self.log_scalars(**{f"penalty_{name}{suffix}": term})
        logits = {f"logit_real{suffix}": on_real.score.mean(), f"logit_fake{suffix}": on_fake.score.mean()}
        state = {f"{name}{suffix}": value for name, value in self.loss.scalars().items()}
        self.log_scalars(**{f"loss_discriminator{suffix}": adversarial}, **logits, **state)
        return loss, on_real, on_fake

    def generator_objective(self, discriminate: Callable[[Tensor], Verdict], fake: Tensor, real: Tensor) -> Tensor:
        """The generator's adversarial loss on `fake`; D sees `real` only for objectives that compare the two."""
        on_real: Verdict | None = None
        if self.loss.needs_real:
            with torch.no_grad():
                on_real = discriminate(real)
        return self.loss.generator(discriminate(fake).logits, on_real and on_real.logits)

    def parts(self) -> compatibility.Parts:
        """Everything that must fit together. It is compared before training; a step may do so when it is built."""
        inside = [(path.rpartition(".")[2], module) for path, module in self.named_modules()]
        discriminating = [player for name, player in self.players.items() if name.startswith("discriminator")]
        discriminators = nn.ModuleList(player.network for player in discriminating)
        critics = [module for module in discriminators.modules() if isinstance(module, Discriminator)]
        return compatibility.Parts(
            self.loss,
            discriminators,
            {name: module for name, module in inside if isinstance(module, Penalty)},
            self.players["discriminator"].constraints,
            {name: module for name, module in inside if isinstance(module, Augment)},
            dict(self.auxiliaries),
            gives_energy=all(critic.gives_energy for critic in critics),
            sees_pairs=self.sees_pairs,
            draw_labels=self.draw_labels,
            uses_logits=self.uses_logits,
            gives_vectors=self.gives_vectors,
        )

    def inform_augments(self, augment: nn.Sequential, on_real: Verdict, suffix: str = "") -> None:
        """Give a discriminator's augmentations its logits of real images, and log the scalars that they return."""
        logits = on_real.logits - (self.loss.decision_threshold or 0.0)
        for name, part in augment.named_children():
            assert isinstance(part, Augment)
            self.log_scalars(**{f"augment_{name}_{key}{suffix}": value for key, value in part.observe(logits).items()})
