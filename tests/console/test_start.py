"""What a run tells before it trains, and names of classes that are told and kept as they are."""

import logging
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_lightning.console.config import from_yaml
from gan_lightning.console.start import lines
from gan_lightning.data import Note
from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.found import find_runs
from gan_lightning.training import train

TINY = ["dataset.resolution=16", "dataset.batch_size=4", "network.width=4", "metrics=none", "max_images=8"]


def write(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for i in range(count):
        Image.fromarray(random.integers(256, size=(16, 16, 3), dtype=np.uint8)).save(folder / f"{i}.png")


def block(caplog: pytest.LogCaptureFixture) -> list[str]:
    (told,) = [record.getMessage() for record in caplog.records if record.getMessage().startswith("Data ")]
    return told.splitlines()


def test_block_says_what_is_trained_on_what_and_for_how_long(composed, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    for name, count in (("train/cats", 5), ("train/dogs", 3), ("val/cats", 2)):
        write(tmp_path / "pictures" / name, count)
    (tmp_path / "pictures" / "train" / "list.txt").write_text("no picture")
    train(composed("dataset=folder", f"dataset.source.path={tmp_path}/pictures", *TINY))
    told = block(caplog)
    assert told[:4] == [
        "Data       Folder: 8 training pictures at 16 x 16 pixels, 3 channels",
        "Labels     2 classes: cats 5, dogs 3",
        "Splits     train 8, val 2 pictures",
        "Left out   files that are not pictures: 1 (train/list.txt)",
    ]
    text = " ".join(told)
    assert "generator dcgan.DCGANGenerator, 13,531 parameters" in text
    assert "CPU, 1 process" in text
    assert "precision 32-true" in text
    assert "8 images, 2 updates of 4, 1 epoch over the data" in text
    assert f"Folder     {tmp_path}/run" in text
    assert max(map(len, told[:-1])) <= 80


@pytest.mark.parametrize(
    ("model", "data", "expected"),
    [
        ("pix2pix", "fake_pairs", "FakeSides: 16 training pairs, 16 held out, translated a2b"),
        ("cyclegan", "fake_unpaired", "FakeSides: a 16 and b 16 training pictures, 16 and 16 held out"),
    ],
)
def test_block_of_translators(composed, caplog, model, data, expected):
    caplog.set_level(logging.INFO)
    tiny = ["dataset.resolution=32", "network.width=4", "metrics=none", "max_images=2", "dataset.batch_size=2"]
    train(composed(f"model={model}", f"dataset={data}", *tiny, "dataset.source.size=16"))
    assert expected in " ".join(line.strip() for line in block(caplog))


def test_fewer_images_than_a_batch_and_a_network_that_two_players_train(composed, caplog):
    caplog.set_level(logging.INFO)
    few = ["dataset.source.size=4", "dataset.batch_size=8", "trainer.max_epochs=2", "max_images=null"]
    train(composed("experiment=seqgan_narrow", "metrics=none", *few))
    told = " ".join(line.strip() for line in block(caplog))
    assert "16 images, 2 updates of 8, 4 epochs over the data" in told
    assert "likelihood" not in told.partition("Networks")[2].partition("Device")[0]


@pytest.mark.parametrize(
    ("budget", "text"),
    [
        ("max_generator_steps=4", "122 images, 4 updates of 6, 1 epoch over the data"),
        ("max_images=61", "61 images, 31 updates of 2, 0.5 epochs over the data"),
    ],
)
def test_steps_by_rewards_come_after_those_of_the_other_phases(composed, caplog, budget, text):
    """40 windows of likelihood and 9 of the discriminator, and three of the discriminator for each of four steps."""
    caplog.set_level(logging.INFO)
    phases = ["model.likelihood_steps=40", "model.discriminator_steps=11", "model.critic_steps=3"]
    data = ["dataset=fake_sequences", "dataset.batch_size=2", "dataset.source.size=122"]
    train(composed("model=seqgan", *data, "metrics=none", "dry_run=true", *phases, budget))
    assert text in " ".join(line.strip() for line in block(caplog))


@pytest.mark.parametrize(("limit", "images"), [("2", 48), ("0.5", 96), ("99", 192)])
def test_a_limit_of_the_batches_of_an_epoch_counts(composed, caplog, limit, images):
    caplog.set_level(logging.INFO)
    epochs = ["trainer.max_epochs=3", f"trainer.limit_train_batches={limit}", "dry_run=true"]
    few = ["dataset.source.size=64", "dataset.batch_size=8", "network.width=4", "metrics=none"]
    train(composed("dataset=fake", *few, *epochs))
    told = " ".join(line.strip() for line in block(caplog))
    assert f"Budget {images} images, {images // 8} updates of 8, " in " ".join(told.split())


def test_a_heading_stands_once_and_long_text_is_wrapped():
    told = lines([Note("Left out", "a"), Note("Left out", "word " * 30), Note("Budget", "b")])
    assert told[0] == "Left out   a"
    assert all(line.startswith(" " * 11 + "word") for line in told[1:-1])
    assert told[-1] == "Budget     b"
    assert max(map(len, told)) <= 80


def test_names_of_classes_are_kept_whatever_they_are(composed, tmp_path, caplog):
    odd = ["${oc.env:HOME}", "${", "???", "null", "yes", "1e3", "01", "a=b", "x\ny", "- {", os.fsdecode(b"caf\xe9")]
    names = sorted([*odd, "n" * 250])
    for name in names:
        write(tmp_path / "pictures" / name, 1)
    names = [r"caf\xe9" if name.startswith("caf") else name for name in names]
    settings = ["model=cgan", "dataset=folder", f"dataset.source.path={tmp_path}/pictures", *TINY]
    train(composed(*settings))
    last = tmp_path / "run" / "checkpoints" / "last.ckpt"
    assert read(last)["config"]["spec"]["class_names"] == names
    assert from_yaml(tmp_path / "run" / "config.yaml")["spec"]["class_names"] == names
    (run,) = find_runs(tmp_path / "run")
    assert run.config["spec"]["class_names"] == names

    train(composed(*settings, f"resume={tmp_path}/run", "max_images=16"))
    assert read(last)["config"]["spec"]["class_names"] == names
    assert read(last)["counters"]["images_seen"] == 16
