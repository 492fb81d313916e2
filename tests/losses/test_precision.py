"""Penalties in half precision: what is computed in it, and how far the results are from those in float32."""

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.losses import DRAGAN, R1, R2, ConditionalCritic, GradientPenalty, MatchingAware, Penalty
from gan_lightning.losses.precision import not_in_float16

PENALTIES = [
    pytest.param(GradientPenalty(), id="gradient"),
    pytest.param(GradientPenalty(one_sided=True, target=0.1), id="one-sided"),
    pytest.param(DRAGAN(), id="dragan"),
    pytest.param(R1(), id="r1"),
    pytest.param(R2(), id="r2"),
    pytest.param(MatchingAware(), id="matching-aware"),
]


class Network(nn.Module):
    """A critic of images and vectors, that keeps the type of its newest feature maps."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.maps = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2, 1), nn.LeakyReLU(0.2)
        )
        self.score = nn.Linear(64 * 4 * 4 + 5, 1)

    def forward(self, image: Tensor, vector: Tensor) -> Tensor:
        maps = self.maps(image)
        self.computed_in = maps.dtype
        logits: Tensor = self.score(torch.cat([maps.flatten(1), vector.to(maps.dtype)], 1))
        return 10 * logits


def gradient(network: Network, penalty: Penalty, precision: torch.dtype, batch: int) -> tuple[Tensor, Tensor]:
    """The penalty, and the gradient of a critic step with it, as one vector."""
    random = torch.Generator().manual_seed(batch)
    real, fake = (torch.rand(32, 3, 16, 16, generator=random) * 2 - 1 for _ in range(2))
    vector = torch.rand(32, 5, generator=random)
    critic = ConditionalCritic(network, vector)
    torch.manual_seed(batch)  # of what a penalty draws
    with torch.autocast("cpu", precision, enabled=precision != torch.float32):
        on_real, on_fake = critic(real), critic(fake)
        value = penalty(critic, real, fake, on_real, on_fake)
        loss = on_fake.float().mean() - on_real.float().mean() + value
    found = torch.autograd.grad(loss, list(network.parameters()), allow_unused=True, materialize_grads=True)
    return value, torch.cat([each.flatten() for each in found])


@pytest.mark.parametrize("penalty", PENALTIES)
def test_rounding_to_bfloat16_changes_a_critic_step_much_less_than_another_batch_does(penalty):
    network = Network()
    exact, there = gradient(network, penalty, torch.float32, batch=0)
    rounded, here = gradient(network, penalty, torch.bfloat16, batch=0)
    assert network.computed_in == torch.bfloat16
    assert rounded.dtype == torch.float32
    assert exact > 0
    assert rounded.item() == pytest.approx(exact.item(), rel=0.03)
    elsewhere = gradient(network, penalty, torch.float32, batch=1)[1]
    assert 0 < (here - there).norm() < 0.05 * there.norm()
    assert (here - there).norm() < (elsewhere - there).norm() / 5


@pytest.mark.parametrize("penalty", PENALTIES)
def test_in_float16_a_penalty_is_that_in_float32(penalty):
    network = Network()
    exact = gradient(network, penalty, torch.float32, batch=0)[0]
    value = gradient(network, penalty, torch.float16, batch=0)[0]
    assert network.computed_in == torch.float32  # the penalty looked at the network last
    assert value.item() == pytest.approx(exact.item(), rel=1e-6)


def test_without_autocast_nothing_changes():
    with not_in_float16(torch.device("cpu")):
        assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.float32
