"""What gan-generate is asked for: the conditions of samples, and the only model."""

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.models import Ensemble
from gan_lightning.sampling.class_sweep import ClassSweep
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run


def test_labels_come_in_turn_once_from_each_of_several_models(task):
    one = task()
    asked = task(ensemble=Ensemble([*one.ensemble.members, *one.ensemble.members]), wanted=torch.tensor([3, 1]))
    assert asked.conditions(torch.arange(6)).tolist() == [3, 3, 1, 1, 3, 3]
    with pytest.raises(SettingError, match=r"show=classes works with one checkpoint, and several are given"):
        run(ClassSweep(2), asked, Plain())
