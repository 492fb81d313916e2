"""Tables for the classes of Lightning and torch: they name what these classes take, and nothing else."""

from inspect import signature

import lightning.pytorch as L
import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint

from gan_lightning.console.declared.foreign import of_class

_CLASSES = [one for one in vars(torch.optim).values() if isinstance(one, type)]
OPTIMIZERS = [one for one in _CLASSES if issubclass(one, torch.optim.Optimizer)]


@pytest.mark.parametrize("kind", [L.Trainer, ModelCheckpoint])
def test_every_setting_of_a_table_is_one_of_the_class(kind):
    target = "lightning.pytorch.Trainer" if kind is L.Trainer else "lightning.pytorch.callbacks.ModelCheckpoint"
    kinds, _ = of_class(target)
    assert kinds
    assert kinds.keys() <= signature(kind).parameters.keys()


def test_every_setting_of_the_table_of_optimizers_is_one_of_some_optimizer():
    kinds, _ = of_class("torch.optim.Adam")
    taken = {name for optimizer in OPTIMIZERS for name in signature(optimizer).parameters}
    assert kinds.keys() <= taken
    assert signature(torch.optim.Adam).parameters.keys() - {"params"} <= kinds.keys()


def test_other_classes_have_no_table():
    assert of_class("lightning.pytorch.callbacks.EarlyStopping") == ({}, {})
    assert of_class("mine.Trainer") == ({}, {})
