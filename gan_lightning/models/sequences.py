"""What all models of sequences share, and the baseline of all of them: maximum likelihood.

Before this file: `training.py`, which builds the step. After it: `stepping.py`, how players step.
"""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.batch import Sequences
from gan_lightning.contracts import check_contract
from gan_lightning.models.contracts import FromNoise
from gan_lightning.models.optimisation import GeneratorOptimisation
from gan_lightning.models.players import Player
from gan_lightning.models.prior import Quantiles
from gan_lightning.networks import SequenceGenerator
from gan_lightning.networks.dry_run import BATCH, dry_run_mode
from gan_lightning.tokens import written


class SequenceModel(FromNoise):
    """A model whose samples are sequences of tokens (B, T), long.

    The noise of a sequence is a number in [0, 1] for each of its tokens, which chooses it among the probabilities that
    the generator gives. So a sequence depends on its noise alone, as an image does.

    Args:
        generator: writes them.
        optimisation: its optimizer, schedule, average and budgets.
    """

    takes = Sequences
    num_classes = 0
    prior = Quantiles()

    def __init__(self, generator: SequenceGenerator, optimisation: GeneratorOptimisation) -> None:
        super().__init__(optimisation)
        check_contract("model.generator", generator, SequenceGenerator)
        self.generator = generator
        self.latent_dim = generator.length
        self.ema = optimisation.average(generator)
        place = "model.optimisation.generator"
        self.add_player("generator", Player(generator, optimisation.generator, place, average=self.ema))

    @property
    def averaged(self) -> SequenceGenerator:
        """The generator that samples come from: of averaged weights if there are any, in evaluation mode."""
        network: Any = self.ema.eval().module
        return network

    def dry_run(self, spec: Any) -> None:
        with dry_run_mode(self):
            self.check(self.generator.write(torch.rand(BATCH, self.generator.length)))

    def check(self, token: Tensor) -> None:
        """Try what reads sequences (B, T) besides the generator; without gradients, in evaluation mode."""

    def synthesise(self, w: Tensor, condition: Tensor) -> Tensor:
        return self.averaged.write(w)

    @torch.no_grad()
    def nll(self, token: Tensor) -> tuple[Tensor, Tensor]:
        """How improbable the samples' generator finds sequences (B, T): the sum of -log p, in nats, and the number of
        tokens that it is the sum over."""
        network = self.averaged
        return -network.log_likelihood(token).sum(), written(token, network.end).sum()

    def likelihood_loss(self, token: Tensor) -> Tensor:
        """Make real sequences (B, T) more likely; in nats per sequence."""
        loss = -self.generator.log_likelihood(token).sum(1).mean()
        self.log_scalars(loss_likelihood=loss)
        return loss


@final
class MaximumLikelihood(SequenceModel):
    """A generator that learns by the likelihood of real sequences alone, without an opponent.

    In training, each token follows real ones; in sampling, it follows the generator's own, which SeqGAN calls exposure
    bias (arXiv:1609.05473).
    """

    def step(self, batches: list[Sequences]) -> None:
        self.update("generator", (self.likelihood_loss(batch.token) for batch in batches))
