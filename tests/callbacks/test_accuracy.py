"""How often the discriminator is right."""

import csv

import pytest
import torch
from hydra.utils import instantiate

from gan_lightning import load
from gan_lightning.errors import SettingError
from gan_lightning.training import train

TINY = ["dataset=digits", "dataset.resolution=16", "network.width=4", "metrics=none", "max_generator_steps=3"]
TINY += ["callbacks=[default,discriminator_accuracy]", "callbacks.discriminator_accuracy.images=300"]


@pytest.mark.parametrize(
    ("recipe", "threshold"), [(["model=cgan", "loss=non_saturating"], 0.0), (["model=lsgan"], 0.5)]
)
def test_accuracy_is_that_of_the_checkpoint(composed, tmp_path, recipe, threshold):
    config = composed(*TINY, *recipe)
    train(config)
    with (tmp_path / "run" / "logs" / "metrics.csv").open() as file:
        row = [row for row in csv.DictReader(file) if row["accuracy_train"]][-1]
    model = load(tmp_path / "run" / "checkpoints" / "last.ckpt").model.eval()
    data = instantiate(config.dataset)

    def share(image, condition):
        return float((model.discriminator(image, condition).score > threshold).double().mean())

    with torch.no_grad():
        for name, split in (("train", "train"), ("held_out", "test")):
            assert float(row[f"accuracy_{name}"]) == pytest.approx(share(*data.some(split, 300)))
        condition = model.conditions(torch.arange(300))
        fake = 1 - share(model.sample(300, condition), condition)
    assert float(row["accuracy_generated"]) == pytest.approx(fake)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (["model=wgan"], "callbacks=discriminator_accuracy: Wasserstein only compares scores.*loss=hinge"),
        (
            ["experiment=toy_ring", "callbacks=[toy,discriminator_accuracy]"],
            "images from noise and have a discriminator of images",
        ),
    ],
)
def test_where_nothing_can_be_right_is_refused(composed, recipe, message):
    with pytest.raises(SettingError, match=message):
        train(composed(*(TINY if recipe == ["model=wgan"] else ["max_generator_steps=3"]), *recipe))
