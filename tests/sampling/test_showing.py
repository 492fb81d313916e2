"""What can be shown of a generator: the files that are written, and what is refused before."""

import pytest
import torch
from shown import saved

from gan_lightning.data import quantise
from gan_lightning.errors import SettingError
from gan_lightning.sampling import showing
from gan_lightning.sampling.class_sweep import ClassSweep
from gan_lightning.sampling.directions import Directions
from gan_lightning.sampling.rejection import Rejection
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import Samples, most_shown, run


def test_samples_are_the_same_in_every_batch(task, monkeypatch):
    asked = task(n=5)
    monkeypatch.setattr(showing, "BATCH", 2)
    sentence = run(Samples(), asked, Plain())
    assert torch.equal(saved(asked), quantise(asked.ensemble.sample(5)))
    assert sentence.startswith(f"5 images in {asked.folder}/images, ")
    assert "images/s, side by side in" in sentence
    with pytest.raises(SettingError, match=r"output=.*already holds pictures"):
        run(Directions(1, 1.0), asked, Plain())
    below_a_file = task(folder=asked.folder / "grid.png" / "new")
    with pytest.raises(SettingError, match=r"output=.*grid.png/new: cannot be written; choose another folder"):
        run(Samples(), below_a_file, Plain())


def test_a_picture_shows_whole_rows_as_far_as_it_can():
    assert most_shown(torch.zeros(1, 3, 16, 16), 8) == 80_000_000 // (64 * 64 * 8) * 8
    assert most_shown(torch.zeros(1, 3, 100_000, 100), 8) == 8


def test_a_sampler_and_a_source_are_refused_where_they_have_no_use(task):
    with pytest.raises(SettingError, match=r"sampler: chooses single samples, .*leave sampler out"):
        run(ClassSweep(2), task(), Rejection(10, None, 10))
    with pytest.raises(SettingError, match=r"source=x.png: this checkpoint makes images from noise"):
        run(Samples(), task(source="x.png"), Plain())
