"""Whether an update is finite, and the name of what is not."""

import pytest
import torch
from torch import nn

from gan_lightning.models.finite import is_finite, not_finite, what_is_not

BAD = [float("nan"), float("inf"), -float("inf")]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_number_among_many_is_found(bad: float, place: int) -> None:
    loss, gradients = torch.zeros(()), [torch.ones(3, 4), torch.ones(5)]
    assert is_finite(loss, gradients)
    if place == 0:
        loss = loss + bad
    else:
        gradients[place - 1].view(-1)[2] = bad
    assert not is_finite(loss, gradients)


@pytest.mark.parametrize("bad", BAD)
def test_the_first_term_is_named_before_the_gradients(bad: float) -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    network(torch.ones(1, 2)).sum().backward()
    terms = {"loss_a": torch.tensor(1.0), "loss_b": torch.tensor(bad), "loss_c": torch.tensor(bad)}
    assert what_is_not({}, network) == "the loss as a whole"
    network[1].weight.grad[0, 1] = bad
    assert what_is_not({"loss_a": terms["loss_a"]}, network) == "the gradient of 1.weight"
    assert what_is_not(terms, network) == f"loss_b is {bad}"


@pytest.mark.parametrize("bad", BAD)
def test_names_of_tensors_are_those_that_hold_such_a_number(bad: float) -> None:
    tensors = {"weight": torch.ones(3, 2), "steps": torch.tensor(2**40), "half": torch.ones(4, dtype=torch.bfloat16)}
    assert not_finite(tensors) == []
    tensors["half"][3] = bad
    assert not_finite(tensors) == ["half"]
    tensors["weight"][1, 1] = bad
    assert not_finite(tensors) == ["weight", "half"]
