"""The examples in docstrings of losses, penalties and scores: each formula has one, and each gives what it shows."""

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest
import torch

from gan_lightning import losses
from gan_lightning.metrics import scores


def modules(package: ModuleType) -> list[str]:
    return [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]


FORMULAS = [
    *(value for name in losses.__all__ if inspect.isclass(value := getattr(losses, name))),
    *(
        value
        for name in modules(scores)
        for value in vars(importlib.import_module(name)).values()
        if inspect.isfunction(value) and value.__module__ == name and not value.__name__.startswith("_")
    ),
]
"""The classes of losses, and the pure functions of scores."""


@pytest.mark.parametrize("name", [*modules(losses), *modules(scores)])
def test_examples_give_what_they_show(name):
    module = importlib.import_module(name)
    assert (
        doctest.testmod(module, extraglobs={"torch": torch, "nn": torch.nn}, optionflags=doctest.ELLIPSIS).failed == 0
    )


@pytest.mark.parametrize("formula", [value for value in FORMULAS if not inspect.isabstract(value)])
def test_every_formula_has_an_example(formula):
    assert ">>>" in formula.__doc__
