"""From the files of a model to what Python has of it."""

import pytest
import torch
from handed_on import RECORDED, recorded
from torch import nn

import gan_lightning
from gan_lightning.errors import SettingError
from gan_lightning.handover import SafetensorsFormat
from gan_lightning.handover.exporting import export
from gan_lightning.loaded import loading
from gan_lightning.loaded.loading import load, of_checkpoint
from gan_lightning.runs.checkpoint import read


def test_a_run_its_checkpoint_and_what_was_exported_of_it_are_one_model(tmp_path, monkeypatch):
    export(recorded("cgan"), SafetensorsFormat(), tmp_path / "out")
    file = RECORDED / "cgan" / "checkpoints" / "last.ckpt"
    expected = load(RECORDED / "cgan").images(2, seed=3)
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (file, str(file), tmp_path / "out", "~/out"):
        assert torch.equal(load(path).images(2, seed=3), expected), path
    assert gan_lightning.load is load


def test_the_facts_of_the_data_come_with_the_model():
    content = read(RECORDED / "cgan")
    model = of_checkpoint(content, "RUN")
    assert model.spec == content["config"]["spec"]
    assert not model.model.training


def test_a_model_that_makes_no_pictures_is_named(monkeypatch):
    monkeypatch.setattr(loading, "rebuild", lambda content, trusted: nn.Linear(1, 1))
    with pytest.raises(SettingError, match="^checkpoint=RUN: its Linear neither makes images from noise nor"):
        of_checkpoint({"config": {}}, "RUN")
