"""The same noise under every class."""

import pytest
import torch
from PIL import Image
from shown import saved

from gan_lightning.data import quantise
from gan_lightning.errors import SettingError
from gan_lightning.sampling.class_sweep import ClassSweep
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run


def test_columns_have_one_class_and_rows_one_noise(task):
    asked = task(wanted=torch.tensor([2, 0]))
    run(ClassSweep(3), asked, Plain())
    expected = asked.ensemble.draw(torch.tensor([0, 0, 1, 1, 2, 2]), torch.tensor([2, 0] * 3), 0)
    assert torch.equal(saved(asked), quantise(expected))
    with Image.open(asked.folder / "grid.png") as picture:
        assert picture.size == (2 * 66 + 2, 3 * 66 + 2)


def test_a_sweep_without_classes_or_without_end_is_refused(task):
    with pytest.raises(SettingError, match=r"show=classes: this checkpoint's generator knows no classes"):
        run(ClassSweep(3), task("model=dcgan"), Plain())
    with pytest.raises(SettingError, match=r"show.rows=1000, 40 classes: 40,000 images side by side .*labels="):
        run(ClassSweep(1000), task(wanted=torch.arange(40) % 4), Plain())
