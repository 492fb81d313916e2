"""Pictures into several domains by the console script: a folder each, a grid, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image

from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.generate import generate
from gan_lightning.training import train

DOMAINS = ["kind0", "kind1", "yes", "no"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short run of StarGAN."""
    folder = tmp_path_factory.mktemp("stargan") / "run"
    small = ["model=stargan", "dataset=fake_domains", "dataset.source.size=8", "dataset.source.kinds=2"]
    small += ["dataset.batch_size=4", "dataset.resolution=[16,24]", "network.width=4", "network.translator.blocks=1"]
    small += ["trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0", "~callbacks.curves", "metrics=none"]
    with initialize_config_dir(CONF, version_base="1.3"):
        train(compose("train", [*small, "max_generator_steps=1", f"run_dir={folder}"]))
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures of different sizes, one of which is in a subfolder."""
    random = np.random.default_rng(0)
    for name, size in {"a.png": (20, 30), "b/c.jpg": (33, 17)}.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(256, size=(*size, 3), dtype=np.uint8)).save(tmp_path / "in" / name)
    return tmp_path / "in"


def asked(run: Path, source: Path, *overrides: str) -> str:
    with initialize_config_dir(CONF, version_base="1.3"):
        fixed = [f"checkpoint={run}", f"source={source}", f"output={source.parent}/out", f"run_dir={source.parent}/run"]
        return generate(compose("generate", [*fixed, *overrides]))


def test_all_domains_have_a_folder_each_and_a_grid(run, pictures):
    said = asked(run, pictures, "domain=all")
    out = pictures.parent / "out"
    assert f"8 pictures in {out}, a folder for each domain, side by side in {out}/grid.png" in said
    for domain in DOMAINS:
        with Image.open(out / domain / "a.png") as first, Image.open(out / domain / "b" / "c.png") as second:
            assert (first.size, second.size) == ((30, 20), (17, 33))
    with Image.open(out / "grid.png") as grid:
        # Two rows of five pictures of 24 x 16 pixels, twice as large, with two pixels between.
        assert grid.size == (5 * (48 + 2) + 2, 2 * (32 + 2) + 2)
    assert (run / "samples" / "000000000.png").exists()


def test_one_domain_is_as_its_direction(run, pictures, monkeypatch):
    asked(run, pictures, "domain=Kind-1")
    made = (pictures.parent / "out" / "a.png").read_bytes()
    again = asked(run, pictures / "a.png", "direction=any2kind1", f"output={pictures.parent}/again")
    assert "1 picture in" in again
    assert (pictures.parent / "again" / "a.png").read_bytes() == made


def test_a_broken_picture_spoils_neither_the_other_ones_nor_the_grid(run, pictures):
    (pictures / "broken.png").write_bytes(b"no picture")
    with pytest.raises(SettingError, match=r"1 of 3 files could not be read \(broken.png\)"):
        asked(run, pictures, "domain=[yes,no]")
    for domain in ("yes", "no"):
        assert (pictures.parent / "out" / domain / "a.png").exists()
    assert (pictures.parent / "out" / "grid.png").exists()


def test_deep_pictures_are_read_by_one_range_for_the_grid_too(run, pictures):
    for name, value in {"b/c.jpg": 0, "deep.tif": 100, "deeper.tif": 1000}.items():
        (pictures / name).unlink(missing_ok=True)
        if value:
            Image.new("I", (24, 16), value).save(pictures / name)
    asked(run, pictures, "domain=[yes,no]")
    with Image.open(pictures.parent / "out" / "grid.png") as grid:
        # The middle of the first picture of the second and the third row: 100 and 1000 of 0 to 1023.
        assert [grid.getpixel((26, 2 + row * 34 + 16))[0] for row in (1, 2)] == [25, 249]


def test_a_folder_for_all_domains_that_cannot_be_used_is_refused_by_its_name(run, pictures):
    """Not by the name of the grid, which is drawn last."""
    (pictures.parent / "file").touch()
    for output, why in ((pictures / "out", "lies inside source="), (pictures.parent / "file" / "out", "")):
        with pytest.raises(SettingError, match=rf"^output={output}.*: ({why}|cannot be written \(Not a directory\))"):
            asked(run, pictures, "domain=all", f"output={output}")
    assert sorted(path.name for path in pictures.iterdir()) == ["a.png", "b"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["domain=blond"], "domain=blond: this checkpoint translates into kind0, kind1, yes, no"),
        (["domain=[yes,blond]"], "domain=blond: this checkpoint translates into"),
        (["domain=yes", "direction=any2no"], "direction=any2no: domain=yes says it already"),
        (["domain=all", "tile=64"], "tile=64: several domains are made of whole pictures; leave tile out"),
        (["n=3"], "n=3: this checkpoint translates pictures, which have no number to choose"),
        (["columns=2"], "columns=2: this checkpoint translates pictures, which have no columns to choose"),
        (["direction=a2b"], "this checkpoint has learnt any2kind0, any2kind1, any2yes, any2no only"),
    ],
)
def test_what_cannot_be_translated_is_refused_before_anything_is_written(run, pictures, overrides, message):
    with pytest.raises(SettingError, match=message):
        asked(run, pictures, *overrides)
    assert not (pictures.parent / "out").exists()


def test_the_run_shows_its_pictures_in_all_domains(run):
    """A row of held-out pictures, and a row for each of four domains; over time, the first domain at two moments."""
    for name, rows in {"samples/000000000.png": 5, "training.png": 6}.items():
        with Image.open(run / name) as picture:
            assert picture.size == (8 * (48 + 2) + 2, rows * (32 + 2) + 2)
    assert torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["config"]["spec"]["planes"] == 3
