"""StarGAN: one generator for many domains (Choi et al. 2017, arXiv:1711.09020)."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.augment import Augment
from gan_lightning.batch import ANY, Attributed, Route, Verdict
from gan_lightning.compatibility import compare
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.losses import (
    AdversarialLoss,
    Classification,
    Constraint,
    Penalty,
    Reconstruction,
    Regulariser,
)
from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.contracts import Translating
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.networks import Discriminator, Translator
from gan_lightning.networks.dry_run import BATCH, check_images, check_label_matters, check_verdict, dry_run_mode
from gan_lightning.networks.layers.label_planes import with_label
from gan_lightning.ranges import Count, Few


@final
class StarGAN(AdversarialModule, Translating):
    """One generator gets a picture x and the label c' that it should have, and makes G(x, c'). The discriminator tells
    real pictures from made ones, and which label a picture has (figure 3).

    ```
    x (B, C, H, W), c' (B, L) -> planes (B, C + L, H, W) -> generator -> G(x, c')
    picture -> discriminator -> map of logits: real or made
                             -> features -> classification: label (B, L)
    G(G(x, c'), c) should be x again, where c is the label that x had
    ```

    The labels that training asks for are those of the same batch in another order, so that every picture is asked for
    something that occurs, and now and then for what it has.

    A route leads from `any` picture to a domain. If domains say only a part of the label, as a hair colour that leaves
    the glasses as they are, the rest is what the discriminator tells of the picture that is translated.

    Args:
        translator: builds the generator from the channels it takes, those of the pictures and of the label, and of the
            pictures that it makes.
        discriminator: builds the discriminator from the channels of the pictures.
        classification: builds the task to tell labels, from the number of the discriminator's features and `sizes`.
        channels: of the pictures.
        size: (height, width) of the training pictures.
        sizes: how many numbers of the label each attribute has.
        domains: by name, what the label of a picture in it has at each place: 0, 1, or None for either.
        loss: the adversarial objective.
        cycle: distance between a picture and its translation there and back.
        optimisation: one optimizer for each side, schedule, average, budgets.
        penalties: by name, terms of the discriminator's loss. Gradient penalties limit the slope of the sum of a map
            of logits, as in the authors' code, and not of its mean.
        augment: by name, what every image goes through before the discriminator sees it, in this order.
        generator_regularisers, discriminator_regularisers: by name, terms on the parameters of a side.
        constraints: by name, applied to the discriminator after each of its steps.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.

    Raises:
        SettingError: parts that contradict each other (`compatibility.compare`).
    """

    takes = Attributed
    capturable = True
    generator: Translator
    discriminator: Discriminator
    penalties: Any  # ModuleDict of Penalty
    augment: Any  # a Sequential of Augment

    def __init__(
        self,
        translator: Callable[[int, int], Translator],
        discriminator: Callable[[int], Discriminator],
        classification: Callable[..., Classification],
        channels: Few,
        size: Sequence[int],
        sizes: Sequence[Few],
        domains: Mapping[str, Sequence[int | None]],
        loss: AdversarialLoss,
        cycle: Reconstruction,
        optimisation: Optimisation,
        penalties: Mapping[str, Penalty],
        augment: Mapping[str, Augment],
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        critic_steps: Count = 5,
    ) -> None:
        networks = translator(channels + sum(sizes), channels), discriminator(channels)
        check_contract("network.translator", networks[0], Translator)
        check_contract("network.discriminator", networks[1], Discriminator)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("augment", augment, Augment)
        check_contract("model.cycle", cycle, Reconstruction)
        task = classification(features=networks[1].feature_dim, sizes=sizes)
        check_contract("model.classification", task, Classification)
        regularisers = (generator_regularisers, discriminator_regularisers)
        tasks = {"classification": task}
        super().__init__(*networks, loss, optimisation, *regularisers, constraints, tasks, critic_steps)
        self.penalties = nn.ModuleDict(penalties)
        self.augment = nn.Sequential(OrderedDict(augment))
        compare(self.parts())
        self.cycle = cycle
        self.size = size[0], size[1]
        self.routes = [Route(ANY, name) for name in domains]
        self.channels = dict.fromkeys([ANY, *domains], channels)
        self.multiple, self.minimum = self.generator.multiple, self.generator.minimum
        self.domains = dict(domains)

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        name, label = type(self.generator).__name__, torch.eye(BATCH, spec["planes"])
        with dry_run_mode(self):
            image = torch.rand(BATCH, spec["channels"], *self.size) * 2 - 1
            shape = tuple(image.shape)
            output = check_images("network.translator", lambda: self.translated(image, label), name, shape)
            check_verdict("network.discriminator", self.discriminator, output, label)
            check_label_matters("network.translator", self.generator, image, label)

    def step(self, batches: list[Attributed]) -> None:
        asked = [(*b, b.label[torch.randperm(len(b.label), device=b.label.device)]) for b in batches]
        self.update("discriminator", (self.discriminator_loss(*a) for a in asked))
        if self.due("discriminator", self.critic_steps):
            self.update("generator", (self.generator_loss(*a) for a in asked))

    def discriminator_loss(self, image: Tensor, label: Tensor, wanted: Tensor) -> Tensor:
        """Tell pictures from translations, and the labels of pictures (eq. 5)."""
        with torch.no_grad():
            fake = self.translated(image, wanted)
        loss, on_real, on_fake = self.discriminator_objective(
            self.discriminate, image, fake, self.penalties, as_score=attrgetter("total")
        )
        self.inform_augments(self.augment, on_real)
        error = self.classification.discriminator_loss(on_real.features, on_fake.features, label)
        self.log_scalars(loss_classification_discriminator=error)
        return loss + error

    def generator_loss(self, image: Tensor, label: Tensor, wanted: Tensor) -> Tensor:
        """Make translations that the frozen discriminator takes for real and for what was wanted, and that are the
        picture again when they are translated back (eq. 6)."""
        fake = self.translated(image, wanted)
        on_fake = self.discriminate(fake)
        on_real: Verdict | None = None
        if self.loss.needs_real:
            with torch.no_grad():
                on_real = self.discriminate(image)
        adversarial = self.loss.generator(on_fake.logits, on_real and on_real.logits)
        error = self.classification.generator_loss(None, on_fake.features, wanted)
        cycle = self.cycle(self.translated(fake, label), image)
        self.log_scalars(loss_generator=adversarial, loss_classification_generator=error, loss_cycle=cycle)
        return adversarial + error + cycle

    def translated(self, image: Tensor, label: Tensor) -> Tensor:
        """Pictures (B, C, H, W) as the generator makes them under labels (B, L)."""
        return self.generator(with_label(image, label))

    def discriminate(self, image: Tensor) -> Verdict:
        """The discriminator's verdict on images, which it sees augmented."""
        return self.discriminator(self.augment(image), image.new_zeros(len(image), dtype=torch.long))

    @property
    def classification(self) -> Classification:
        """The discriminator's task to tell labels."""
        task = self.auxiliaries["classification"]
        assert isinstance(task, Classification)
        return task

    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        """Without noise, so numbers and seed change nothing."""
        wanted = self.domains[route.target]
        label = source.new_tensor([0 if value is None else value for value in wanted]).repeat(len(source), 1)
        if None in wanted:
            stays = torch.tensor([value is None for value in wanted], device=source.device)
            label = torch.where(stays, self.label_of(source), label)
        translated: Tensor = self.averaged(with_label(source, label))
        return translated

    @property
    def averaged(self) -> Any:
        """The `Translator`, which takes pictures with the planes of a label (`with_label`)."""
        return self.ema.eval().module

    def label_of(self, image: Tensor) -> Tensor:
        """The labels (B, L) that the discriminator tells of pictures (B, C, H, W) of any size."""
        if image.shape[2:] != self.size:
            image = F.interpolate(image, self.size, mode="bilinear", antialias=True)
        unlabelled, training = image.new_zeros(len(image), dtype=torch.long), self.discriminator.training
        features = self.discriminator.eval()(image, unlabelled).features
        self.discriminator.train(training)
        return self.classification.predicted(features)
