"""How far held-out images are from their reconstructions."""

import csv

import pytest
from composing import composed
from hydra.utils import instantiate

from gan_lightning import load
from gan_lightning.callbacks import ReconstructionError
from gan_lightning.errors import SettingError
from gan_lightning.training import train


def test_the_error_is_the_mean_over_all_pixels_of_the_held_out_images(tmp_path):
    config = composed(
        "train",
        *("model=vae", "dataset=digits", "dataset.resolution=16", "network.width=4", "metrics=none"),
        *("max_generator_steps=2", "trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0"),
        *("callbacks.samples.columns=2", "~callbacks.curves", f"run_dir={tmp_path}/run"),
        "callbacks.reconstruction.images=300",  # more than one batch of the callback
    )
    train(config)
    with (tmp_path / "run" / "logs" / "metrics.csv").open() as file:
        *_, logged = [row["reconstruction_error"] for row in csv.DictReader(file) if row["reconstruction_error"]]
    image, condition = instantiate(config.dataset).held_out(300)
    assert len(image) == 300
    made = load(tmp_path / "run").model.reconstruct(image, condition)
    assert float(logged) == pytest.approx(float((made - image).square().mean()), rel=1e-5)


def test_a_count_below_one_is_refused():
    with pytest.raises(SettingError, match=r"callbacks.reconstruction.images"):
        ReconstructionError(0)


def test_a_model_without_an_encoder_is_refused(tmp_path):
    config = composed(
        "train", "model=dcgan", "dataset=fake", "callbacks=encoder", "metrics=none", f"run_dir={tmp_path}"
    )
    config.trainer.accelerator = "cpu"
    with pytest.raises(SettingError, match=r"^callbacks=reconstruction.*model=vae; leave it out"):
        train(config)
    assert instantiate(config.callbacks.reconstruction).images > 0
