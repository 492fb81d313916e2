"""The step that learns from rewards is REINFORCE with a baseline."""

import csv
import itertools
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_lightning.batch import Sequences
from gan_lightning.losses import NonSaturating
from gan_lightning.models import Constant, MovingMean, PolicyGradient, PolicyOptimisation, Reward, RolledOut
from gan_lightning.networks import ConvolutionalReader, LSTMGenerator
from gan_lightning.training import train


class Fixed(Reward):
    """A return that depends on the tokens alone: of each the number of its token, plus that of the first one."""

    def check(self, discriminator: Any) -> None:
        pass

    def forward(self, token: Tensor, generator: Any, discriminator: Any) -> Tensor:
        return (token + token[:, :1]).float()


def model(baseline: MovingMean | None = None, **changed: Any) -> PolicyGradient:
    torch.manual_seed(0)
    optimisation = PolicyOptimisation(
        **dict.fromkeys(("generator", "discriminator", "likelihood"), lambda parameters: torch.optim.SGD(parameters)),
        schedule=Constant(),
        ema_decay=0.0,
    )
    settings = {"likelihood_steps": 0, "discriminator_steps": 0, "critic_steps": 1, **changed}
    return PolicyGradient(
        LSTMGenerator(num_tokens=3, length=2, end=None, embedding=4, hidden=5, std=1.0),
        ConvolutionalReader(num_tokens=3, length=2, embedding=4, filters=[[1, 4]]),
        NonSaturating(),
        Fixed(),
        baseline,
        optimisation,
        **settings,
    )


def gradient(step: PolicyGradient, loss: Tensor) -> Tensor:
    found = torch.autograd.grad(loss, list(step.generator.parameters()))
    return torch.cat([part.flatten() for part in found])


def test_the_update_is_reinforce_with_a_baseline(monkeypatch) -> None:
    step = model(MovingMean(decay=0.25))
    step.baseline.value.fill_(1.5)
    quantile = torch.rand(8, 2)
    monkeypatch.setattr(step, "quantiles", lambda count: quantile)
    found = gradient(step, step.generator_loss(8))

    token = step.generator.write(quantile)
    expected = torch.zeros_like(found)
    for sequence in token:  # one action at a time, as Williams writes it
        for place in range(2):
            probability = step.generator(sequence[None])[0, place].softmax(0)[sequence[place]]
            worth = sequence[place] + sequence[0] - 1.5
            expected -= worth * gradient(step, probability.log()) / 8
    assert torch.allclose(found, expected, atol=1e-5)
    returns = (token + token[:, :1]).float().mean()
    assert step.baseline.value.item() == pytest.approx(0.25 * 1.5 + 0.75 * returns.item())


@pytest.mark.parametrize("baseline", [None, 1.5])
def test_on_average_it_climbs_the_expected_return(monkeypatch, baseline) -> None:
    step = model(None if baseline is None else MovingMean(decay=0.0))
    every = torch.tensor([*itertools.product(range(3), repeat=2)])
    with torch.no_grad():
        weight = step.generator.log_likelihood(every).sum(1).exp()
    mean = torch.zeros(sum(parameter.numel() for parameter in step.generator.parameters()))
    for sequence, probability in zip(every, weight, strict=True):
        if step.baseline is not None:
            step.baseline.value.fill_(baseline)
        monkeypatch.setattr(step.generator, "write", lambda quantile, sequence=sequence: sequence[None])
        mean += probability * gradient(step, step.generator_loss(1))

    # The value of a token is what it brings itself: it is not credited with what came before.
    likelihood = step.generator.log_likelihood(every)
    first = likelihood[:, 0].exp()
    second = likelihood[:, 1].exp()
    own_first, own_second = 2.0 * every[:, 0], (every[:, 1] + every[:, 0]).float()
    expected_return = (first * second.detach() * own_first + first.detach() * second * own_second).sum()
    assert torch.allclose(mean, -gradient(step, expected_return), atol=1e-5)


def test_with_rolled_out_rewards_it_climbs_the_probability_of_being_real(monkeypatch) -> None:
    step, rollouts = model(), 100
    step.reward = RolledOut(rollouts)
    with torch.no_grad():
        step.discriminator.head.weight.mul_(20)  # so that sequences are worth different amounts
    place = itertools.cycle(range(rollouts))
    # Completions at evenly spread quantiles have the mean of all completions, without chance.
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(shape, (next(place) + 0.5) / rollouts))
    every = torch.tensor([*itertools.product(range(3), repeat=2)])
    probability = step.generator.log_likelihood(every).sum(1).exp()
    expected = -gradient(step, (probability * step.discriminator(every).logits.sigmoid().squeeze(1).detach()).sum())

    mean = torch.zeros_like(expected)
    for sequence, weight in zip(every, probability.detach(), strict=True):
        monkeypatch.setattr(step, "fakes", lambda count, sequence=sequence: sequence[None])
        mean += weight * gradient(step, step.generator_loss(1))
    assert expected.norm() > 0.05
    assert (mean - expected).norm() < 0.02 * expected.norm()


def test_a_constant_reward_is_the_likelihood_of_own_samples(monkeypatch) -> None:
    step = model()
    monkeypatch.setattr(step.reward, "forward", lambda token, *_: torch.ones(token.shape))
    quantile = torch.rand(16, 2)
    monkeypatch.setattr(step, "quantiles", lambda count: quantile)
    own = step.generator.write(quantile)
    assert torch.allclose(gradient(step, step.generator_loss(16)), gradient(step, step.likelihood_loss(own)))


def test_phases_follow_one_another(monkeypatch) -> None:
    step = model(likelihood_steps=2, discriminator_steps=1, critic_steps=2)
    done = []

    def update(name: str, losses: Any) -> None:
        next(iter(losses))
        step.players[name].steps += 1
        done.append(name[0])

    monkeypatch.setattr(step, "update", update)
    for windows in range(1, 8):
        step.step([Sequences(torch.zeros(4, 2, dtype=torch.long))])
        assert step.windows == windows
        assert step.generator_updates(windows) == done.count("l") + done.count("g")
    assert "".join(done) == "llddgddgd"  # due at its second, fourth ... update


@pytest.mark.parametrize("likelihood_steps", [8, 11])
def test_logs_have_a_row_every_so_many_windows_in_all_phases(composed, tmp_path, likelihood_steps) -> None:
    """Players that have no update in a phase do not decide when a row is due."""
    phases = [f"model.likelihood_steps={likelihood_steps}", "model.discriminator_steps=5", "model.critic_steps=2"]
    batch = ["dataset.batch_size=4", "network.width=8", "metrics=none"]
    train(
        composed(
            *("model=seqgan", "dataset=fake_sequences", *batch, *phases),
            *("max_generator_steps=4", "trainer.log_every_n_steps=4"),
        )
    )
    with (tmp_path / "run" / "logs" / "metrics.csv").open() as file:
        seen = [int(float(row["images_seen"])) for row in csv.DictReader(file)]
    windows = (
        likelihood_steps + 4 + 4 * 2
    )  # two of the discriminator before each update of the generator, and four more
    assert seen == [4 * window for window in range(4, windows + 1, 4)]
    assert torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt")["counters"]["images_seen"] == 4 * windows
