"""A checkpoint as a folder that can be handed on, and what leaves nothing."""

import resource
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handed_on import IMAGES, recorded, subject

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.handover import CheckpointFormat, ONNXFormat, SafetensorsFormat, TorchExportFormat, TorchScriptFormat
from gan_lightning.handover.exporting import export
from gan_lightning.loaded import TrainedModel

KINDS = [CheckpointFormat, ONNXFormat, SafetensorsFormat, TorchExportFormat, TorchScriptFormat]


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


def test_an_empty_folder_that_is_there_stays_the_same_folder(tmp_path, monkeypatch):
    """It may be the one that the user is in, a link, or a mount point, none of which can be replaced."""
    for name in ("here", "target"):
        (tmp_path / name).mkdir()
    (tmp_path / "link").symlink_to("target")
    monkeypatch.chdir(tmp_path / "here")
    for output, place in ((Path("."), "here"), (tmp_path / "link", "target")):
        before = (tmp_path / place).stat().st_ino
        export(recorded("dcgan"), CheckpointFormat(), output)
        assert (tmp_path / place).stat().st_ino == before
        assert {path.name for path in (tmp_path / place).iterdir()} == {
            *("README.md", "config.json", "model.ckpt", "samples.png")
        }
    assert {path.name for path in tmp_path.iterdir()} == {"here", "target", "link"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FaultError, match=r"^output=.*/file/out: cannot be written \(File exists\); choose another"):
        export(recorded("dcgan"), CheckpointFormat(), tmp_path / "file" / "out")


@pytest.fixture
def no_space() -> Iterator[None]:
    """Files end after a few kilobytes, as on a full disk."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.filterwarnings("ignore:.*torch.jit.*deprecated")
@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_is_a_sentence_and_leaves_nothing(kind, tmp_path, no_space):
    """Torch's own writers end the whole process."""
    with pytest.raises(FaultError, match=r"(could not|cannot) be written \(File too large\)"):
        export(recorded("dcgan"), kind(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
