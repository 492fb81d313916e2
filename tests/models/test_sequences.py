"""The baseline of models of sequences."""

import pytest
import torch

from gan_lightning.models import Constant, GeneratorOptimisation, MaximumLikelihood
from gan_lightning.networks import LSTMGenerator


def test_likelihood_alone_learns_what_the_data_are() -> None:
    torch.manual_seed(0)
    optimisation = GeneratorOptimisation(generator=lambda parameters: torch.optim.SGD(parameters), schedule=Constant())
    step = MaximumLikelihood(LSTMGenerator(3, 2, None, 4, 5), optimisation)
    real = torch.tensor([[0, 1], [0, 1], [0, 1], [2, 0]])  # the entropy of 3/4 and 1/4
    optimizer = torch.optim.Adam(step.generator.parameters(), lr=0.05)
    for _ in range(150):
        optimizer.zero_grad()
        loss = step.likelihood_loss(real)
        loss.backward()
        optimizer.step()
    assert loss.item() == pytest.approx(0.5623, abs=0.02)
