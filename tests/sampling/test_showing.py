"""What can be shown of a generator: the files that are written, and what is refused before."""

import pytest
import torch
from shown import saved

from gan_lightning.data import ImageKind, PointKind, quantise
from gan_lightning.errors import SettingError
from gan_lightning.sampling import showing
from gan_lightning.sampling.class_sweep import ClassSweep
from gan_lightning.sampling.code_sweep import CodeSweep
from gan_lightning.sampling.directions import Directions
from gan_lightning.sampling.neighbours import Neighbours
from gan_lightning.sampling.projection import Projection
from gan_lightning.sampling.reconstructions import Reconstructions
from gan_lightning.sampling.rejection import Rejection
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import Samples, most_shown, refuse_unused, run
from gan_lightning.sampling.styles import StyleMixing, Truncation
from gan_lightning.sampling.walks import Walk


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


IGNORED = {
    Samples: [],
    ClassSweep: ["n", "columns"],
    CodeSweep: ["n", "columns"],
    Directions: ["n"],
    Neighbours: ["columns"],
    Projection: ["n", "columns"],
    Reconstructions: ["labels", "caption", "captions", "truncation"],
    StyleMixing: ["n"],
    Truncation: ["n"],
    Walk: ["n"],
}


@pytest.mark.parametrize("show", IGNORED)
def test_settings_that_change_nothing_are_refused(show):
    settings = {"n": 3, "columns": 2, "labels": [1], "caption": "a", "captions": "b", "truncation": 0.5}
    for name, value in settings.items():
        given = {**dict.fromkeys(settings), name: value}
        if name in IGNORED[show]:
            with pytest.raises(SettingError, match=f"^{name}=.*: changes nothing in what is shown here; leave {name} "):
                refuse_unused(show, ImageKind(), given)
        else:
            refuse_unused(show, ImageKind(), given)
    with pytest.raises(SettingError, match=r"^columns=2: changes nothing"):  # points have none
        refuse_unused(show, PointKind(), {**dict.fromkeys(settings), "columns": 2})


def test_a_picture_shows_whole_rows_as_far_as_it_can():
    assert most_shown(torch.zeros(1, 3, 16, 16), 8) == 80_000_000 // (64 * 64 * 8) * 8
    assert most_shown(torch.zeros(1, 3, 100_000, 100), 8) == 8


def test_a_sampler_and_a_source_are_refused_where_they_have_no_use(task):
    with pytest.raises(SettingError, match=r"sampler: chooses single samples, .*leave sampler out"):
        run(ClassSweep(2), task(), Rejection(10, None, 10))
    with pytest.raises(SettingError, match=r"source=x.png: this checkpoint makes images from noise"):
        run(Samples(), task(source="x.png"), Plain())
