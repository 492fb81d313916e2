"""Pictures of a translator's progress: which rows they have, and what every row shows."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from gan_lightning import load
from gan_lightning.data import FakeSides
from gan_lightning.errors import SettingError
from gan_lightning.metrics import quantise
from gan_lightning.training import train

COMMON = ["network.width=4", "dataset.source.size=6", "dataset.batch_size=3", "dataset.resolution=32", "metrics=none"]
PIX2PIX = ["model=pix2pix", "dataset=fake_pairs", *COMMON]
CYCLEGAN = ["model=cyclegan", "dataset=fake_unpaired", "network.translator.blocks=1", *COMMON]
COLUMNS = ["callbacks.samples.columns=4"]
CELL = 66  # 32 pixels, each enlarged to 2 x 2, and 2 between pictures


def opened(file: Path | io.BytesIO) -> np.ndarray:
    with Image.open(file) as picture:
        return np.array(picture)


def grids(run: Path) -> list[np.ndarray]:
    """All sample grids of a run, in order."""
    return [opened(file) for file in sorted((run / "samples").iterdir())]


def rows(picture: np.ndarray) -> np.ndarray:
    """A grid's pictures as (row, column, 32, 32, 3)."""
    height, width = ((side - 2) // CELL for side in picture.shape[:2])
    assert picture.shape == (height * CELL + 2, width * CELL + 2, 3)
    cells = picture[2:, 2:].reshape(height, CELL, width, CELL, 3).transpose(0, 2, 1, 3, 4)[:, :, :64, :64]
    assert np.array_equal(cells[:, :, ::2, ::2], cells[:, :, 1::2, 1::2])
    return cells[:, :, ::2, ::2]


def shown(images: Tensor) -> np.ndarray:
    """Colour pictures (N, 3, H, W) in [-1, 1] or uint8 as a row of the grid."""
    return (images if images.dtype == torch.uint8 else quantise(images)).permute(0, 2, 3, 1).numpy()


def held_out(channels_a: int = 3, channels_b: int = 3, paired: bool = False) -> tuple[Tensor, Tensor]:
    """The first four pictures of each domain, uint8."""
    sides = FakeSides(6, channels_a, channels_b, paired).load("test", (32, 32))
    return sides.a.pixels([0, 1, 2, 3]), sides.b.pixels([0, 1, 2, 3])


def scaled(pixels: Tensor) -> Tensor:
    return pixels.float() / 127.5 - 1


def test_pairs_have_rows_of_sources_outputs_and_targets(composed, tmp_path):
    train(composed(*PIX2PIX, *COLUMNS, "trainer.max_epochs=2"))
    found = [rows(grid) for grid in grids(tmp_path / "run")]
    a, b = held_out(paired=True)
    for grid in found:
        assert grid.shape == (3, 4, 32, 32, 3)
        assert np.array_equal(grid[0], shown(a))
        assert np.array_equal(grid[2], shown(b))
    model = load(tmp_path / "run" / "checkpoints" / "last.ckpt").model
    assert np.array_equal(found[-1][1], shown(model.translate(scaled(a))))
    assert not np.array_equal(found[0][1], found[-1][1])


def test_the_other_direction_starts_with_the_other_domain(composed, tmp_path):
    train(composed(*PIX2PIX, *COLUMNS, "dataset.direction=b2a", "max_generator_steps=1"))
    a, b = held_out(paired=True)
    grid = rows(grids(tmp_path / "run")[-1])
    assert np.array_equal(grid[0], shown(b))
    assert np.array_equal(grid[2], shown(a))


def test_two_domains_have_both_directions_each_with_its_way_back(composed, tmp_path):
    train(composed(*CYCLEGAN, *COLUMNS, "trainer.max_epochs=2"))
    grid = rows(grids(tmp_path / "run")[-1])
    assert grid.shape == (6, 4, 32, 32, 3)
    model = load(tmp_path / "run" / "checkpoints" / "last.ckpt").model
    a, b = held_out()
    for start, pixels, there, back in ((0, a, "a2b", "b2a"), (3, b, "b2a", "a2b")):
        output = model.translate(scaled(pixels), there)
        for row, expected in enumerate([pixels, output, model.translate(output, back)]):
            assert np.array_equal(grid[start + row], shown(expected)), (there, row)


def test_targets_stand_between_outputs_and_the_way_back_where_they_are_known(composed, tmp_path):
    train(composed(*CYCLEGAN, *COLUMNS, "dataset.source.paired=true", "max_generator_steps=1"))
    grid = rows(grids(tmp_path / "run")[-1])
    assert grid.shape == (8, 4, 32, 32, 3)
    a, b = (shown(pixels) for pixels in held_out(paired=True))
    for row, expected in ((0, a), (2, b), (4, b), (6, a)):
        assert np.array_equal(grid[row], expected), row


def test_strip_shows_outputs_over_time_between_sources_and_targets(composed, tmp_path):
    train(composed(*PIX2PIX, *COLUMNS, "trainer.max_epochs=3"))
    strip = rows(opened(tmp_path / "run" / "training.png"))
    a, b = held_out(paired=True)
    outputs = [rows(grid)[1] for grid in grids(tmp_path / "run")]
    assert len(outputs) == 4
    for found, expected in zip(strip, [shown(a), *outputs, shown(b)], strict=True):
        assert np.array_equal(found, expected)


def test_strip_of_two_domains_shows_the_first_direction_and_is_thinned_out(composed, tmp_path):
    train(composed(*CYCLEGAN, *COLUMNS, "trainer.max_epochs=4", "callbacks.samples.strip_rows=3"))
    strip = rows(opened(tmp_path / "run" / "training.png"))
    outputs = [rows(grid)[1] for grid in grids(tmp_path / "run")]
    expected = [shown(held_out()[0]), outputs[0], outputs[2], outputs[4]]
    for found, wanted in zip(strip, expected, strict=True):
        assert np.array_equal(found, wanted)


def test_columns_beyond_the_held_out_pictures_stay_white(composed, tmp_path):
    train(composed(*CYCLEGAN, "max_generator_steps=1"))
    grid = rows(grids(tmp_path / "run")[-1])
    assert grid.shape[:2] == (6, 8)
    assert (grid[:, 6:] == 255).all()
    assert not (grid[:, :6] == 255).all((2, 3, 4)).any()


@pytest.mark.parametrize("channels", [(1, 4), (2, 1), (4, 2)])
def test_grey_and_transparent_pictures_are_shown_on_white(composed, tmp_path, channels):
    kinds = [f"dataset.source.channels_{side}={n}" for side, n in zip("ab", channels, strict=True)]
    train(composed(*CYCLEGAN, *COLUMNS, *kinds, "model.identity=0", "max_generator_steps=1"))
    grid = rows(grids(tmp_path / "run")[-1])
    assert grid.shape == (6, 4, 32, 32, 3)
    model = load(tmp_path / "run" / "checkpoints" / "last.ckpt").model
    a, b = held_out(*channels)
    outputs = quantise(model.translate(scaled(a))), quantise(model.translate(scaled(b), "b2a"))
    for row, pixels in ((0, a), (1, outputs[0]), (3, b), (4, outputs[1])):
        for cell, picture in zip(grid[row], pixels, strict=True):
            # Outputs are laid on white before they are rounded, here it is the other way round.
            assert np.abs(on_white(picture) - cell.astype(int)).max() <= 2, row


def on_white(picture: Tensor) -> np.ndarray:
    """What Pillow shows of a picture (C, H, W) uint8 on a white ground."""
    drawn = Image.fromarray(picture.permute(1, 2, 0).squeeze(2).numpy())
    assert drawn.mode == ("L", "LA", "RGB", "RGBA")[len(picture) - 1]
    ground = Image.new("RGBA", drawn.size, "white")
    ground.alpha_composite(drawn.convert("RGBA"))
    return np.array(ground.convert("RGB")).astype(int)


def test_large_and_oblong_pictures_are_not_enlarged(composed, tmp_path):
    train(composed(*CYCLEGAN, *COLUMNS, "dataset.resolution=[24,64]", "max_generator_steps=1"))
    assert grids(tmp_path / "run")[-1].shape == (6 * 26 + 2, 4 * 66 + 2, 3)


@pytest.mark.parametrize("setting", ["columns", "strip_rows"])
def test_no_column_or_row_is_refused(composed, setting):
    with pytest.raises(SettingError, match=rf"callbacks\.samples\.{setting}=0: a whole number from 1"):
        train(composed(*PIX2PIX, f"callbacks.samples.{setting}=0"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # from TensorBoard's own code
def test_tensorboard_gets_every_grid(composed, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(composed("logger=tensorboard", *CYCLEGAN, *COLUMNS, "trainer.max_epochs=2"))
    written = grids(tmp_path / "run")
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"), {"images": 0})
    events.Reload()
    logged = events.Images("samples")
    assert [event.step for event in logged] == [0, 6, 12]
    for event, grid in zip(logged, written, strict=True):
        assert np.array_equal(opened(io.BytesIO(event.encoded_image_string)), grid)


def test_wandb_gets_every_grid(composed, tmp_path):
    train(composed("logger=wandb", *CYCLEGAN, *COLUMNS, "trainer.max_epochs=2"))
    (folder,) = (tmp_path / "run").glob("wandb/offline-run-*/files/media/images")
    by_step = sorted(folder.iterdir(), key=lambda file: int(file.name.split("_")[1]))
    for file, grid in zip(by_step, grids(tmp_path / "run"), strict=True):
        assert np.array_equal(opened(file), grid)
