"""Samples beside the training images that are nearest to them."""

from types import SimpleNamespace

import pytest
import torch
from shown import cell, saved

from gan_lightning.data import read_png
from gan_lightning.errors import SettingError
from gan_lightning.sampling.neighbours import FeatureSpace, Neighbours, PixelSpace, nearest
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run


def test_the_nearest_training_images_are_found_as_one_by_one(task):
    images = task().data().images("train")
    pixels = images.pixels(list(range(len(images))))
    wanted = pixels[[5, 17]].clone()
    wanted[1, 0, 0, 0] ^= 1
    found = nearest(wanted, images, PixelSpace(), 3)
    distances = (wanted[:, None].float() - pixels[None].float()).flatten(2).norm(dim=2) / 127.5
    assert found.position.tolist() == distances.argsort(1)[:, :3].tolist()
    assert torch.allclose(found.distance, distances.sort(1).values[:, :3], atol=1e-4)
    assert found.distance[0, 0] == 0
    assert found.position[:, 0].tolist() == [5, 17]


def test_neighbours_stand_beside_their_samples(task):
    asked = task(n=3)
    sentence = run(Neighbours(PixelSpace(), 2), asked, Plain())
    assert "each before its 2 nearest training images, in pixels" in sentence
    lines = (asked.folder / "neighbours.csv").read_text().splitlines()
    assert len(lines) == 1 + 3 * 2
    picture, images = read_png(asked.folder / "grid.png"), asked.data().images("train")
    for line in lines[1:]:
        sample, rank, position, _ = line.split(",")
        assert torch.equal(cell(picture, int(sample), int(rank)), images.pixels([int(position)])[0])
        assert torch.equal(cell(picture, int(sample), 0), saved(asked)[int(sample)])


def test_neighbours_in_features_use_the_extractor(task):
    halves = SimpleNamespace(name="left", __call__=None)

    def extractor(_):
        def look(images):
            return SimpleNamespace(features=images[..., :8])

        look.name = halves.name
        return look

    asked = task(n=2, extractor=extractor)
    assert "in the features of left" in run(Neighbours(FeatureSpace(), 1), asked, Plain())
    with pytest.raises(SettingError, match=r"show=neighbours_by_features: .*no extractor; show=neighbours"):
        run(Neighbours(FeatureSpace(), 1), task(folder=asked.folder / "other"), Plain())
    with pytest.raises(SettingError, match=r"show.count=100: there are 24 training images"):
        run(Neighbours(PixelSpace(), 100), task(folder=asked.folder / "other"), Plain())
