"""Runs that an earlier state of the project left (tests/models/recorded/) can still be used and continued."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from runs import gan_train

from gan_lightning import load

pytestmark = pytest.mark.long

RECORDED = Path(__file__).parent / "recorded"
# Of the run's pictures when it was written: the sum of all values, and of their squares.
SAMPLES = {"cgan": (1.259524, 0.00839513), "dcgan": (-3.618136, 0.00590792)}
TRANSLATED = (-42.77341, 28.981663)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_those_of_then(name):
    image = load(str(RECORDED / name)).images(4).double()
    assert (image.sum().item(), image.square().sum().item()) == pytest.approx(SAMPLES[name], rel=1e-4)


def test_translations_are_those_of_then():
    image = torch.linspace(-1, 1, 3 * 16 * 16).view(1, 3, 16, 16)
    translated = load(str(RECORDED / "cyclegan")).model.translate(image).double()
    assert (translated.sum().item(), translated.square().sum().item()) == pytest.approx(TRANSLATED, rel=1e-4)


@pytest.mark.parametrize("name", ["cgan", "dcgan", "cyclegan"])  # with labels; states of a penalty and of ADA; a pool
def test_run_goes_on(tmp_path, name):
    run = tmp_path / "run"
    shutil.copytree(RECORDED / name, run)
    status, printed = gan_train("resume=run", "max_images=128", folder=tmp_path)
    assert status == 0, printed
    assert json.loads((run / "status.json").read_text())["images_seen"] == 128
