"""A discriminator that generates alone: images are found by climbing its score (IGEBM and JEM are recipes of it).

Before this file: `training.py`, which builds the step. After it: `stepping.py`, how players step. `langevin.py` climbs,
and `replay.py` remembers where it came.
"""

import zlib
from collections.abc import Sequence
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.contracts import check_contract
from gan_lightning.errors import SettingError
from gan_lightning.models.contracts import FromNoise
from gan_lightning.models.langevin import LangevinChain
from gan_lightning.models.optimisation import DiscriminatorOptimisation
from gan_lightning.models.players import Player
from gan_lightning.models.prior import Prior, Uniform
from gan_lightning.models.replay import ReplayBuffer
from gan_lightning.networks import Energy
from gan_lightning.networks.dry_run import BATCH, check_verdict, dry_run_mode
from gan_lightning.ranges import AtLeastZero, Classes, Count, within

UNIFORM = Uniform()


@final
class EnergyModel(FromNoise):
    """One network gives each image a score, the logarithm of an unnormalised density (minus an energy).

    A step raises the score of real images and lowers that of images which Langevin chains have found:

        loss = E f(x') - E f(x) + magnitude (E f(x)^2 + E f(x')^2) + what the network asks of real images

    The gradient of the first two terms is that of the negative log-likelihood if the chains have reached the density
    (contrastive divergence). No network generates: making an image costs as many passes through the network, forward
    and backward, as its chain has steps.

    Samples are the ends of chains of `sampling_steps` from uniform noise. The noise of a chain depends on the image's z
    alone, so the sample with a number is always the same.

    Du & Mordatch 2019, "Implicit generation and generalization in energy-based models", arXiv:1903.08689.

    Args:
        discriminator: the network.
        optimisation: its optimizer, schedule, average and budgets.
        chain: how images climb.
        buffer: where chains begin in training.
        shape: (C, H, W) of the images.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        magnitude: factor of the squared scores, which keeps them near zero.
        input_noise: standard deviation of noise that is added to real images.
        sampling_steps: of the chains that make samples.
        prior: where these chains begin.

    Raises:
        SettingError: a number out of its range, or a network whose norm compares the images of a batch.
    """

    capturable = True
    discriminator: Energy
    buffer: ReplayBuffer

    def __init__(
        self,
        discriminator: Energy,
        optimisation: DiscriminatorOptimisation,
        chain: LangevinChain,
        buffer: ReplayBuffer,
        shape: Sequence[int],
        num_classes: Classes | Sequence[Classes],
        magnitude: AtLeastZero = 1.0,
        input_noise: AtLeastZero = 0.0,
        sampling_steps: Count = 100,
        prior: Prior = UNIFORM,
    ) -> None:
        super().__init__(optimisation)
        check_contract("model.discriminator", discriminator, Energy)
        check_contract("model.prior", prior, Prior)
        if any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in discriminator.modules()):
            raise SettingError(
                "critic_norm=batch: the score of an image may not depend on the other images of its batch; use "
                "critic_norm=none, critic_norm=spectral or critic_norm=layer"
            )
        self.magnitude = within("model.magnitude", AtLeastZero, magnitude)
        self.input_noise = within("model.input_noise", AtLeastZero, input_noise)
        self.sampling_steps = within("model.sampling_steps", Count, sampling_steps)
        self.discriminator = discriminator
        self.chain = chain
        self.buffer = buffer
        self.shape = tuple(shape)
        self.latent_dim = shape[0] * shape[1] * shape[2]
        self.num_classes = num_classes
        self.prior = prior
        self.ema = optimisation.average(discriminator)
        place = "model.optimisation.discriminator"
        self.add_player("discriminator", Player(discriminator, optimisation.discriminator, place, average=self.ema))

    @property
    def critic(self) -> Energy:
        return self.discriminator

    def dry_run(self, spec: Any) -> None:
        image, condition = torch.zeros(BATCH, *self.shape), self.conditions(torch.arange(BATCH))
        with dry_run_mode(self):
            check_verdict("network.discriminator", self.discriminator, image, condition)

    def step(self, batches: list[Any]) -> None:
        found = [self.negatives(*batch) for batch in batches]
        pairs = zip(batches, found, strict=True)
        losses = (self.loss(real, condition, *negative) for (real, condition), negative in pairs)
        self.update("discriminator", losses)

    def negatives(self, real: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Images that the network takes for real, and their conditions: the ends of chains from the buffer."""
        noise = self.prior(torch.randn(len(real), self.latent_dim, device=self.device)).view_as(real)
        start, of_chain = self.buffer.draw(noise, condition)
        self.discriminator.requires_grad_(False)  # the chains need the gradient of the images alone
        image = self.chain(
            lambda at: self.discriminator.contrasted(at, of_chain), start, torch.randn_like, self.chain.steps
        )
        self.discriminator.requires_grad_(True)
        self.buffer.keep(image, of_chain)
        return image, of_chain

    def loss(self, real: Tensor, condition: Tensor, negative: Tensor, of_chain: Tensor) -> Tensor:
        """Raise the score of real images, lower that of the chains' ends."""
        real = real + self.input_noise * torch.randn_like(real)
        on_real = self.discriminator.contrasted(real, condition)
        on_negative = self.discriminator.contrasted(negative, of_chain)
        contrast = on_negative.mean() - on_real.mean()
        size = on_real.square().mean() + on_negative.square().mean()
        supervised = self.discriminator.supervised(real, condition)
        self.log_scalars(loss_energy=contrast, loss_supervised=supervised)
        self.log_scalars(logit_real=on_real.mean(), logit_fake=on_negative.mean())
        return contrast + self.magnitude * size + supervised

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        network: Any = self.ema.eval().module
        random = [torch.Generator().manual_seed(zlib.crc32(row.numpy().tobytes())) for row in w.float().cpu()]

        def draw(image: Tensor) -> Tensor:
            return torch.stack([torch.randn(self.shape, generator=of_one) for of_one in random]).to(image)

        start = w.view(len(w), *self.shape)
        # Without inference mode, which validations switch on and where nothing has a gradient.
        with torch.inference_mode(False):
            start, condition = start.clone(), condition.clone()
            return self.chain(lambda at: network(at, condition).score, start, draw, self.sampling_steps).clamp(-1, 1)
