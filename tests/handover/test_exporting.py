"""A checkpoint as a folder that can be handed on, and what leaves nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handed_on import IMAGES, recorded, subject

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.handover import CheckpointFormat, SafetensorsFormat, TorchExportFormat
from gan_lightning.handover.exporting import export
from gan_lightning.loaded import TrainedModel


def test_what_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path, monkeypatch):
    energy = subject("igebm", IMAGES, "dataset=fake")
    with pytest.raises(SettingError, match="^format: the pictures of this EnergyModel need more than one network"):
        export(energy, SafetensorsFormat(), tmp_path / "out")
    given = recorded("dcgan")

    def broken(part: Callable[..., Any], file: Path) -> Callable[..., Any]:
        return lambda *inputs: part(*inputs) + 0.01

    monkeypatch.setattr(TorchExportFormat, "export", lambda self, part, file: broken(part, file))
    with pytest.raises(FaultError, match=r"^model.pt2: its images differ from the model's by 0.01"):
        export(given, TorchExportFormat(), tmp_path / "out")

    def impossible(part: object, file: Path) -> object:
        raise RuntimeError("no such\noperation")

    monkeypatch.setattr(TorchExportFormat, "export", lambda self, part, file: impossible(part, file))
    with pytest.raises(SettingError, match=r"^format=torch_export: this network cannot be written so \(no such oper"):
        export(given, TorchExportFormat(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").touch()
    with pytest.raises(SettingError, match="output=.*is not empty, and its files are not replaced"):
        export(given, SafetensorsFormat(), tmp_path / "out")


@pytest.mark.parametrize("spec", [{"kind": "points", "height": 1, "width": 1}, {"kind": "sequences", "length": 4}])
def test_models_that_make_no_pictures_are_refused(spec, tmp_path):
    other = replace(recorded("dcgan"), trained=TrainedModel(recorded("dcgan").trained.model, spec))
    with pytest.raises(SettingError, match=f"makes {spec['kind']}, and gan-export writes models of pictures; gan_li"):
        export(other, CheckpointFormat(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
