"""Paths between samples, and the films and pictures of walks along them."""

from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from shown import cell

from gan_lightning.data import quantise, read_png
from gan_lightning.errors import SettingError
from gan_lightning.sampling.films import GIF
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run
from gan_lightning.sampling.walks import Linear, Spherical, Walk


def test_paths_begin_and_end_where_they_should_and_arcs_keep_the_length():
    start, end = torch.randn(2, 5, 8)
    for path in (Linear(), Spherical()):
        assert torch.allclose(path.between(start, end, 0.0), start, atol=1e-5)
        assert torch.allclose(path.between(start, end, 1.0), end, atol=1e-5)
    one, other = (side / side.norm(dim=1, keepdim=True) for side in (start, end))
    middle = Spherical().between(one, other, 0.5)
    assert torch.allclose(middle.norm(dim=1), torch.ones(5), atol=1e-5)
    assert torch.allclose((middle * one).sum(1), (middle * other).sum(1), atol=1e-5)
    for special in (start, -start):  # no angle, or one without a plane
        assert Spherical().between(start, special, 0.5).isfinite().all()


def test_a_walk_goes_through_samples_and_returns(task):
    asked = task(columns=4)
    sentence = run(Walk(Spherical(), GIF(10), walks=2, stops=2, steps=2), asked, Plain())
    assert "2 walks of 4 frames in" in sentence
    with Image.open(asked.folder / "walk.gif") as film:
        assert (film.n_frames, film.info["duration"], film.info["loop"]) == (4, 100, 0)
        assert film.size == (2 * 66 + 2, 66 + 2)
    picture = read_png(asked.folder / "grid.png")
    # Two stops: the walks begin at the samples 0 and 1, and their second stops are the samples 2 and 3.
    samples = asked.ensemble.draw(torch.arange(4), torch.tensor([0, 1, 0, 1]), 0)
    for walk in (0, 1):
        assert torch.equal(cell(picture, walk, 0), quantise(samples)[walk])
        assert torch.equal(cell(picture, walk, 2), quantise(samples)[2 + walk])
        assert torch.equal(cell(picture, walk, 1), cell(picture, walk, 3))  # there and back
        assert not torch.equal(cell(picture, walk, 0), cell(picture, walk, 1))


def test_walks_that_cannot_work_are_refused(task):
    with pytest.raises(SettingError, match=r"show.steps=0: a whole number from 1"):
        Walk(Linear(), GIF(10), 2, 2, 0)
    with pytest.raises(SettingError, match=r"show.stops=1: a walk needs at least 2"):
        Walk(Linear(), GIF(10), 2, 1, 2)
    with pytest.raises(SettingError, match=r"show.steps=1000: .*frames of 900 images.*smaller number"):
        run(Walk(Linear(), GIF(10), 900, 1000, 1000), task(), Plain())
    with pytest.raises(SettingError, match=r"film.frames_per_second=60: a GIF shows at most 50; .* film=mp4"):
        run(Walk(Linear(), GIF(60), 2, 2, 2), task(), Plain())
    with pytest.raises(SettingError, match=r"maps noise to another latent w.*show=linear_walk"):
        Spherical().check(SimpleNamespace(mean_w=lambda: torch.zeros(2)))
