"""A folder of few pictures gets what few pictures need, and any number of pictures trains."""

from pathlib import Path

import numpy as np
import pytest
from omegaconf import DictConfig, OmegaConf
from PIL import Image
from runs import gan_train

from gan_lightning.console import few

FOLDER = ["dataset=folder", "dataset.source.path=pictures", "hydra.run.dir=run"]
SHORT = [
    *("dataset.resolution=16", "metrics=none", "max_generator_steps=2", "trainer.accelerator=cpu"),
    "callbacks.progress.refresh_rate=0",
]


def pictures(folder: Path, count: int) -> None:
    (folder / "pictures").mkdir()
    for number in range(count):
        pixels = np.random.default_rng(number).integers(256, size=(20, 20, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "pictures" / f"{number}.png")


def trained(folder: Path, *settings: str) -> tuple[DictConfig, str]:
    """The configuration of a run, and what it told."""
    status, told = gan_train(*FOLDER, *SHORT, *settings, folder=folder)
    assert status == 0, told
    return OmegaConf.load(folder / "run" / "config.yaml"), told


def test_one_picture_is_trained_with_the_recipe_and_goes_on(tmp_path):
    pictures(tmp_path, 1)
    config, told = trained(tmp_path)
    assert (
        "holds 1 picture. A discriminator would soon memorise so few. So this run uses experiment=few_photos,"
        in told.replace("\n", " ")
    )
    assert "Model      GAN: experiment=few_photos, model=dcgan" in told
    assert list(config.augment) == ["diffaugment"]
    assert (config.dataset.flip, config.dataset.batch_size, config.network.width) == (True, 16, 32)
    assert config.command[0] == "experiment=few_photos"
    status, told = gan_train("resume=run", "max_generator_steps=3", folder=tmp_path)
    assert status == 0, told
    assert "would memorise" not in told


def test_beside_a_recipe_of_ones_own_only_diffaugment_and_flips_are_added(tmp_path):
    pictures(tmp_path, 5)
    config, told = trained(tmp_path, "model=wgan_gp", "network.width=4", "dataset.flip=false")
    assert "this run uses augment=diffaugment, which" in told.replace("\n", " ")
    assert list(config.augment) == ["diffaugment"]
    assert (config.dataset.flip, config.dataset.batch_size, config.network.width) == (False, 64, 4)
    assert config.model.loss._target_.endswith("Wasserstein")


def test_it_can_be_turned_off(tmp_path):
    pictures(tmp_path, 5)
    config, told = trained(tmp_path, "augment=none")
    assert "would memorise" not in told
    assert config.augment is None or len(config.augment) == 0
    assert (config.dataset.flip, config.dataset.batch_size) == (False, 64)
    # A run that begins with these weights keeps their network.
    status, told = gan_train(*FOLDER[:2], *SHORT, "init=run", "hydra.run.dir=tuned", folder=tmp_path)
    assert status == 0, told
    assert "tensors are taken from run\n" in told
    assert list(OmegaConf.load(tmp_path / "tuned" / "config.yaml").augment) == ["diffaugment"]


def test_the_jobs_of_a_sweep_and_two_processes_have_it_too(tmp_path):
    pictures(tmp_path, 3)
    several = ["seed=0,1", "trainer=ddp_cpu", "hydra.sweep.dir=sweep", "-m"]
    status, told = gan_train(*FOLDER[:2], *SHORT, *several, folder=tmp_path)
    assert status == 0, told
    for path in (tmp_path / "sweep").glob("*/config.yaml"):
        assert list(OmegaConf.load(path).augment) == ["diffaugment"]


@pytest.mark.parametrize(("names", "count"), [(["a.png", "b.JPG", "c.txt", ".d.png", "e"], 2), ([], 0)])
def test_pictures_are_counted_by_their_names(tmp_path, names, count):
    (tmp_path / "below" / "deeper").mkdir(parents=True)
    for name in names:
        (tmp_path / "below" / "deeper" / name).touch()
    assert len(list(few._pictures(tmp_path))) == count
