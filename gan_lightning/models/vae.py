"""The variational autoencoder (Kingma and Welling 2013, arXiv:1312.6114)."""

from collections.abc import Callable, Mapping, Sequence
from typing import final

from torch import Tensor

from gan_lightning.losses import Reconstruction, Regulariser
from gan_lightning.models.autoencoding import Autoencoding
from gan_lightning.models.optimisation import GeneratorOptimisation
from gan_lightning.models.posteriors import DiagonalGaussian
from gan_lightning.networks import Encoder, Generator
from gan_lightning.ranges import Classes


@final
class VAE(Autoencoding):
    """An encoder q(z | x) = N(mu, s^2) and a generator p(x | z) under the prior N(0, I).

    Both minimise - E log p(x | z) + KL(q(z | x), p(z)), whose negative bounds log p(x) from below (eq. 3). In figure 1
    of the paper, the solid arrow from z to x is `generator`, and the dashed one from x to z is `encoder`.

    Args:
        generator: the decoder, a generator as a GAN has it.
        encoder: builds the encoder from the number of its outputs, two for each number of z.
        reconstruction: - log p(x | z), **summed** over channels and pixels, as the divergence is over the numbers of z:
            `losses.Gaussian` or `losses.Bernoulli`.
        optimisation: optimizer, schedule, average and budgets.
        generator_regularisers: by name, terms on the parameters of both networks.
        num_classes: of the data, 0 without labels; the number of each if the condition is several attributes.
    """

    posterior: DiagonalGaussian

    def __init__(
        self,
        generator: Generator,
        encoder: Callable[[int], Encoder],
        reconstruction: Reconstruction,
        optimisation: GeneratorOptimisation,
        generator_regularisers: Mapping[str, Regulariser],
        num_classes: Classes | Sequence[Classes],
    ) -> None:
        super().__init__(
            generator, encoder, DiagonalGaussian(), reconstruction, optimisation, generator_regularisers, num_classes
        )

    def loss(self, image: Tensor, condition: Tensor) -> Tensor:
        encoded = self.encoder(image, condition)
        z = self.posterior.draw(encoded)
        reconstruction = self.reconstruction(self.generator(z, condition), self.generator.counterparts(image))
        divergence = self.posterior.divergence(encoded).mean()
        self.log_scalars(loss_reconstruction=reconstruction, loss_divergence=divergence)
        return reconstruction + divergence
