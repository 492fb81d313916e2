"""Folders that gan-export wrote as safetensors, as a stranger may have changed them."""

import json
from pathlib import Path

import pytest
from handed_on import recorded
from safetensors.torch import load_file, save_file

import gan_lightning
from gan_lightning.errors import SettingError
from gan_lightning.handover import SafetensorsFormat
from gan_lightning.handover.exporting import export


@pytest.fixture
def exported(tmp_path):
    export(recorded("cgan"), SafetensorsFormat(), tmp_path / "out")
    return tmp_path / "out"


def changed(folder: Path, change) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["network"].update({"class": "os.system"}), "names 'os.system', which is not a network of this"),
        (lambda c: c["network"].update({"_target_": "os.system"}), "DCGANGenerator cannot be built"),
        (lambda c: c["network"]["embedder"].update({"class": "system"}), "names 'system', which is not a network"),
        (lambda c: c["network"].update({"width": 3}), "model.safetensors: does not fit config.json"),
        (lambda c: c["network"].update({"resolution": 2**20}), "makes pictures of 1048576 pixels a side"),
        (lambda c: c.pop("prior"), "config.json: is damaged"),
        (lambda c: c.pop("network"), "lacks `network`, so gan-export did not write it"),
        (lambda c: c.update(spec=3), "lacks `spec`"),
    ],
)
def test_a_strangers_description_runs_nothing(exported, change, message):
    changed(exported, change)
    with pytest.raises(SettingError, match=message):
        gan_lightning.load(exported)


def test_damaged_files_are_named(exported):
    weights = load_file(exported / "model.safetensors")
    first = next(iter(weights))
    save_file({**weights, first: weights[first] * float("nan")}, exported / "model.safetensors")
    with pytest.raises(SettingError, match="model.safetensors: holds weights that are NaN or infinite"):
        gan_lightning.load(exported)
    (exported / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(SettingError, match="model.safetensors: cannot be read as safetensors"):
        gan_lightning.load(exported)
    (exported / "config.json").write_text("{")
    with pytest.raises(SettingError, match="config.json: cannot be read as JSON"):
        gan_lightning.load(exported)
