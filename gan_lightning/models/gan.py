"""The noise-to-image step, label-conditional: DCGAN, LSGAN, WGAN, WGAN-GP, cGAN, AC-GAN are recipes of it.

Before this file: `training.py`, which builds the step. After it: `adversarial.py`, what steps with a discriminator
share.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.augment import Augment
from gan_lightning.batch import Labelled, Verdict
from gan_lightning.compatibility import compare, compare_with_data
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.errors import SettingError
from gan_lightning.losses import (
    AdversarialLoss,
    Auxiliary,
    ConditionalCritic,
    Constraint,
    GeneratorPenalty,
    Pairs,
    Penalty,
    Regulariser,
)
from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.contracts import FromNoise
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.models.prior import NORMAL, Prior
from gan_lightning.networks import Discriminator, Generator, ReadingDiscriminator, SentenceEncoder
from gan_lightning.networks.dry_run import BATCH, check_images, check_verdict, dry_run_mode
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Classes, Count, within


@final
class GAN(AdversarialModule, FromNoise):
    """A generator of images from noise and condition, against one discriminator (arXiv:1406.2661, algorithm 1).

    Args:
        generator, discriminator: the two networks. Unconditional ones ignore conditions.
        loss: the adversarial objective.
        optimisation: optimizers, schedule, average and budgets.
        penalties: by name, terms of the discriminator's loss that see images and the critic.
        augment: by name, what every image goes through before the discriminator sees it, in this order.
        generator_regularisers, discriminator_regularisers: by name, terms on a network's parameters.
        constraints: by name, applied to the discriminator after each of its steps.
        auxiliaries: by name, further tasks, each built from the number of the discriminator's features.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.
        generator_batch: the generator's batch as a multiple of the discriminator's (WGAN-GP: 2).
        adversarial_weight: factor of the generator's adversarial loss; 0 leaves it to the auxiliaries.
        prior: what the generator's noise is drawn from.
        generator_penalties: by name, terms of the generator's loss that see its images and the generator.
        text_encoder: makes the conditions that both networks get of captions, and learns with the discriminator; None
            where conditions are no captions.
        pairs: by name, pairs of image and condition beyond those of the batch.
        draw_labels: give generated images classes (or attributes) that are drawn uniformly at random, as the authors of
            SNGAN and of projection cGANs do, instead of those of the batch's real images.

    Raises:
        SettingError: a number out of its range; parts that contradict each other (`compatibility.compare`).
    """

    capturable = True
    generator: Generator
    discriminator: Discriminator
    auxiliaries: Any  # ModuleDict of Auxiliary
    penalties: Any  # ModuleDict of Penalty
    generator_penalties: Any  # ModuleDict of GeneratorPenalty

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        loss: AdversarialLoss,
        optimisation: Optimisation,
        penalties: Mapping[str, Penalty],
        augment: Mapping[str, Augment],
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        auxiliaries: Mapping[str, Callable[[int], Auxiliary]],
        num_classes: Classes | Sequence[Classes],
        critic_steps: Count = 1,
        generator_batch: Count = 1,
        adversarial_weight: AtLeastZero | Ramp = 1.0,
        draw_labels: bool = False,
        prior: Prior = NORMAL,
        generator_penalties: Mapping[str, GeneratorPenalty] = MappingProxyType({}),
        text_encoder: SentenceEncoder | None = None,
        pairs: Mapping[str, Pairs] = MappingProxyType({}),
    ) -> None:
        check_contract("network.generator", generator, Generator)
        check_contract("network.discriminator", discriminator, Discriminator)
        check_contract("model.prior", prior, Prior)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("generator_penalty", generator_penalties, GeneratorPenalty)
        check_contracts("augment", augment, Augment)
        check_contracts("pairs", pairs, Pairs)
        if text_encoder is not None:
            check_contract("text_encoder", text_encoder, SentenceEncoder)
            if draw_labels:
                raise SettingError(
                    "model.draw_labels=true: draws classes, and the conditions are captions; leave it out"
                )
        tasks = _tasks(auxiliaries, discriminator.feature_dim)
        check_contracts("auxiliary", tasks, Auxiliary)
        regularisers = (generator_regularisers, discriminator_regularisers)
        networks, beside = (generator, discriminator), () if text_encoder is None else (text_encoder,)
        super().__init__(*networks, loss, optimisation, *regularisers, constraints, tasks, critic_steps, beside)
        self.text_encoder = text_encoder
        self.text_average = None if text_encoder is None else optimisation.average(text_encoder)
        self.pairs = dict(pairs)
        within("model.generator_batch", Count, generator_batch)
        self.adversarial_weight = setting("model.adversarial_weight", AtLeastZero, adversarial_weight)
        self.uses_logits, self.gives_vectors = self.adversarial_weight != 0, text_encoder is not None
        self.needs_real = loss.needs_real or any(task.needs_real for task in tasks.values())
        self.penalties = nn.ModuleDict(penalties)
        self.generator_penalties = nn.ModuleDict(generator_penalties)
        self.augment = nn.Sequential(OrderedDict(augment))
        self.generator_batch = generator_batch
        self.num_classes = num_classes
        self.latent_dim = generator.latent_dim
        self.draw_labels = draw_labels
        self.prior = prior
        for name, task in tasks.items():
            if task.codes and [*task.codes] != [*prior.codes]:
                raise SettingError(
                    f"auxiliary.{name}.codes={[*task.codes]}: the codes in the noise are model.prior.codes="
                    f"{[*prior.codes]}; both must be the same, as in model=infogan"
                )
        compare(self.parts())

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        shape = (BATCH, spec["channels"], spec["height"], spec["width"])
        with dry_run_mode(self):
            z, asked = self.prior(torch.randn(BATCH, self.latent_dim)), self.conditions(torch.arange(BATCH))
            condition = self.described(asked)
            name = type(self.generator).__name__

            def make() -> Tensor:
                return self.generator.synthesise(self.generator.map(z, condition), condition)

            image = check_images("network.generator", make, name, shape, self.generator.bounded)
            check_verdict("network.discriminator", self.discriminator, image, condition)
            for penalty in self.generator_penalties.values():
                penalty.check(self.generator, condition)
            height, width = self.generator.counterparts(image).shape[2:]  # of the first images in training
            compare_with_data(self.parts(), {**spec, "height": height, "width": width})

    def step(self, batches: list[Labelled]) -> None:
        self.update("discriminator", (self.discriminator_loss(*b) for b in batches))
        if self.due("discriminator", self.critic_steps):
            self.update("generator", (self.generator_loss(*b) for b in batches))
            self.average_text_encoder()

    def discriminator_loss(self, real: Tensor, condition: Tensor) -> Tensor:
        """Tell this batch's images from fakes."""
        c = self.described(condition)
        of_fakes = self.condition_of_fakes(c)
        real = self.generator.counterparts(real)
        z = self.noise(len(real))
        with torch.no_grad():
            fake = self.generator(z, of_fakes)
        discriminate, discriminate_fake = partial(self.discriminate, c), partial(self.discriminate, of_fakes)
        loss, on_real, on_fake = self.discriminator_objective(
            *(discriminate, real, fake, self.penalties),
            discriminate_fake=discriminate_fake,
            wrong=self.on_wrong(real, c),
            critic=ConditionalCritic(lambda image, other: self.discriminate(other, image).score, c),
        )
        self.inform_augments(self.augment, on_real)
        for name, task in self.auxiliaries.items():
            term = task.discriminator_loss(on_real.features, on_fake.features, condition, z)
            loss = loss + term
            self.log_scalars(**{f"auxiliary_{name}_discriminator": term})
        return loss

    def generator_loss(self, real: Tensor, condition: Tensor) -> Tensor:
        """Make the frozen discriminator take fresh fakes for real."""
        condition = torch.cat([condition] * self.generator_batch)
        c = self.described(condition)
        of_fakes = self.with_further(self.condition_of_fakes(c))
        z = torch.cat([self.noise(len(c)) for _ in range(len(of_fakes) // len(c))])
        fake = self.generator(z, of_fakes)
        on_fake = self.discriminate(of_fakes, fake)
        on_real: Verdict | None = None
        if self.needs_real:
            with torch.no_grad():
                shown = self.generator.counterparts(real).repeat(len(of_fakes) // len(real), 1, 1, 1)
                on_real = self.discriminate(torch.cat([c] * (len(of_fakes) // len(c))), shown)
        adversarial = self.loss.generator(on_fake.logits, on_real and on_real.logits)
        loss = now(self.adversarial_weight) * adversarial
        for name, task in self.auxiliaries.items():
            of_real = on_real and on_real.features[: len(c)]
            term = task.generator_loss(of_real, on_fake.features[: len(c)], condition, z[: len(c)])
            loss = loss + term
            self.log_scalars(**{f"auxiliary_{name}_generator": term})
        for name, penalty in self.generator_penalties.items():
            if self.due("generator", penalty.every):
                term = penalty(self.generator, z, of_fakes, fake)
                loss = loss + penalty.every * term
                self.log_scalars(**{f"generator_penalty_{name}": term})
        self.log_scalars(loss_generator=adversarial)
        return loss

    def condition_of_fakes(self, condition: Tensor) -> Tensor:
        """Conditions for generated images beside real ones that have `condition`, (B,) or (B, A)."""
        if not self.draw_labels:
            return condition
        if isinstance(self.num_classes, int):
            return torch.randint_like(condition, max(1, self.num_classes))
        return torch.stack([torch.randint_like(condition[:, 0], size) for size in self.num_classes], 1)

    def on_wrong(self, real: Tensor, c: Tensor) -> list[Verdict]:
        """The discriminator's verdicts on images under conditions that they do not fulfil."""
        found = [pair for pairs in self.pairs.values() if (pair := pairs.wrong(real, c)) is not None]
        return [self.discriminate(unmet, image) for image, unmet in found]

    def with_further(self, c: Tensor) -> Tensor:
        """Conditions of the batch, and behind them those from which the generator learns too."""
        return torch.cat([c, *(more for pairs in self.pairs.values() if (more := pairs.wanted(c)) is not None)])

    def average_text_encoder(self) -> None:
        """Let the encoder of samples follow the one that learns, if there is one."""
        if self.text_encoder is not None and self.text_average is not None:
            self.text_average.update_parameters(self.text_encoder)

    def described(self, condition: Tensor) -> Tensor:
        """Conditions as the data deliver them (B, ...), as both networks get them: captions become vectors."""
        return condition if self.text_encoder is None else self.text_encoder(condition)

    def discriminate(self, condition: Tensor, image: Tensor) -> Verdict:
        """The discriminator's verdict on images under these conditions, which it sees augmented."""
        return self.discriminator(self.augment(image), condition)

    def noise(self, n: int) -> Tensor:
        """Noise (n, latent_dim) from the prior, for training."""
        return self.prior(torch.randn(n, self.latent_dim, device=self.device))

    @property
    def critic(self) -> Discriminator:
        if self.text_encoder is None:
            return self.discriminator
        return ReadingDiscriminator(self.text_encoder, self.discriminator)

    @property
    def examples(self) -> Tensor | None:
        return None if self.text_encoder is None else self.text_encoder.examples.cpu()

    @property
    def averaged(self) -> Generator:
        """The generator whose weights are averages, in evaluation mode: what samples come from."""
        generator: Any = self.ema.eval().module
        return generator

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return self.averaged.map(z, self.averaged_description(condition))

    def mean_w(self) -> Tensor | None:
        return self.averaged.mean_w()

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        c = self.averaged_description(condition)
        return self.averaged.synthesise(w, c).clamp(-1, 1)  # not every generator is bounded

    def averaged_description(self, condition: Tensor) -> Tensor:
        """As `described`, by the average of the text encoder."""
        return condition if self.text_average is None else self.text_average.eval()(condition)


def _tasks(auxiliaries: Mapping[str, Callable[[int], Auxiliary]], features: int) -> dict[str, Auxiliary]:
    """The auxiliary tasks, each built for so many features of the discriminator."""
    tasks = {}
    for name, build in auxiliaries.items():
        try:
            tasks[name] = build(features)
        except TypeError as error:
            raise SettingError(
                f"auxiliary.{name}: is built from the number of features, its first argument, and so its option holds "
                f"_partial_: true; {error}"
            ) from error
    return tasks
