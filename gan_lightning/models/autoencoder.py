"""The plain autoencoder, with a distribution that is fitted to its codes."""

from collections.abc import Callable, Mapping, Sequence
from typing import final

from torch import Tensor

from gan_lightning.losses import Reconstruction, Regulariser
from gan_lightning.models.autoencoding import Autoencoding
from gan_lightning.models.fitted import FittedGaussian
from gan_lightning.models.optimisation import GeneratorOptimisation
from gan_lightning.models.posteriors import Point
from gan_lightning.networks import Encoder, Generator
from gan_lightning.ranges import BelowOne, Classes


@final
class Autoencoder(Autoencoding):
    """An encoder and a generator that learn to give images back (Hinton and Salakhutdinov 2006,
    doi:10.1126/science.1127647).

    Nothing ties its codes to a prior. So a Gaussian is fitted to them while it learns, as the deterministic
    autoencoders of Ghosh et al. 2019 (arXiv:1903.12436) do after training, and samples come from that.

    Args:
        generator: the decoder, a generator as a GAN has it.
        encoder: builds the encoder from the number of its outputs, one for each number of z.
        reconstruction: distance between an image and what comes back.
        optimisation: optimizer, schedule, average and budgets.
        generator_regularisers: by name, terms on the parameters of both networks.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
        decay: of the running mean and covariance of the codes, per batch.
    """

    def __init__(
        self,
        generator: Generator,
        encoder: Callable[[int], Encoder],
        reconstruction: Reconstruction,
        optimisation: GeneratorOptimisation,
        generator_regularisers: Mapping[str, Regulariser],
        num_classes: Classes | Sequence[Classes],
        decay: BelowOne = 0.99,
    ) -> None:
        super().__init__(generator, encoder, Point(), reconstruction, optimisation, generator_regularisers, num_classes)
        self.fitted = FittedGaussian(self.latent_dim, decay)

    def loss(self, image: Tensor, condition: Tensor) -> Tensor:
        code = self.encoder(image, condition)
        self.fitted.observe(code.detach())
        reconstruction = self.reconstruction(self.generator(code, condition), self.generator.counterparts(image))
        self.log_scalars(loss_reconstruction=reconstruction)
        return reconstruction

    def map(self, z: Tensor, condition: Tensor) -> Tensor:
        return super().map(self.fitted(z), condition)
