"""Pictures of more than 8 bits from training to scores and translations: a value means the same everywhere."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from composing import composed
from PIL import Image
from torch import Tensor

from gan_lightning.evaluate import evaluate
from gan_lightning.generate import generate
from gan_lightning.metrics.scores import sliced_wasserstein
from gan_lightning.models import CycleGAN, Pix2Pix
from gan_lightning.training import train

SMALL = [
    *("network.width=4", "dataset.batch_size=4", "max_images=8", "trainer.accelerator=cpu"),
    "callbacks.progress.refresh_rate=0",
]
GREY = ["dataset.source.channels_a=1", "dataset.source.channels_b=1", "dataset.resolution=32"]


@pytest.fixture(autouse=True, scope="module")
def fewer_patches() -> Any:
    """So that the scores are quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sliced_wasserstein, "PATCHES", 256)
        yield


def write(folder: Path, low: float, high: float, kind: type, side: int = 16, count: int = 10) -> Path:
    """Grey pictures whose values go from `low` to `high`, each picture over its own part of them."""
    folder.mkdir(parents=True)
    for i in range(count):
        shares = np.linspace(0, 1 - 0.05 * i, side * side).reshape(side, side)
        shares[0, :2] = 0, 1
        suffix = "png" if kind in (np.uint16, np.uint8) else "tif"
        Image.fromarray((low + shares * (high - low)).astype(kind)).save(folder / f"{i}.{suffix}")
    return folder


def scored(caplog: pytest.LogCaptureFixture, run: Path, *overrides: str) -> tuple[Any, str]:
    """The range in the protocol of an evaluation, and what was told."""
    caplog.clear()
    folder = run.parent / f"evaluation{len(list(run.parent.iterdir()))}"
    folder.mkdir()
    evaluate(composed("evaluate", f"checkpoint={run}", f"run_dir={folder}", "trainer.accelerator=cpu", *overrides))
    written = json.loads((folder / "scores.jsonl").read_text())
    return written["protocol"]["value_range"], " ".join(caplog.text.split())


@pytest.mark.parametrize(
    ("low", "high", "kind", "expected"),
    [
        (0, 4000, np.uint16, [0, 4095]),
        (0, 65000, np.uint16, [0, 65535]),
        (-1000, 2000, np.int32, [-1000, 2000]),
        (0, 7.5, np.float32, [0, 7.5]),
    ],
)
def test_scores_take_the_range_of_training(tmp_path, caplog, low, high, kind, expected):
    caplog.set_level("INFO", "gan_lightning")
    same = write(tmp_path / "same", low, high, kind)
    run = tmp_path / "run"
    data = ["dataset=folder", f"dataset.source.path={same}", "dataset.source.channels=1", "dataset.resolution=16"]
    train(composed("train", *data, "metrics=swd", "metrics.num_fake=4", *SMALL, f"run_dir={run}"))

    told_range = f"{expected[0]:g} to {expected[1]:g}"
    found, told = scored(caplog, run)
    assert found == expected
    assert f"{same} (from the checkpoint)" in told
    assert f"Range {told_range}, as in training" in told

    other = write(tmp_path / "other", low, low + (high - low) / 3, kind)
    found, told = scored(caplog, run, f"+dataset.source.path={other}")
    assert found == expected
    assert f"{other} (from the checkpoint, but source.path from the command line)" in told
    assert f"Range {told_range}, as in training" in told
    wider = write(tmp_path / "wider", low, high + (high - low) / 200, kind)
    named = ["dataset=folder", f"dataset.source.path={wider}", "dataset.source.channels=1", "dataset.resolution=16"]
    found, told = scored(caplog, run, *named)
    assert found == expected
    assert f"{wider} (from the command line)" in told
    assert ("outside and are clipped" in told) == (high + (high - low) / 200 > expected[1])

    found, told = scored(caplog, run, f"+dataset.source.path={other}", f"+dataset.source.value_range=[{low},{low + 9}]")
    assert found == [low, low + 9]
    assert f"the range is {low} to {low + 9}, but was {told_range} in training" in told
    flat = write(tmp_path / "flat", 0, 255, np.uint8)
    found, told = scored(caplog, run, f"+dataset.source.path={flat}")
    assert found is None
    assert f"the pictures have 8 bits; their 0 to 255 are mapped to {told_range}, the range in training" in told


