"""A discriminator of sequences against the loss written plainly, and what is refused."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.losses import NonSaturating
from gan_lightning.models import Constant, Optimisation
from gan_lightning.models.adversarial_sequences import AdversarialSequences
from gan_lightning.networks import ConvolutionalReader, LSTMGenerator

FAKE = torch.tensor([[0, 0], [1, 2], [2, 2]])


class Shown(AdversarialSequences):
    """Whose generated sequences are always the same."""

    def fakes(self, count: int) -> Tensor:
        assert not torch.is_grad_enabled()
        return FAKE[:count]

    def step(self, batches: list[Any]) -> None:
        """Nothing is trained."""


def model(critic_steps: int = 1) -> Shown:
    torch.manual_seed(0)
    optimisation = Optimisation(
        **dict.fromkeys(("generator", "discriminator"), lambda parameters: torch.optim.SGD(parameters)),
        schedule=Constant(),
    )
    generator = LSTMGenerator(num_tokens=3, length=2, end=None, embedding=4, hidden=5)
    reader = ConvolutionalReader(num_tokens=3, length=2, embedding=4, filters=[[1, 4], [2, 4]])
    return Shown(generator, reader, NonSaturating(), optimisation, critic_steps)


def test_the_discriminator_classifies_real_and_generated_sequences() -> None:
    step = model()
    real = torch.tensor([[1, 1], [0, 2], [2, 1]])
    logits = step.discriminator(torch.cat([real, FAKE])).logits
    label = torch.tensor([1.0] * 3 + [0.0] * 3).view_as(logits)
    expected = 2 * F.binary_cross_entropy_with_logits(logits, label)  # the mean over real ones plus that over others
    loss = step.discriminator_loss(real)
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert all(parameter.grad is None for parameter in step.generator.parameters())
    assert any(parameter.grad.any() for parameter in step.discriminator.parameters())


def test_a_round_has_as_many_windows_as_the_discriminator_has_steps() -> None:
    assert model(critic_steps=3).windows_per_round == 3
    assert [*model().players] == ["generator", "discriminator"]
    with pytest.raises(SettingError, match=r"model\.critic_steps=0: "):
        model(critic_steps=0)
