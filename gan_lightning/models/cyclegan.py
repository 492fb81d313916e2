"""CycleGAN: translation learnt without pairs (Zhu et al. 2017, arXiv:1703.10593); DiscoGAN and DualGAN are recipes."""

import copy
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.augment import Augment
from gan_lightning.batch import Route, Unpaired, Verdict
from gan_lightning.compatibility import compare
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.errors import SettingError
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
from gan_lightning.models.pool import ImagePool
from gan_lightning.networks import Discriminator, Translator
from gan_lightning.networks.dry_run import BATCH, check_images, check_verdict, dry_run_mode
from gan_lightning.ramps import Ramp, now, setting
from gan_lightning.ranges import AtLeastZero, Count, Few, Positive, Whole, within


@final
class CycleGAN(AdversarialModule, Translating):
    """Two generators, a to b and b to a, and a discriminator in each domain. A picture that is translated there and
    back should be unchanged (eq. 2), and so should one that is already in the target's domain (section 5.2).

    `generator` holds the networks `a2b` and `b2a`, `discriminator` those of the domains `a` and `b`.

    Args:
        translator: builds a generator from the channels it takes and makes.
        discriminator: builds a discriminator from its domain's channels.
        a_channels, b_channels: of the data.
        loss: the adversarial objective.
        cycle: distance between a picture and its translation there and back.
        optimisation: one optimizer for both generators and one for both discriminators, schedule, averages, budgets.
        penalties: by name, terms of each discriminator's loss.
        augment: by name, what every image goes through before a discriminator sees it, in this order; a copy for each.
        generator_regularisers, discriminator_regularisers: by name, terms on the parameters of a side.
        constraints: by name, applied to the discriminators after each of their steps.
        identity: weight of the identity terms as a share of the cycle's; 0 leaves them out.
        pool_size: earlier fakes that the discriminators may be shown, per domain and process; in checkpoints.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.
        discriminator_weight: factor of the discriminators' whole loss (the paper's 1/2, section 4).

    Raises:
        SettingError: identity terms between domains of different channels; a negative setting; parts that contradict
            each other (`compatibility.compare`).
    """

    takes = Unpaired
    capturable = True
    routes = (Route("a", "b"), Route("b", "a"))
    generator: Any  # ModuleDict of Translator
    discriminator: Any  # ModuleDict of Discriminator
    penalties: Any  # a ModuleDict of Penalty per domain
    augment: Any  # a Sequential of Augment per domain

    def __init__(
        self,
        translator: Callable[[int, int], Translator],
        discriminator: Callable[[int], Discriminator],
        a_channels: Few,
        b_channels: Few,
        loss: AdversarialLoss,
        cycle: Reconstruction,
        optimisation: Optimisation,
        penalties: Mapping[str, Penalty],
        augment: Mapping[str, Augment],
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        identity: AtLeastZero | Ramp = 0.5,
        pool_size: Whole = 50,
        critic_steps: Count = 1,
        discriminator_weight: Positive = 0.5,
    ) -> None:
        generators = {"a2b": translator(a_channels, b_channels), "b2a": translator(b_channels, a_channels)}
        discriminators = {"a": discriminator(a_channels), "b": discriminator(b_channels)}
        for network in generators.values():
            check_contract("network.translator", network, Translator)
        for built in discriminators.values():
            check_contract("network.discriminator", built, Discriminator)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("augment", augment, Augment)
        check_contract("model.cycle", cycle, Reconstruction)
        regularisers = (generator_regularisers, discriminator_regularisers)
        super().__init__(
            nn.ModuleDict(generators),
            nn.ModuleDict(discriminators),
            *(loss, optimisation, *regularisers, constraints, {}, critic_steps),
        )
        within("model.pool_size", Whole, pool_size)
        self.identity = setting("model.identity", AtLeastZero, identity)
        within("model.discriminator_weight", Positive, discriminator_weight)
        if self.identity != 0 and a_channels != b_channels:
            raise SettingError(
                f"model.identity={identity}: the domains have {a_channels} and {b_channels} channels, so no picture "
                "lies in both; set model.identity=0 or give both domains the same channels"
            )
        self.penalties = nn.ModuleDict({domain: nn.ModuleDict(copy.deepcopy(dict(penalties))) for domain in "ab"})
        self.augment = nn.ModuleDict(
            {domain: nn.Sequential(OrderedDict(copy.deepcopy(dict(augment)))) for domain in "ab"}
        )
        compare(self.parts())
        self.cycle = cycle
        self.discriminator_weight = discriminator_weight
        self.channels = {"a": a_channels, "b": b_channels}
        self.multiple, self.minimum = self.generator["a2b"].multiple, self.generator["a2b"].minimum
        self.pools = nn.ModuleDict({domain: ImagePool(pool_size) for domain in "ab"})

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        size, label = (spec["height"], spec["width"]), torch.zeros(BATCH, dtype=torch.long)
        with dry_run_mode(self):
            for route in self.routes:
                network, image = self.generator[route.name], torch.rand(BATCH, self.channels[route.source], *size)
                make, shape = partial(network, image), (BATCH, self.channels[route.target], *size)
                output = check_images("network.translator", make, type(network).__name__, shape)
                check_verdict("network.discriminator", self.discriminator[route.target], output, label)

    def step(self, batches: list[Unpaired]) -> None:
        # The generators step first. The discriminators then see the translations of that step.
        fakes: list[Unpaired] = []
        if self.due("discriminator", self.critic_steps):
            self.update("generator", (self.generator_loss(*b, fakes) for b in batches))
        else:
            with torch.no_grad():
                fakes = [Unpaired(self.generator["b2a"](b), self.generator["a2b"](a)) for a, b in batches]
        shown = [Unpaired(self.pools["a"](fake.a), self.pools["b"](fake.b)) for fake in fakes]
        self.update("discriminator", (self.discriminator_loss(*pair) for pair in zip(batches, shown, strict=True)))

    def generator_loss(self, a: Tensor, b: Tensor, fakes: list[Unpaired]) -> Tensor:
        """Translations should look real to the frozen discriminators, and be the picture again when translated back;
        pictures of the target's domain should stay as they are (eq. 3, section 5.2).

        The translations are appended to `fakes`.
        """
        a2b, b2a = self.generator["a2b"], self.generator["b2a"]
        fake_a, fake_b = b2a(b), a2b(a)
        fakes.append(Unpaired(fake_a.detach(), fake_b.detach()))
        adversarial_a = self.generator_objective(partial(self.discriminate, "a"), fake_a, a)
        adversarial_b = self.generator_objective(partial(self.discriminate, "b"), fake_b, b)
        adversarial = adversarial_a + adversarial_b
        cycle = self.cycle(b2a(fake_b), a) + self.cycle(a2b(fake_a), b)
        self.log_scalars(loss_generator=adversarial, loss_cycle=cycle)
        loss = adversarial + cycle
        if self.identity != 0:
            identity = now(self.identity) * (self.cycle(a2b(b), b) + self.cycle(b2a(a), a))
            self.log_scalars(loss_identity=identity)
            loss = loss + identity
        return loss

    def discriminator_loss(self, real: Unpaired, fake: Unpaired) -> Tensor:
        """In each domain, tell real pictures from translated ones."""
        discriminate_a, discriminate_b = partial(self.discriminate, "a"), partial(self.discriminate, "b")
        on_a, real_a, _ = self.discriminator_objective(discriminate_a, real.a, fake.a, self.penalties["a"], "_a")
        on_b, real_b, _ = self.discriminator_objective(discriminate_b, real.b, fake.b, self.penalties["b"], "_b")
        self.inform_augments(self.augment["a"], real_a, "_a")
        self.inform_augments(self.augment["b"], real_b, "_b")
        return self.discriminator_weight * (on_a + on_b)

    def discriminate(self, domain: str, image: Tensor) -> Verdict:
        """The verdict of one domain's discriminator, which sees the images augmented."""
        unlabelled = torch.zeros(len(image), dtype=torch.long, device=image.device)
        return self.discriminator[domain](self.augment[domain](image), unlabelled)

    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        """Without noise, so numbers and seed change nothing."""
        translated: Tensor = self.averaged[route.name](source)
        return translated

    @property
    def averaged(self) -> Any:
        """A ModuleDict of `Translator`, by the names of the routes."""
        return self.ema.eval().module