def test_deep_pictures_are_measured_where_training_had_8_bits(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    flat, deep = write(tmp_path / "flat", 0, 255, np.uint8), write(tmp_path / "deep", 0, 4000, np.uint16)
    data = ["dataset=folder", f"dataset.source.path={flat}", "dataset.source.channels=1", "dataset.resolution=16"]
    train(composed("train", *data, "metrics=swd", "metrics.num_fake=4", *SMALL, f"run_dir={tmp_path}/run"))
    found, told = scored(caplog, tmp_path / "run", f"+dataset.source.path={deep}")
    assert found == [0, 4095]
    assert "the pictures have more than 8 bits, 0 to 4095; those in training had 8" in told


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run from 12 bits to Hounsfield units, and one each way without pairs."""
    folder = tmp_path_factory.mktemp("pairs")
    write(folder / "a", 0, 4000, np.uint16, side=32, count=4)
    write(folder / "b", -1000, 2000, np.int32, side=32, count=4)
    paired = ["dataset=paired_folder", f"dataset.source.a={folder}/a", f"dataset.source.b={folder}/b"]
    same = [*SMALL, *GREY, "dataset.load=null", "dataset.batch_size=2"]
    train(composed("train", "model=pix2pix", *paired, *same, f"run_dir={folder}/pix2pix"))
    for side in "ab":
        (folder / side).rename(folder / f"train{side.upper()}")
    unpaired = ["dataset=unpaired_folder", f"dataset.source.path={folder}", "metrics=none"]
    train(composed("train", "model=cyclegan", *unpaired, *same, f"run_dir={folder}/cyclegan"))
    return folder


def test_translations_of_deep_pairs_are_scored_in_their_ranges(pairs, tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    a = write(tmp_path / "a", 0, 900, np.uint16, side=32, count=4)
    b = write(tmp_path / "b", -1500, -500, np.int32, side=32, count=4)
    (tmp_path / "run").symlink_to(pairs / "pix2pix")
    found, told = scored(caplog, tmp_path / "run", f"+dataset.source.a={a}", f"+dataset.source.b={b}")
    assert found == {"a2b": [-1000, 2000]}
    assert "source 0 to 4095, as in training" in told
    assert "target -1000 to 2000, as in training" in told
    assert "are clipped" in told


def negative(self: Any, image: Tensor, *_: Any) -> Tensor:
    """A translation whose result is known, in place of one that was learnt."""
    return -image


def translate(source: Path, run: Path, output: Path, *overrides: str) -> str:
    given = [f"checkpoint={run}", f"source={source}", f"output={output}", f"run_dir={output}-run"]
    return generate(composed("generate", *given, *overrides))


@pytest.mark.parametrize(
    ("run", "direction", "kind", "before", "after"),
    [
        ("pix2pix", "null", np.uint16, (0, 4095), (-1000, 2000)),
        ("cyclegan", "a2b", np.uint16, (0, 4095), (-1000, 2000)),
        ("cyclegan", "b2a", np.int32, (-1000, 2000), (0, 4095)),
    ],
)
def test_levels_of_a_known_translation_are_right(
    pairs, tmp_path, monkeypatch, caplog, run, direction, kind, before, after
):
    caplog.set_level("INFO", "gan_lightning")
    (low, high), (new_low, new_high) = before, after
    monkeypatch.setattr(Pix2Pix, "translate", negative)
    monkeypatch.setattr(CycleGAN, "translate", negative)
    source = write(tmp_path / "source", low, high, kind, side=32, count=2)
    told = translate(source, pairs / run, tmp_path / "out", f"direction={direction}")
    assert told.startswith("2 pictures in")
    assert f"Values of {low} to {high} become 0 to 255, as in training" in caplog.text
    assert "clipped" not in caplog.text
    for file in source.iterdir():
        with Image.open(file) as given, Image.open(tmp_path / "out" / f"{file.stem}.tif") as written:
            shares = (np.asarray(given, np.float64) - low) / (high - low)
            expected = new_low + (1 - shares) * (new_high - new_low)
            assert np.asarray(written).dtype == np.float32
            # Networks see 256 levels.
            assert np.abs(np.asarray(written) - expected).max() <= 0.51 * (new_high - new_low) / 255
        with Image.open(tmp_path / "out" / f"{file.stem}.png") as shown:
            assert np.abs(np.asarray(shown, np.float64) - 255 * (1 - shares)).max() <= 1


def test_one_deep_file_is_read_in_the_range_of_training_and_clipping_is_told(pairs, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO", "gan_lightning")
    monkeypatch.setattr(Pix2Pix, "translate", lambda self, image, *_: image)
    for name, high, level in (("dim", 1000, 1000 / 4095), ("bright", 8190, 1.0)):
        caplog.clear()
        file = write(tmp_path / name, 0, high, np.uint16, side=32, count=1) / "0.png"
        assert translate(file, pairs / "pix2pix", tmp_path / f"{name}-out").startswith("1 picture in")
        with Image.open(tmp_path / f"{name}-out" / "0.tif") as written:
            assert np.asarray(written).max() == pytest.approx(-1000 + 3000 * level, abs=6)
        assert ("values from 0 to 8190" in caplog.text and "clipped" in caplog.text) == (name == "bright")
    flat = write(tmp_path / "flat", 0, 255, np.uint8, side=32, count=1)
    translate(flat, pairs / "pix2pix", tmp_path / "flat-out")
    assert "The sources have 8 bits; their 0 to 255 are mapped to 0 to 4095" in caplog.text
    with Image.open(tmp_path / "flat-out" / "0.tif") as written:
        assert (np.asarray(written).min(), np.asarray(written).max()) == (-1000, 2000)


def test_tiff_does_not_go_where_a_folder_will_be(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(Pix2Pix, "translate", lambda self, image, *_: image)
    write(tmp_path / "source", 0, 4000, np.uint16, side=32, count=1)
    write(tmp_path / "source" / "0.tif", 0, 4000, np.uint16, side=32, count=1)
    translate(tmp_path / "source", pairs / "pix2pix", tmp_path / "out")
    found = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found == {"0.png.png", "0.png.tif", "0.tif/0.png", "0.tif/0.tif"}
