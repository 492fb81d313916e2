"""The data of a checkpoint, read when they are needed, and the extractor of its scores."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from omegaconf import OmegaConf

from gan_lightning.errors import SettingError
from gan_lightning.metrics import NoLabelsError
from gan_lightning.runs import training_data
from gan_lightning.runs.training_data import TrainingData

SOURCE = {"_target_": "gan_lightning.data.Fake", "size": 12, "channels": 3, "num_classes": 2}
DATASET = {"_target_": "gan_lightning.data.ImageData", "source": SOURCE, "resolution": 8, "batch_size": 4}
DATASET |= {"num_fake": 4, "seed": 5}


def of(tmp_path: Any, spec: dict[str, Any] | None = None, **config: Any) -> TrainingData:
    """Those of a checkpoint whose model makes images of 8 x 8 pixels."""
    folders = {"cache_dir": str(tmp_path), "data_dir": str(tmp_path)}
    metrics = {"_target_": "gan_lightning.metrics.NoScores", "num_fake": 4}
    facts = {"channels": 3, "height": 8, "width": 8, "fingerprint": "earlier", **(spec or {})}
    saved = {"dataset": DATASET, "metrics": metrics, "spec": facts, "seed": 5, **folders}
    return TrainingData(saved, OmegaConf.create({"trusted": [], **folders, **config}), torch.nn.Identity())


def test_data_are_built_once_and_only_when_they_are_asked_for(tmp_path, monkeypatch):
    made = []
    build = training_data.built
    monkeypatch.setattr(training_data, "built", lambda *given: made.append(given[0]) or build(*given))
    data = of(tmp_path)
    assert made == []
    first = data.read()
    assert data.read() is first
    assert made == ["dataset"]
    assert len(first.images("train")) == 12


def test_data_that_have_changed_are_warned_of_and_the_same_are_not(tmp_path, caplog):
    data = of(tmp_path).read()
    assert "These are not the data that the checkpoint was trained on" in caplog.text
    caplog.clear()
    of(tmp_path, {"fingerprint": data.spec().fingerprint}).read()
    assert "These are not the data" not in caplog.text


def test_data_of_another_shape_are_refused(tmp_path):
    with pytest.raises(SettingError, match="^dataset: has channels 3, but the checkpoint was trained on channels 1"):
        of(tmp_path, {"channels": 1}).read()


def test_settings_of_the_command_line_change_the_data_and_are_checked(tmp_path):
    assert len(of(tmp_path, dataset={"source": {"size": 6}}).read().images("train")) == 6
    with pytest.raises(SettingError, match="dataset.source.size=-1"):
        of(tmp_path, dataset={"source": {"size": -1}}).read()


def test_scores_without_an_extractor_have_none_and_missing_labels_are_told(tmp_path, monkeypatch):
    data = of(tmp_path)
    assert data.extractor(data.read()) is None

    def prepare(*_: Any) -> None:
        raise NoLabelsError("no labels")

    fitted = SimpleNamespace(extractor=SimpleNamespace(option="classifier", prepare=prepare))
    monkeypatch.setattr(training_data, "built", lambda *_: fitted)
    told = "extractor=classifier needs labels of two or more classes, and the data have no labels; show=neighbours"
    with pytest.raises(SettingError, match=told):
        data.extractor(data.read())
