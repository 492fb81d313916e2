"""Tokens through which gradients pass."""

import pytest
import torch

from gan_lightning.losses import NonSaturating
from gan_lightning.models import Constant, GumbelGAN, LinearRamp, Optimisation
from gan_lightning.models.gumbel import straight_through
from gan_lightning.networks import LSTMGenerator, RecurrentReader


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    torch.manual_seed(0)
    logits = torch.tensor([0.5, -1.0, 2.0, 0.0])
    drawn = straight_through(logits.expand(200_000, 4), torch.rand(200_000, 4), temperature=0.3)
    assert torch.equal(drawn.sum(1), torch.ones(200_000))
    assert torch.allclose(drawn.mean(0), logits.softmax(0), atol=4e-3)


def test_the_gradient_is_that_of_the_softmax() -> None:
    logits = torch.tensor([[0.5, -1.0, 2.0]], requires_grad=True)
    uniform, weight = torch.tensor([[0.3, 0.9, 0.2]]), torch.tensor([1.0, 2.0, 5.0])
    hard = straight_through(logits, uniform, temperature=0.7)
    (found,) = torch.autograd.grad((hard * weight).sum(), logits)
    soft = ((logits - (-uniform.log()).log()) / 0.7).softmax(1)
    (expected,) = torch.autograd.grad((soft * weight).sum(), logits)
    assert torch.allclose(found, expected)
    assert torch.allclose(hard, torch.nn.functional.one_hot(soft.argmax(1), 3).float())


def test_noise_at_the_ends_of_its_range_gives_numbers() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    hard = straight_through(logits, torch.tensor([[0.0, 1 - 2**-24, 0.5]]), temperature=0.1)
    (gradient,) = torch.autograd.grad(hard[0, 0], logits)
    assert hard.tolist() == [[0, 1, 0]]
    assert gradient.isfinite().all()


@pytest.fixture
def model() -> GumbelGAN:
    torch.manual_seed(0)
    optimisation = Optimisation(
        **dict.fromkeys(("generator", "discriminator"), lambda parameters: torch.optim.SGD(parameters)),
        schedule=Constant(),
    )
    generator = LSTMGenerator(num_tokens=3, length=3, end=0, embedding=4, hidden=5, std=1.0)
    reader = RecurrentReader(num_tokens=3, length=3, end=0, embedding=4, hidden=4)
    return GumbelGAN(generator, reader, NonSaturating(), LinearRamp(1.0, 0.5), optimisation, critic_steps=1)


def test_relaxed_sequences_are_those_of_the_generator(model) -> None:
    made = model.fakes(20_000).detach()
    token = made.argmax(2)
    ends = (token == 0).long()
    assert not ((ends.cumsum(1) > 0) & (token != 0)).any()  # nothing follows an end
    likelihood = model.generator.log_likelihood(token[:1]).sum().exp()
    share = (token == token[0]).all(1).float().mean()
    assert share.item() == pytest.approx(likelihood.item(), abs=0.012)


def test_the_generator_learns_through_every_token(model) -> None:
    real = torch.tensor([[1, 2, 0], [2, 2, 1]])
    model.generator_loss(real).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.generator.parameters())
    model.follow(0.5)
    assert model.temperature.value.item() == 0.75
