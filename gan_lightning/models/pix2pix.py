"""Translation learnt from pairs and a discriminator: Pix2Pix, SRGAN and ESRGAN are recipes of it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, final

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lightning.augment import Augment
from gan_lightning.batch import Paired, Route, Verdict
from gan_lightning.bicubic import enlarged
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
from gan_lightning.models.contracts import Translating, check_scale
from gan_lightning.models.dropout_noise import translated
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.networks import Discriminator, Translator
from gan_lightning.networks.dry_run import BATCH, check_images, check_verdict, dry_run_mode
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Count, Few, Positive, within


@final
class Pix2Pix(AdversarialModule, Translating):
    """One generator from source to target, and a discriminator (Isola et al. 2016, arXiv:1611.07004, section 3.1).

    Pix2Pix's discriminator sees pairs (source, target). SRGAN's (Ledig et al. 2017, arXiv:1609.04802) and ESRGAN's
    (Wang et al. 2018, arXiv:1809.00219) see the output or the target alone, and their generators begin with the weights
    of the step `Restoration`.

    Pix2Pix's only noise is dropout, so the authors keep dropout on when they test (section 3.2). They also normalise
    each test picture by its own statistics, since they train and test with batches of one.

    Args:
        translator: builds the generator from the channels it takes and makes.
        discriminator: builds the discriminator from the channels that it sees.
        source_channels, target_channels: of the data, in the direction that is learnt.
        direction: "a2b" or "b2a", which way that is.
        scale: how many times higher and wider targets are than sources. Where the discriminator sees a source, it is
            enlarged by bicubic interpolation.
        loss: the adversarial objective.
        reconstruction: distance of output and target, added to the generator's loss.
        content: another one, such as the distance of their features in a fixed network; None for none.
        discriminator_features: distance of the features that the discriminator has of them (as in pix2pixHD, Wang et
            al. 2017, arXiv:1711.11585, eq. 4, there of several layers); those of the target are constants. None for
            none.
        optimisation: optimizers, schedule, average and budgets. With `accumulate`, the generator's graphs of
            all its batches are kept until both sides have used them.
        penalties: by name, terms of the discriminator's loss; they move the target of a pair, not its source.
        augment: by name, what every picture goes through before the discriminator sees it. Must be empty if it sees
            pairs: no augmentation changes source and target alike yet.
        generator_regularisers, discriminator_regularisers: by name, terms on a network's parameters.
        constraints: by name, applied to the discriminator after each of its steps.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.
        discriminator_weight: factor of the discriminator's whole loss (the paper's 1/2, section 3.3).
        adversarial_weight: factor of the generator's adversarial loss.
        sees_source: whether the discriminator sees the source beside the output or the target (cGAN in table 1), or
            these alone (GAN in table 1).
        sampling_noise: whether dropout stays on when pictures are translated for people and scores.
        instance_statistics: whether batch norm then uses each picture's own statistics, as the authors do,
            instead of those gathered in training. Right only after training with batches of one.

    Raises:
        SettingError: a setting out of its range; parts that contradict each other (`compatibility.compare`), such as
            an augmentation, or a penalty that moves pictures, where the discriminator sees pairs; a network that makes
            pictures of another size than the targets.
    """

    takes = Paired
    capturable = True
    generator: Translator
    discriminator: Discriminator
    penalties: Any  # ModuleDict of Penalty
    content: Reconstruction | None
    discriminator_features: Reconstruction | None

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
        scale: Few = 1,
        content: Reconstruction | None = None,
        discriminator_features: Reconstruction | None = None,
        adversarial_weight: AtLeastZero | Ramp = 1.0,
        sees_source: bool = True,
    ) -> None:
        seen = source_channels + target_channels if sees_source else target_channels
        networks = translator(source_channels, target_channels), discriminator(seen)
        check_contract("network.translator", networks[0], Translator)
        check_contract("network.discriminator", networks[1], Discriminator)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("augment", augment, Augment)
        check_scale(networks[0], scale)
        distances = {
            "reconstruction": reconstruction,
            "content": content,
            "discriminator_features": discriminator_features,
        }
        for name, distance in distances.items():
            if distance is not None:
                check_contract(f"model.{name}", distance, Reconstruction)
        regularisers = (generator_regularisers, discriminator_regularisers)
        super().__init__(*networks, loss, optimisation, *regularisers, constraints, {}, critic_steps)
        self.penalties = nn.ModuleDict(penalties)
        self.augment = nn.Sequential(OrderedDict(augment))
        self.sees_pairs = sees_source
        compare(self.parts())
        self.routes = [Route.named(direction, scale)]
        (route,) = self.routes
        self.channels = {route.source: source_channels, route.target: target_channels}
        self.multiple, self.minimum = self.generator.multiple, self.generator.minimum
        self.reach = None if instance_statistics else self.generator.reach
        self.reconstruction, self.content, self.discriminator_features = reconstruction, content, discriminator_features
        self.adversarial_weight = setting("model.adversarial_weight", AtLeastZero, adversarial_weight)
        self.discriminator_weight = within("model.discriminator_weight", Positive, discriminator_weight)
        self.sampling_noise = sampling_noise
        self.instance_statistics = instance_statistics

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        (route,) = self.routes
        height, width = spec["height"], spec["width"]
        source = torch.rand(BATCH, self.channels[route.source], height // route.scale, width // route.scale)
        target = (BATCH, self.channels[route.target], height, width)
        with dry_run_mode(self):
            name = type(self.generator).__name__
            output = check_images("network.translator", lambda: self.generator(source), name, target)
            shown = self.shown(source, output)
            check_verdict("network.discriminator", self.discriminator, shown, torch.zeros(BATCH, dtype=torch.long))
            if self.content is not None:
                self.content(output, output)

    def step(self, batches: list[Paired]) -> None:
        generator_is_due = self.due("discriminator", self.critic_steps, ahead=1)
        # D and G use the same translation: D judges it, then G learns from it.
        with torch.set_grad_enabled(generator_is_due):
            translated = [(*pair, self.generator(pair.source)) for pair in batches]
        self.update("discriminator", (self.discriminator_loss(*t) for t in translated))
        if generator_is_due:
            self.update("generator", (self.generator_loss(*t) for t in translated))

    def discriminator_loss(self, source: Tensor, target: Tensor, output: Tensor) -> Tensor:
        """Tell the true target from the output, perhaps given the source of both."""
        loss, on_real, _ = self.discriminator_objective(
            partial(self.discriminate, source), target, output.detach(), self.penalties
        )
        self.inform_augments(self.augment, on_real)
        return self.discriminator_weight * loss

    def generator_loss(self, source: Tensor, target: Tensor, output: Tensor) -> Tensor:
        """Make the frozen discriminator take the output for the target, and come near the target (eq. 4)."""
        on_output = self.discriminate(source, output)
        on_target: Verdict | None = None
        if self.loss.needs_real or self.discriminator_features is not None:
            with torch.no_grad():
                on_target = self.discriminate(source, target)
        adversarial = self.loss.generator(on_output.logits, on_target and on_target.logits)
        near = {"reconstruction": self.reconstruction(output, target)}
        if self.content is not None:
            near["content"] = self.content(output, target)
        if self.discriminator_features is not None and on_target is not None:
            of_output, of_target = on_output.features, on_target.features
            if len(self.augment):  # which changes the two in different ways
                of_output = self.plain_features(source, output)
                with torch.no_grad():
                    of_target = self.plain_features(source, target)
            near["features"] = self.discriminator_features(of_output, of_target)
        self.log_scalars(loss_generator=adversarial, **{f"loss_{name}": term for name, term in near.items()})
        return now(self.adversarial_weight) * adversarial + sum(near.values())

    def discriminate(self, source: Tensor, image: Tensor) -> Verdict:
        """The discriminator's verdict on `image` as the translation of `source`."""
        return self.discriminator(self.augment(self.shown(source, image)), _unlabelled(image))

    def plain_features(self, source: Tensor, image: Tensor) -> Tensor:
        """The discriminator's features of `image` as the translation of `source`, without augmentation."""
        return self.discriminator(self.shown(source, image), _unlabelled(image)).features

    def shown(self, source: Tensor, image: Tensor) -> Tensor:
        """What the discriminator sees of an output or a target: it alone, or together with its source."""
        if not self.sees_pairs:
            return image
        (route,) = self.routes
        return torch.cat([enlarged(source, route.scale), image], 1)

    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        """Each picture on its own, with its own dropout noise."""
        return translated(self.averaged, source, number, seed)

    @property
    def averaged(self) -> Any:
        """The `Translator`, with dropout and batch norm as the settings ask for."""
        generator: Any = self.ema.eval().module
        for module in generator.modules():
            if isinstance(module, nn.Dropout):
                module.train(self.sampling_noise)
            elif isinstance(module, _BatchNorm):
                module.train(self.instance_statistics)
                module.track_running_stats = (
                    not self.instance_statistics
                )  # so that sampling does not change the statistics
        return generator


def _unlabelled(image: Tensor) -> Tensor:
    return torch.zeros(len(image), dtype=torch.long, device=image.device)
