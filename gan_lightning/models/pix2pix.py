"""Pix2Pix: translation learnt from pairs (Isola et al. 2016, arXiv:1611.07004)."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lightning.augment import Augment
from gan_lightning.batch import Paired, Route, Verdict
from gan_lightning.compatibility import compare
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.losses import (
    AdversarialLoss,
    Constraint,
    Penalty,
    Reconstruction,
    Regulariser,
)
from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.contracts import Translating
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.networks import Discriminator, Translator
from gan_lightning.networks.dry_run import BATCH, check_images, check_verdict, dry_run_mode
from gan_lightning.ranges import Count, Few, Positive, within


@final
class Pix2Pix(AdversarialModule, Translating):
    """One generator from source to target, and a discriminator of (source, target) pairs (section 3.1).

    Its only noise is dropout, so the authors keep dropout on when they test (section 3.2). They also normalise each
    test picture by its own statistics, since they train and test with batches of one.

    Args:
        translator: builds the generator from the channels it takes and makes.
        discriminator: builds the discriminator from the channels of source and target together.
        source_channels, target_channels: of the data, in the direction that is learnt.
        direction: "a2b" or "b2a", which way that is.
        loss: the adversarial objective.
        reconstruction: distance of output and target, added to the generator's loss.
        optimisation: optimizers, schedule, average and budgets. With `accumulate`, the generator's graphs of
            all its batches are kept until both sides have used them.
        penalties: by name, terms of the discriminator's loss; they move the target of a pair, not its source.
        augment: must be empty; no augmentation changes source and target alike yet.
        generator_regularisers, discriminator_regularisers: by name, terms on a network's parameters.
        constraints: by name, applied to the discriminator after each of its steps.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.
        discriminator_weight: factor of the discriminator's whole loss (the paper's 1/2, section 3.3).
        sampling_noise: whether dropout stays on when pictures are translated for people and scores.
        instance_statistics: whether batch norm then uses each picture's own statistics, as the authors do,
            instead of those gathered in training. Right only after training with batches of one.

    Raises:
        SettingError: a setting out of its range; parts that contradict each other (`compatibility.compare`), such as
            an augmentation, or a penalty that moves pictures.
    """

    takes = Paired
    sees_pairs = True
    capturable = True
    generator: Translator
    discriminator: Discriminator
    penalties: Any  # ModuleDict of Penalty

    def __init__(
        self,
        translator: Callable[[int, int], Translator],
        discriminator: Callable[[int], Discriminator],
        source_channels: Few,
        target_channels: Few,
        direction: Literal["a2b", "b2a"],
        loss: AdversarialLoss,
        reconstruction: Reconstruction,
        optimisation: Optimisation,
        penalties: Mapping[str, Penalty],
        augment: Mapping[str, Augment],
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        critic_steps: Count = 1,
        discriminator_weight: Positive = 0.5,
        sampling_noise: bool = True,
        instance_statistics: bool = False,
    ) -> None:
        networks = translator(source_channels, target_channels), discriminator(source_channels + target_channels)
        check_contract("network.translator", networks[0], Translator)
        check_contract("network.discriminator", networks[1], Discriminator)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("augment", augment, Augment)
        check_contract("model.reconstruction", reconstruction, Reconstruction)
        regularisers = (generator_regularisers, discriminator_regularisers)
        super().__init__(*networks, loss, optimisation, *regularisers, constraints, {}, critic_steps)
        self.penalties = nn.ModuleDict(penalties)
        self.augment = nn.Sequential(OrderedDict(augment))
        compare(self.parts())
        self.routes = [Route.named(direction)]
        self.channels = dict(zip(self.routes[0], (source_channels, target_channels), strict=True))
        self.multiple, self.minimum = self.generator.multiple, self.generator.minimum
        self.reconstruction = reconstruction
        self.discriminator_weight = within("model.discriminator_weight", Positive, discriminator_weight)
        self.sampling_noise = sampling_noise
        self.instance_statistics = instance_statistics

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        size, name = (spec["height"], spec["width"]), type(self.generator).__name__
        source, target = ((BATCH, self.channels[domain], *size) for domain in self.routes[0])
        with dry_run_mode(self):
            image = torch.rand(source)
            output = check_images("network.translator", lambda: self.generator(image), name, target)
            label = torch.zeros(BATCH, dtype=torch.long)
            check_verdict("network.discriminator", self.discriminator, torch.cat([image, output], 1), label)

    def step(self, batches: list[Paired]) -> None:
        generator_is_due = self.due("discriminator", self.critic_steps, ahead=1)
        # D and G use the same translation: D judges it, then G learns from it.
        with torch.set_grad_enabled(generator_is_due):
            translated = [(*pair, self.generator(pair.source)) for pair in batches]
        self.update("discriminator", (self.discriminator_loss(*t) for t in translated))
        if generator_is_due:
            self.update("generator", (self.generator_loss(*t) for t in translated))

    def discriminator_loss(self, source: Tensor, target: Tensor, output: Tensor) -> Tensor:
        """Tell the true target from the output, given the source of both."""
        loss, _, _ = self.discriminator_objective(
            partial(self.discriminate, source), target, output.detach(), self.penalties
        )
        return self.discriminator_weight * loss

    def generator_loss(self, source: Tensor, target: Tensor, output: Tensor) -> Tensor:
        """Make the frozen discriminator take the output for the target, and come near the target (eq. 4)."""
        adversarial = self.generator_objective(partial(self.discriminate, source), output, target)
        reconstruction = self.reconstruction(output, target)
        self.log_scalars(loss_generator=adversarial, loss_reconstruction=reconstruction)
        return adversarial + reconstruction

    def discriminate(self, source: Tensor, image: Tensor) -> Verdict:
        """The discriminator's verdict on `image` as the translation of `source`."""
        unlabelled = torch.zeros(len(image), dtype=torch.long, device=image.device)
        return self.discriminator(torch.cat([source, image], 1), unlabelled)

    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        """Each picture on its own, with its own dropout noise."""
        generator = self._sampler()
        outputs = []
        with torch.random.fork_rng([self.device] if self.device.type == "cuda" else []):
            for picture, i in zip(source.split(1), number.tolist(), strict=True):
                torch.manual_seed(int(np.random.SeedSequence([seed, i]).generate_state(1, np.uint64)[0]))
                outputs.append(generator(picture))
        return torch.cat(outputs)

    def _sampler(self) -> nn.Module:
        """The averaged generator, with dropout and batch norm as the settings ask for."""
        generator = self.ema.eval()
        for module in generator.modules():
            if isinstance(module, nn.Dropout):
                module.train(self.sampling_noise)
            elif isinstance(module, _BatchNorm):
                module.train(self.instance_statistics)
                module.track_running_stats = (
                    not self.instance_statistics
                )  # so that sampling does not change the statistics
        return generator
