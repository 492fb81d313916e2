"""A fused optimizer on parameters with channels last does what the usual one does on others."""

import copy
from typing import Any

import pytest
import torch
from torch import nn

from gan_lightning.models.layout import leave_out_copies, lie_beside_parameters


def layers() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ConvTranspose2d(8, 4, 4), nn.Flatten(), nn.Linear(324, 5))


def update(network: nn.Module, optimizer: Any, number: int) -> None:
    random = torch.Generator().manual_seed(number)
    optimizer.zero_grad()
    network(torch.randn(6, 3, 8, 8, generator=random)).square().mean().backward()
    optimizer.step()


@pytest.mark.parametrize(
    ("build", "settings"),
    [
        (torch.optim.Adam, {"lr": 1e-3, "betas": (0.5, 0.999)}),
        (torch.optim.AdamW, {"lr": 1e-3, "amsgrad": True}),
        (torch.optim.SGD, {"lr": 1e-2, "momentum": 0.9}),
    ],
)
def test_twenty_updates_are_the_same_also_after_a_resume(build, settings):
    usual, last = layers(), layers()
    theirs = build(usual.parameters(), foreach=True, **settings)
    for number in range(10):
        update(usual, theirs, number)
    # The others go on from a checkpoint of the usual ones.
    last.load_state_dict(usual.state_dict())
    last.to(memory_format=torch.channels_last)
    ours = build(last.parameters(), **settings)
    ours.load_state_dict(copy.deepcopy(theirs.state_dict()))
    for group in ours.param_groups:
        group.update(foreach=None, fused=True)
    lie_beside_parameters(ours)
    leave_out_copies(ours)
    for number in range(10, 20):
        update(usual, theirs, number)
        update(last, ours, number)
    assert last[0].weight.is_contiguous(memory_format=torch.channels_last)
    for one, other in zip(usual.parameters(), last.parameters(), strict=True):
        torch.testing.assert_close(other, one, rtol=1e-6, atol=1e-6)


def copies_in_a_step(optimizer: Any) -> int:
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        optimizer.step()
    return sum(event.name == "aten::clone" for event in profile.events())


def test_a_step_copies_no_gradient_and_leaves_gradients_as_they_were():
    network = layers().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    update(network, optimizer, 0)
    leave_out_copies(optimizer)
    before = [(parameter.grad, parameter.grad.clone()) for parameter in network.parameters()]
    assert copies_in_a_step(optimizer) == 0
    for parameter, (gradient, value) in zip(network.parameters(), before, strict=True):
        assert parameter.grad is gradient
        torch.testing.assert_close(parameter.grad, value, rtol=0, atol=0)
