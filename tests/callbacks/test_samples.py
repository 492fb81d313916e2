"""Pictures of samples after every validation."""

import numpy as np
import pytest
import torch
from hydra.utils import instantiate
from PIL import Image

from gan_lightning.data import FRAME, grid
from gan_lightning.data.contracts import scaled
from gan_lightning.errors import SettingError
from gan_lightning.training import train

DIGITS = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=100"]


def test_grid_enlarges_small_images_and_keeps_their_colours():
    images = torch.full((4, 3, 16, 16), -1.0)
    images[1, 0] = 1.0
    picture = grid(images, columns=2)
    assert picture.shape == (3, 2 * 66 + 2, 2 * 66 + 2)
    assert picture[:, 3, 3].tolist() == [0, 0, 0]
    assert picture[:, 3, 80].tolist() == [255, 0, 0]
    assert grid(torch.zeros(2, 1, 128, 128), columns=2).shape == (3, 132, 2 * 130 + 2)


def test_pictures_after_every_validation_come_from_the_same_noise_above_real_ones(composed, tmp_path):
    config = composed("model=cgan", *DIGITS, "trainer.max_epochs=3", "trainer.check_val_every_n_epoch=1")
    train(config)
    samples = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.stem for path in samples] == [f"{epoch * 44 * 32:09}" for epoch in range(4)]
    with Image.open(tmp_path / "run" / "training.png") as strip:
        rows = np.array(strip)
    assert rows.shape == (5 * 66 + 2, 8 * 66 + 2, 3)
    with Image.open(tmp_path / "run" / "real.png") as picture:
        real = np.array(picture)
    assert real.shape == (8 * 66 + 2, 8 * 66 + 2, 3)
    for row, path in enumerate(samples):
        with Image.open(path) as picture:
            grid_of_samples = np.array(picture)
        assert grid_of_samples.shape == (9 * 66 + 2, 8 * 66 + 2, 3)
        assert np.array_equal(grid_of_samples[2:66], rows[row * 66 + 2 : row * 66 + 66]), path
        last = grid_of_samples[-68:]
        assert np.array_equal(last, rows[-68:])
        assert all((last[edge] == FRAME).all() for edge in (0, 1, -2, -1))
        assert (last[:, [0, 1, 66, 67, -2, -1]] == FRAME).all()
        for column in range(8):
            inside = slice(column * 66 + 2, column * 66 + 66)
            assert np.array_equal(last[2:66, inside], real[2:66, inside])


def test_real_images_are_of_the_wanted_classes_and_differ(composed):
    data = instantiate(composed("dataset=digits").dataset)
    label = torch.arange(20) % 10
    chosen = data.examples(20, label)
    images = data.images("train")
    for image, one in zip(chosen, label, strict=True):
        same = (scaled(images.pixels(list(range(len(images))))) == image).flatten(1).all(1)
        assert one in images.labels[same]
    assert len({image.numpy().tobytes() for image in data.examples(30, None)}) == 30
    assert torch.equal(data.examples(20, label), chosen)


def test_strip_is_thinned_out_from_first_to_last(composed, tmp_path):
    every = "trainer.check_val_every_n_epoch=1"
    train(composed(*DIGITS, "trainer.max_epochs=4", every, "callbacks.samples.strip_rows=3"))
    with Image.open(tmp_path / "run" / "training.png") as strip:
        rows = np.array(strip)
    assert rows.shape[0] == 4 * 66 + 2
    last = sorted((tmp_path / "run" / "samples").iterdir())[-1]
    with Image.open(last) as picture:
        assert np.array_equal(np.array(picture)[2:66], rows[2 * 66 + 2 : 3 * 66])


@pytest.mark.parametrize(
    ("columns", "strip_rows", "model", "told"),
    [
        (210, 10, "dataset=fake", "columns=210: 213 rows of 210 images"),
        (100, 900, "dataset=fake", "strip_rows=900: 902 rows of 100 images"),
        (900, 50, "model=cyclegan", "strip_rows=50: 52 rows of 900 images"),
    ],
)
def test_pictures_too_large_to_be_opened_are_refused_before_training(
    composed, tmp_path, columns, strip_rows, model, told
):
    data = "dataset=fake_unpaired" if model == "model=cyclegan" else "max_images=1024"
    small = ["dataset.source.size=64", "dataset.resolution=32", "network.width=4", "metrics=none", "max_images=1024"]
    shown = [f"callbacks.samples.columns={columns}", f"callbacks.samples.strip_rows={strip_rows}"]
    with pytest.raises(SettingError, match=rf"callbacks.samples.{told}.*at most 80,000,000 are drawn"):
        train(composed(model, data, *small, *shown))
    assert not (tmp_path / "run" / "samples").exists()
