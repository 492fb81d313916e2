"""Restoration learnt from pairs without an opponent: the generator comes near the target, and nothing judges it."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, final

import torch
from torch import Tensor, nn

from gan_lightning.batch import Paired, Route
from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.losses import Reconstruction, Regulariser
from gan_lightning.models.contracts import Translating, check_scale
from gan_lightning.models.optimisation import GeneratorOptimisation
from gan_lightning.models.players import Player
from gan_lightning.networks import Translator
from gan_lightning.networks.dry_run import BATCH, check_images, dry_run_mode
from gan_lightning.ranges import Few


@final
class Restoration(Translating):
    """One generator from source to target, and a distance between its output and the target.

    It makes the picture that is right on average: sharp where the source leaves no doubt, and blurred elsewhere. So it
    has the best PSNR, and is the first stage of SRGAN (Ledig et al. 2017, arXiv:1609.04802) and ESRGAN (Wang et al.
    2018, arXiv:1809.00219), which go on from its checkpoint (`init`) with a discriminator, as the step `Pix2Pix`.

    Args:
        translator: builds the generator from the channels it takes and makes.
        source_channels, target_channels: of the data, in the direction that is learnt.
        direction: "a2b" or "b2a", which way that is.
        scale: how many times higher and wider targets are than sources.
        reconstruction: distance of output and target, which is the loss.
        optimisation: optimizer, schedule, average and budgets.
        generator_regularisers: by name, terms on the network's parameters.

    Raises:
        SettingError: a network that makes pictures of another size than the targets.
    """

    takes = Paired
    capturable = True
    generator: Translator

    def __init__(
        self,
        translator: Callable[[int, int], Translator],
        source_channels: Few,
        target_channels: Few,
        direction: Literal["a2b", "b2a"],
        reconstruction: Reconstruction,
        optimisation: GeneratorOptimisation,
        generator_regularisers: Mapping[str, Regulariser],
        scale: Few = 1,
    ) -> None:
        super().__init__(optimisation)
        self.generator = translator(source_channels, target_channels)
        check_contract("network.translator", self.generator, Translator)
        check_contract("model.reconstruction", reconstruction, Reconstruction)
        check_contracts("generator_regulariser", generator_regularisers, Regulariser)
        check_scale(self.generator, scale)
        self.routes = [Route.named(direction, scale)]
        (route,) = self.routes
        self.channels = {route.source: source_channels, route.target: target_channels}
        self.multiple, self.minimum, self.reach = (
            self.generator.multiple,
            self.generator.minimum,
            self.generator.reach,
        )
        self.reconstruction = reconstruction
        self.ema = optimisation.average(self.generator)
        self.add_player(
            "generator",
            Player(
                self.generator,
                optimisation.generator,
                "model.optimisation.generator",
                regularisers=nn.ModuleDict(generator_regularisers),
                average=self.ema,
            ),
        )

    def dry_run(self, spec: Mapping[str, Any]) -> None:
        (route,) = self.routes
        height, width = spec["height"], spec["width"]
        image = torch.rand(BATCH, self.channels[route.source], height // route.scale, width // route.scale)
        target = (BATCH, self.channels[route.target], height, width)
        with dry_run_mode(self):
            name = type(self.generator).__name__
            output = check_images("network.translator", lambda: self.generator(image), name, target)
            self.reconstruction(output, output)

    def step(self, batches: list[Paired]) -> None:
        self.update("generator", (self.generator_loss(*pair) for pair in batches))

    def generator_loss(self, source: Tensor, target: Tensor) -> Tensor:
        """Come near the target."""
        loss = self.reconstruction(self.generator(source), target)
        self.log_scalars(loss_reconstruction=loss)
        return loss

    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        output: Tensor = self.averaged(source)
        return output

    @property
    def averaged(self) -> Any:
        """The `Translator`."""
        return self.ema.eval().module
