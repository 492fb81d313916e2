"""A picture found again in the noise of a generator."""

import numpy as np
import pytest
import torch
from PIL import Image
from shown import cell

from gan_lightning.data import read_png
from gan_lightning.errors import SettingError
from gan_lightning.sampling.projection import Projection, project
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run


def test_an_image_of_the_generator_is_found_again(task):
    asked = task()
    model = asked.model("it")
    image = asked.ensemble.draw(torch.tensor([7]), torch.tensor([1]), 0)[0]
    u = torch.randn(8, 6, generator=torch.Generator().manual_seed(0))
    found = project(model, image, u, torch.arange(8) % 4, steps=150, lr=0.1, typical=0.0)
    assert found.error < 0.02 * float(image.square().mean())
    assert int(found.condition) == 1


def test_a_projection_is_written_beside_its_picture(task, tmp_path):
    asked = task(source=tmp_path / "mine.png")
    Image.fromarray(np.full((16, 16, 3), 200, np.uint8)).save(asked.source)
    sentence = run(Projection(starts=2, steps=3, lr=0.1, typical=0.001), asked, Plain())
    assert "they differ by" in sentence
    picture = read_png(asked.folder / "projection.png")
    assert (cell(picture, 0, 0) == 200).all()
    assert np.loadtxt(asked.folder / "latent.csv", delimiter=",").shape == (6,)


def test_projections_that_cannot_work_are_refused(task, tmp_path):
    show = Projection(starts=2, steps=3, lr=0.1, typical=0.001)
    with pytest.raises(SettingError, match=r"source: show=projection needs a picture"):
        run(show, task(), Plain())
    Image.new("RGB", (17, 16)).save(tmp_path / "wide.png")
    with pytest.raises(SettingError, match=r"wide.png: has 16 x 17 pixels .*images of 16 x 16; resize it"):
        run(show, task(source=tmp_path / "wide.png"), Plain())
    for place, what in ((tmp_path, "is a folder"), (tmp_path / "gone.png", "does not exist")):
        with pytest.raises(SettingError, match=f"source={place}: {what}; show=projection needs one picture"):
            run(show, task(source=place), Plain())
    with pytest.raises(SettingError, match=r"truncation=0.5: show=projection"):
        run(show, task(source=tmp_path / "wide.png", truncation=0.5), Plain())
    with pytest.raises(SettingError, match=r"show.steps=0"):
        Projection(starts=1, steps=0, lr=0.1, typical=0.0)
    assert not task().folder.exists()
