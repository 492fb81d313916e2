"""Updates that are left out change neither parameters nor the optimizer's state, at once and on the device."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.models.guards import AtOnce, Guard, Later, step_unless

Answers = list[tuple[str, int, bool]]
NAN = torch.tensor(float("nan"))


def at_once(answers: Answers) -> AtOnce:
    return AtOnce(lambda *answer: answers.append(answer), bool, unscales=False)


def later(answers: Answers) -> Later:
    return Later(lambda *answer: answers.append(answer), ["g"], torch.device("cpu"))


def learner(kind: Any) -> tuple[nn.Parameter, torch.optim.Optimizer]:
    parameter = nn.Parameter(torch.arange(1.0, 4.0))
    return parameter, kind([parameter], lr=0.1)


def update(guard: Guard, parameter: Tensor, optimizer: Any, loss: Tensor, waits: Tensor | None = None) -> None:
    parameter.grad = torch.ones(3)
    guard.step("g", optimizer, loss, [parameter.grad], waits)


OPTIMIZERS = [
    torch.optim.Adam,
    lambda parameters, lr: torch.optim.Adam(parameters, lr=lr, fused=True),
    lambda parameters, lr: torch.optim.SGD(parameters, lr=lr, momentum=0.9),
    torch.optim.RMSprop,
]


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=["adam", "fused", "momentum", "rmsprop"])
def test_a_step_that_is_left_out_on_the_device_is_as_if_it_had_never_been_asked_for(kind: Any) -> None:
    (ours, optimizer), (theirs, plain) = learner(kind), learner(kind)
    for bad in (False, True, False, True):
        gradient = torch.randn(3)
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        before = copy.deepcopy(optimizer.state_dict()["state"])
        step_unless(torch.tensor(bad), optimizer)
        if not bad:
            plain.step()
        elif kind is not OPTIMIZERS[1]:  # what is fused keeps its counter in its own way
            torch.testing.assert_close(optimizer.state_dict()["state"], before, rtol=0, atol=0)
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("make", [at_once, later])
def test_what_is_not_finite_is_answered_for_and_what_waits_is_not(make: Callable[[Answers], Any]) -> None:
    answers: Answers = []
    guard, (parameter, optimizer) = make(answers), learner(torch.optim.SGD)
    cases = [(torch.zeros(()), None), (NAN, None), (torch.zeros(()), torch.tensor(True)), (torch.zeros(()), None)]
    for loss, waits in cases:
        update(guard, parameter, optimizer, loss, waits)
    if isinstance(guard, Later):
        assert not answers  # until it is asked
        guard.count({"g": 4})
    guard.report()
    assert [left_out for _, _, left_out in answers] == [False, True, False, False]
    assert [ago for _, ago, _ in answers] == ([3, 2, 1, 0] if isinstance(guard, Later) else [0] * 4)
    torch.testing.assert_close(parameter.detach(), torch.arange(1.0, 4.0) - 2 * 0.1)
    guard.report()
    assert len(answers) == 4


@pytest.mark.parametrize("make", [at_once, later])
def test_a_gradient_that_is_not_finite_is_enough(make: Callable[[Answers], Any]) -> None:
    guard, (parameter, optimizer) = make([]), learner(torch.optim.SGD)
    parameter.grad = torch.tensor([1.0, float("inf"), 1.0])
    guard.step("g", optimizer, torch.zeros(()), [parameter.grad])
    assert torch.equal(parameter.detach(), torch.arange(1.0, 4.0))


@pytest.mark.parametrize("make", [at_once, later])
def test_buffers_are_put_back_once_after_an_update_was_left_out(make: Callable[[Answers], Any]) -> None:
    guard, (parameter, optimizer) = make([]), learner(torch.optim.SGD)
    kept, buffer = {"mean": torch.zeros(2)}, torch.ones(2)
    update(guard, parameter, optimizer, torch.zeros(()))
    guard.restore(kept, {"mean": buffer})
    assert buffer.tolist() == [1, 1]
    update(guard, parameter, optimizer, NAN)
    guard.restore(kept, {"mean": buffer})
    assert buffer.tolist() == [0, 0]
    buffer.fill_(2)
    guard.restore(kept, {"mean": buffer})
    assert buffer.tolist() == [2, 2]


def test_a_process_follows_the_decision_of_all() -> None:
    """Here another one found something that is not finite."""
    answers: Answers = []
    guard = AtOnce(lambda *answer: answers.append(answer), lambda mine: False, unscales=False)
    parameter, optimizer = learner(torch.optim.SGD)
    update(guard, parameter, optimizer, torch.zeros(()))
    assert answers == [("g", 0, True)]
    assert torch.equal(parameter.detach(), torch.arange(1.0, 4.0))
