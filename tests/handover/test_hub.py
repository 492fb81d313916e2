"""Models on a hub: a folder takes its place, and nothing is sent anywhere."""

import shutil
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from runs import command

import gan_lightning
from gan_lightning.errors import FaultError, SettingError

RECORDED = Path(__file__).parents[1] / "models" / "recorded"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes, and what it says."""
    folder = tmp_path_factory.mktemp("export")
    shutil.copytree(RECORDED / "cgan", folder / "run")
    done = command("gan-export", "checkpoint=run", "output=a folder/out", "licence=cc-by-4.0", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("model.safetensors (")
    assert "makes exactly the images of the checkpoint" in done.stdout
    assert {path.name for path in folder.iterdir()} == {"run", "a folder"}
    return folder / "a folder" / "out"


class Hub:
    """Keeps what is uploaded in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create_repo(self, repo_id: str, private: bool, exist_ok: bool) -> str:
        assert exist_ok
        (self.folder / repo_id).mkdir(parents=True)
        return f"https://hub.example/{repo_id}"

    def upload_folder(self, folder_path: Path, repo_id: str, commit_message: str) -> None:
        shutil.copytree(folder_path, self.folder / repo_id, dirs_exist_ok=True)

    def download(self, repo_id: str, revision: str | None, allow_patterns: list[str]) -> str:
        source, target = self.folder / repo_id, self.folder / "cache"
        target.mkdir()
        for name in allow_patterns:
            if (source / name).is_file():
                shutil.copy(source / name, target)
        return str(target)


def test_what_is_published_comes_back_as_the_same_model(exported, tmp_path, monkeypatch):
    hub = Hub(tmp_path / "hub")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.download)
    assert gan_lightning.push_to_hub(exported, "me/faces") == "https://hub.example/me/faces"
    (hub.folder / "me" / "faces" / "pickle.pt").touch()
    model = gan_lightning.from_pretrained("me/faces")
    assert torch.equal(model.images(3, seed=1), gan_lightning.load(RECORDED / "cgan").images(3, seed=1))
    assert {path.name for path in (hub.folder / "cache").iterdir()} == {"config.json", "model.safetensors", "README.md"}


def test_a_folder_is_read_without_a_hub(exported, monkeypatch):
    monkeypatch.setattr(huggingface_hub, "snapshot_download", None)
    model = gan_lightning.from_pretrained(exported)
    assert torch.equal(model.images(3, seed=1), gan_lightning.load(exported).images(3, seed=1))


def test_what_goes_wrong_is_a_sentence(exported, tmp_path, monkeypatch):
    def fails(*arguments: Any, **named: Any) -> None:
        raise OSError("no route\nto host")

    class Refusing:
        create_repo = fails

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fails)
    monkeypatch.setattr(huggingface_hub, "HfApi", Refusing)
    with pytest.raises(FaultError, match="^from_pretrained me/faces: no route to host"):
        gan_lightning.from_pretrained("me/faces")
    with pytest.raises(FaultError, match="^push_to_hub me/faces: no route to host"):
        gan_lightning.push_to_hub(exported, "me/faces")
    with pytest.raises(SettingError, match="was not written by gan-export"):
        gan_lightning.push_to_hub(tmp_path, "me/faces")
    monkeypatch.undo()
    with pytest.raises(SettingError, match="a/b/c: is neither a folder nor a name on the hub, OWNER/NAME"):
        gan_lightning.from_pretrained("a/b/c")


def test_without_the_package_the_extra_is_named(exported, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub.errors", None)
    with pytest.raises(SettingError, match=r"push_to_hub: needs huggingface_hub: pip install 'gan-lightning\[hub\]'"):
        gan_lightning.push_to_hub(exported, "me/faces")
