"""The average's decay while it is ramped up, against its closed form and the authors' rule in images."""

from math import log
from typing import Any

import pytest
import torch
from hydra.errors import InstantiationException

from gan_lightning.models.average import Average

TINY = [
    *("model=dcgan", "dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none"),
]


def ramped(decay: float, rampup: float, step: int) -> float:
    """The decay of the average's update after so many others."""
    average = Average(torch.nn.Linear(1, 1), decay, rampup)
    average.n_averaged.fill_(step)
    return 1 - average.share().item()


@pytest.mark.parametrize("step", [1, 7, 20, 1000, 13_000, 14_000, 10**6])
def test_half_life_grows_with_the_steps_up_to_that_of_the_full_decay(step: int) -> None:
    """After as many steps as the half-life, half of the average is left."""
    half_life = min(0.05 * step, log(0.5) / log(0.999))
    assert ramped(0.999, 0.05, step) ** half_life == pytest.approx(0.5)


def test_the_authors_rule_in_images_is_the_same_in_steps() -> None:
    batch, images = 32, 10_000  # of a step, of the half-life
    for step in range(0, 10_000, 100):
        half_life = min(images, batch * step * 0.05)
        expected = 0.5 ** (batch / max(half_life, 1e-8))
        assert ramped(0.5 ** (batch / images), 0.05, step) == pytest.approx(expected, abs=1e-12)


def test_the_first_average_is_a_copy_and_zero_decay_stays_one() -> None:
    assert ramped(0.999, 0.05, 0) == 0
    assert ramped(0.0, 0.05, 100) == 0


def test_training_follows_the_ramp(composed: Any, fit: Any, spy: Any) -> None:
    expected: list[torch.Tensor] = []

    def look(model: Any) -> None:
        now = torch.nn.utils.parameters_to_vector(model.generator.parameters()).detach().clone()
        step = len(expected)
        decay = min(0.9, 0.5 ** (1 / (2 * step))) if step else 0
        expected.append(decay * expected[-1] + (1 - decay) * now if step else now)
        torch.testing.assert_close(torch.nn.utils.parameters_to_vector(model.ema.module.parameters()), expected[-1])

    ramp = ["model.optimisation.ema_decay=0.9", "model.optimisation.ema_rampup=2"]
    fit(composed(*TINY, *ramp), spy(look))
    assert len(expected) == 8  # the decay is 0.9 from the fourth on


@pytest.mark.parametrize("rampup", [0, -0.05])
def test_a_share_that_is_not_positive_is_refused(composed: Any, build: Any, rampup: float) -> None:
    with pytest.raises(Exception, match=f"ema_rampup={rampup}"):
        build(composed(*TINY, f"model.optimisation.ema_rampup={rampup}"))


def test_until_its_start_the_average_is_a_copy_also_of_the_statistics_that_are_then_averaged() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    average = Average(network, 0.9, None, start=3, statistics=True)
    expected: dict[str, torch.Tensor] = {}
    for update in range(6):
        network(torch.randn(4, 2, 5, 5))
        torch.nn.init.normal_(network[0].weight)
        average.update_parameters(network)
        for name, value in network.state_dict().items():
            is_averaged = value.is_floating_point() and update >= 3
            expected[name] = 0.9 * expected[name] + 0.1 * value if is_averaged else value.clone()
    torch.testing.assert_close(average.module.state_dict(), expected)
    plain = Average(network, 0.9, None)
    for _ in range(3):
        network(torch.randn(4, 2, 5, 5))
        plain.update_parameters(network)
    assert torch.equal(plain.module[1].running_mean, network[1].running_mean)


def test_a_recipe_may_set_the_start_and_the_statistics(composed: Any, build: Any) -> None:
    chosen = ["model.optimisation.ema_start=7", "model.optimisation.ema_statistics=true"]
    model, _ = build(composed(*TINY, *chosen))
    assert (model.ema.start, model.ema.statistics) == (7, True)
    with pytest.raises(InstantiationException, match=r"model.optimisation.ema_start=-1: a whole number from 0"):
        build(composed(*TINY, "model.optimisation.ema_start=-1"))
