"""Held-out images and what an encoder and a generator make of them."""

import pytest
import torch
from shown import saved

from gan_lightning.data import quantise
from gan_lightning.errors import SettingError
from gan_lightning.sampling import showing
from gan_lightning.sampling.reconstructions import Reconstructions
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run


def test_reconstructions_stand_below_held_out_images(task, monkeypatch):
    asked = task("model=vae", n=3, columns=2)
    sentence = run(Reconstructions(), asked, Plain())
    held = asked.data().held_out(3)
    back = asked.ensemble.members[0].reconstruct(*held)
    images = saved(asked)
    assert torch.equal(images[[0, 1, 4]], quantise(held.image))
    assert torch.equal(images[[2, 3, 6]], quantise(back))
    assert f"mean squared error {(back - held.image).square().mean():.4f}" in sentence
    with pytest.raises(SettingError, match=r"show=reconstructions: the checkpoint's model, GAN, has no encoder"):
        run(Reconstructions(), task(folder=asked.folder / "other"), Plain())
    monkeypatch.setattr(showing, "MOST_PIXELS", 5 * 64**2)
    with pytest.raises(SettingError, match=r"n=3: 6 images side by side have 24,576 pixels, and at most 20,480 are"):
        run(Reconstructions(), task("model=vae", n=3, folder=asked.folder / "other"), Plain())
