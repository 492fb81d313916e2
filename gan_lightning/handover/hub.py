"""Exported folders on Hugging Face's hub (extra `hub`)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import expanded
from gan_lightning.loaded import TrainedModel, load
from gan_lightning.loaded.exported import WEIGHTS, is_exported


def push_to_hub(folder: str | Path, repo_id: str, *, private: bool = False) -> str:
    """Publish a folder that gan-export wrote, and return the address of its page.

    Whoever calls it is logged in (`hf auth login`), or has set HF_TOKEN.

    Args:
        folder: what gan-export wrote.
        repo_id: OWNER/NAME; made if it is missing.
        private: whether a new one is.

    Raises:
        SettingError: gan-export did not write the folder, or huggingface_hub is not installed.
        FaultError: the hub refuses, or cannot be reached.
    """
    path = expanded(folder)
    if not is_exported(path):
        raise SettingError(f"{folder}: was not written by gan-export (its config.json is missing)")
    with _hub("push_to_hub", repo_id):
        from huggingface_hub import HfApi

        api = HfApi()
        page = api.create_repo(repo_id, private=private, exist_ok=True)
        api.upload_folder(folder_path=path, repo_id=repo_id, commit_message="A model exported by gan_lightning")
    return str(page)


def from_pretrained(name: str | Path, *, revision: str | None = None) -> TrainedModel:
    """A model that somebody has published, or the one in a folder that gan-export wrote.

    Weights and their description are read; nothing that they bring is run.

    Args:
        name: OWNER/NAME on the hub, or a folder.
        revision: a branch, a tag or a commit of the hub's.

    Raises:
        SettingError: gan-export did not write it as safetensors, or huggingface_hub is not installed.
        FaultError: the hub has no such model, or cannot be reached.
    """
    if expanded(name).is_dir():
        return load(name)
    with _hub("from_pretrained", str(name)):
        from huggingface_hub import snapshot_download

        # Nothing else, so that no foreign file lies where somebody could open it by mistake.
        folder = snapshot_download(str(name), revision=revision, allow_patterns=["config.json", WEIGHTS, "README.md"])
    if not is_exported(Path(folder)):
        raise SettingError(f"{name}: was not written by gan-export (its config.json is missing)")
    return load(folder)


@contextmanager
def _hub(what: str, name: str) -> Iterator[None]:
    """Turn what goes wrong with the hub into a sentence."""
    try:
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError as error:
        raise SettingError(f"{what}: needs huggingface_hub: pip install 'gan-lightning[hub]'") from error
    try:
        yield
    except HFValidationError as error:
        raise SettingError(f"{name}: is neither a folder nor a name on the hub, OWNER/NAME") from error
    except (HfHubHTTPError, OSError) as error:
        raise FaultError(f"{what} {name}: {' '.join(str(error).split()):.300}") from error
