"""LAPGAN: a cascade of GANs, each of which adds the detail of one level (Denton et al. 2015, arXiv:1506.05751)."""

import copy
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.augment import Augment
from gan_lightning.batch import Labelled, Verdict
from gan_lightning.compatibility import compare, compare_with_data
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.errors import SettingError
from gan_lightning.losses import AdversarialLoss, Constraint, Penalty, Regulariser
from gan_lightning.models.adversarial import AdversarialModule
from gan_lightning.models.contracts import FromNoise
from gan_lightning.models.optimisation import Optimisation
from gan_lightning.models.prior import NORMAL, Prior
from gan_lightning.networks import Discriminator, Generator
from gan_lightning.networks.dry_run import BATCH, check_images, check_verdict, dry_run_mode
from gan_lightning.networks.laplacian import BandGenerator, Cascade, doubled, halved
from gan_lightning.ranges import Classes, Count, Size


@final
class LAPGAN(AdversarialModule, FromNoise):
    """Samples begin with an image of the coarsest level, which a usual GAN makes. At every further level the image is
    doubled, and a generator adds a band of detail (figure 1). Each level has two players of its own and learns by
    itself from real images of its size: its generator gets real images of the level below, and adds a band to them, and
    its discriminator is shown the sums (figure 2). So in sampling a level sees generated coarse images, and in training
    only real ones. Scores are those of the whole cascade.

    The players `generator` and `discriminator` are those of the finest level, and `generator_8` and `discriminator_8`
    those of a level of 8 pixels. z holds the noise of the coarsest level, followed by a plane for every further one.

    Args:
        generator, discriminator: build the networks of a level from its `resolution`, but for the coarsest level.
        base_generator, base_discriminator: the same for the coarsest level.
        resolution: of the square images in pixels.
        loss: the adversarial objective of every level.
        optimisation: optimizers, schedule, averages and budgets, the same for every level.
        penalties: by name, terms of each discriminator's loss.
        augment: by name, what every image goes through before a discriminator sees it, in this order; a copy for each.
        generator_regularisers, discriminator_regularisers: by name, terms on the parameters of each player.
        constraints: by name, applied to each discriminator after its steps.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        coarsest: halving goes on until no more pixels a side are left.
        critic_steps: discriminator steps, each on a fresh batch, per generator step.
        prior: what all noise is drawn from.

    Raises:
        SettingError: images that cannot be halved; parts that contradict each other (`compatibility.compare`).
    """

    capturable = True
    generator: BandGenerator
    discriminator: Discriminator
    penalties: Any  # a ModuleDict of Penalty per level
    augment: Any  # a Sequential of Augment per level

    def __init__(
        self,
        generator: Callable[..., BandGenerator],
        discriminator: Callable[..., Discriminator],
        base_generator: Callable[..., Generator],
        base_discriminator: Callable[..., Discriminator],
        resolution: Size,
        loss: AdversarialLoss,
        optimisation: Optimisation,
        penalties: Mapping[str, Penalty],
        augment: Mapping[str, Augment],
        generator_regularisers: Mapping[str, Regulariser],
        discriminator_regularisers: Mapping[str, Regulariser],
        constraints: Mapping[str, Constraint],
        num_classes: Classes | Sequence[Classes],
        coarsest: Size = 8,
        critic_steps: Count = 1,
        prior: Prior = NORMAL,
    ) -> None:
        sides = _sides(resolution, coarsest)
        base, base_critic = base_generator(resolution=sides[-1]), base_discriminator(resolution=sides[-1])
        bands = {side: generator(resolution=side) for side in sides[:-1]}
        discriminators = {side: discriminator(resolution=side) for side in sides[:-1]}
        for band in bands.values():
            check_contract("network.level.generator", band, BandGenerator)
        for built in discriminators.values():
            check_contract("network.level.discriminator", built, Discriminator)
        check_contract("network.base.generator", base, Generator)
        check_contract("network.base.discriminator", base_critic, Discriminator)
        check_contract("model.prior", prior, Prior)
        check_contracts("penalty", penalties, Penalty)
        check_contracts("augment", augment, Augment)
        both: dict[int, tuple[nn.Module, nn.Module]] = {
            side: (bands[side], discriminators[side]) for side in sides[:-1]
        }
        both[sides[-1]] = base, base_critic
        regularisers = (generator_regularisers, discriminator_regularisers)
        own = {side: copy.deepcopy(regularisers) for side in sides}  # now, as they remember the first network they see
        super().__init__(*both[resolution], loss, optimisation, *own[resolution], constraints, {}, critic_steps)
        self.coarser = nn.ModuleDict()
        for side in sides[1:]:
            average = optimisation.average(both[side][0])
            parts = dict(zip(("generator", "discriminator", "average"), (*both[side], average), strict=True))
            self.coarser[str(side)] = nn.ModuleDict(parts)
            self.add_pair(f"_{side}", *both[side], average, optimisation, *own[side], constraints)
        self.penalties = nn.ModuleDict({str(side): nn.ModuleDict(copy.deepcopy(dict(penalties))) for side in sides})
        self.augment = nn.ModuleDict(
            {str(side): nn.Sequential(OrderedDict(copy.deepcopy(dict(augment)))) for side in sides}
        )
        self.sides, self.num_classes, self.prior = sides, num_classes, prior
        self.base_dim = base.latent_dim
        self.latent_dim = self.base_dim + sum(side**2 for side in sides[:-1])
        compare(self.parts())

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        shape = (BATCH, spec["channels"], spec["height"], spec["width"])
        with dry_run_mode(self):
            z, condition = torch.randn(BATCH, self.latent_dim), self.conditions(torch.arange(BATCH))
            image = check_images("network", lambda: self.synthesise(z, condition), "the cascade", shape)
            for side in self.sides:
                check_verdict("network", self.discriminator_of(side), _shrunk(image, side), condition)
        compare_with_data(self.parts(), {**spec, "height": self.sides[-1], "width": self.sides[-1]})

    def step(self, batches: list[Labelled]) -> None:
        for side in self.sides:
            self.update(f"discriminator{self.suffix(side)}", (self.discriminator_loss(side, *b) for b in batches))
        if self.due("discriminator", self.critic_steps):
            for side in self.sides:
                self.update(f"generator{self.suffix(side)}", (self.generator_loss(side, *b) for b in batches))

    def discriminator_loss(self, side: int, image: Tensor, condition: Tensor) -> Tensor:
        """Tell real images of a level from those to which its generator added a band."""
        real = _shrunk(image, side)
        with torch.no_grad():
            fake = self.made(side, real, condition)
        suffix, discriminate = self.suffix(side), partial(self.discriminate, side, condition)
        loss, on_real, _ = self.discriminator_objective(
            discriminate, real, fake, self.penalties[str(side)], suffix, player=f"discriminator{suffix}"
        )
        self.inform_augments(self.augment[str(side)], on_real, suffix)
        return loss

    def generator_loss(self, side: int, image: Tensor, condition: Tensor) -> Tensor:
        """Make the frozen discriminator of the level take these images for real."""
        real = _shrunk(image, side)
        fake = self.made(side, real, condition)
        adversarial = self.generator_objective(partial(self.discriminate, side, condition), fake, real)
        self.log_scalars(**{f"loss_generator{self.suffix(side)}": adversarial})
        return adversarial

    def made(self, side: int, real: Tensor, condition: Tensor) -> Tensor:
        """Images (B, C, side, side) of a level's generator, for real ones of the same shape: at the coarsest level from
        noise alone, else with a new band in place of the true one."""
        generator = self.generator_of(side)
        if side == self.sides[-1]:
            return generator(self.noise(len(real), self.base_dim), condition)
        coarse = doubled(halved(real))
        plane = self.noise(len(real), side**2).view(-1, 1, side, side)
        return coarse + generator(plane, coarse, condition)

    def discriminate(self, side: int, condition: Tensor, image: Tensor) -> Verdict:
        """The verdict of a level's discriminator on images under these conditions, which it sees augmented."""
        return self.discriminator_of(side)(self.augment[str(side)](image), condition)

    def noise(self, n: int, numbers: int) -> Tensor:
        """Noise (n, numbers) from the prior, for training."""
        return self.prior(torch.randn(n, numbers, device=self.device))

    def suffix(self, side: int) -> str:
        """Of the names of a level's players and of what they log; empty for the finest level."""
        return "" if side == self.sides[0] else f"_{side}"

    def generator_of(self, side: int) -> Any:
        """The generator of a level."""
        return self.players[f"generator{self.suffix(side)}"].network

    def discriminator_of(self, side: int) -> Any:
        """The discriminator of a level."""
        return self.players[f"discriminator{self.suffix(side)}"].network

    @property
    def averaged(self) -> Cascade:
        """The generators of all levels, whose weights are averages, in evaluation mode."""
        base, *bands = (self.averaged_of(side) for side in reversed(self.sides))
        return Cascade(base, bands, self.sides[-1]).eval()

    def averaged_of(self, side: int) -> Any:
        """The generator of a level whose weights are averages, in evaluation mode."""
        average = self.players[f"generator{self.suffix(side)}"].average
        assert average is not None
        return average.eval().module

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        image: Tensor = self.averaged(w, condition)
        return image.clamp(-1, 1)


def _sides(resolution: int, coarsest: int) -> list[int]:
    """The sides of all levels, from the finest on."""
    sides = [resolution]
    while sides[-1] > coarsest:
        if sides[-1] % 2:
            raise SettingError(
                f"dataset.resolution={resolution}: LAPGAN halves images down to model.coarsest={coarsest} pixels a "
                f"side or fewer, and {sides[-1]} cannot be halved; choose a power of two, or a larger model.coarsest"
            )
        sides.append(sides[-1] // 2)
    if len(sides) == 1:
        raise SettingError(
            f"dataset.resolution={resolution}: LAPGAN adds detail to images of model.coarsest={coarsest} pixels a "
            "side, and these are not larger; choose a larger resolution, or another model"
        )
    return sides


def _shrunk(image: Tensor, side: int) -> Tensor:
    """Images (B, C, H, W) halved until they have so many pixels a side."""
    while image.shape[2] > side:
        image = halved(image)
    return image
