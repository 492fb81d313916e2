"""What lies in the working folder is not imported, whatever it is called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from runs import command

from gan_lightning.console import cli
from gan_lightning.console.imports import import_from_here

pytestmark = pytest.mark.long

# What Hydra, Lightning and Python look for when they start, and what every process of a run imports.
TRAPS = (
    *("hydra_plugins/trap/__init__.py", "mpi4py.py", "sitecustomize.py", "usercustomize.py", "my_losses.py"),
    *("multiprocessing.py", "signal.py", "torch.py", "numpy.py", "yaml.py", "gan_lightning.py", "conf.py"),
)
TINY = ["dataset=folder", "dataset.source.path=photos", "dataset.resolution=16", "dataset.batch_size=4"]
TINY += ["dataset.source.memory_limit=0", "dataset.num_workers=1", "network.width=4", "metrics=none"]
TINY += ["model=dcgan", "max_images=8", "trainer=ddp_cpu", "trainer.accelerator=cpu", "hydra.run.dir=run"]


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    """A folder with pictures, and files that leave a trace when they are imported."""
    from PIL import Image

    for trap in TRAPS:
        (tmp_path / trap).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / trap).write_text(f"open({str(tmp_path / 'RAN')!r}, 'a').write({trap!r} + ' ')\n")
    (tmp_path / "photos").mkdir()
    for i in range(16):
        Image.new("RGB", (16, 16), (i, 0, 0)).save(tmp_path / "photos" / f"{i}.png")
    return tmp_path


COMMANDS = {
    "gan-train": TINY,
    "gan-generate": ["checkpoint=run/checkpoints/last.ckpt", "n=1", "hydra.run.dir=made"],
    "gan-evaluate": ["--help"],
    "gan-report": ["run", "--markdown"],
}


# Each needs seconds to import torch, in every process that it starts.
@pytest.mark.parametrize("scripts", [("gan-train",), pytest.param(tuple(COMMANDS), marks=pytest.mark.exhaustive)])
def test_no_command_imports_from_the_working_folder(trapped: Path, scripts: tuple[str, ...]) -> None:
    """Nor do the processes and the readers of data that one starts."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
    for script in scripts:
        command = [Path(sys.executable).with_name(script), *COMMANDS[script]]
        done = subprocess.run(command, cwd=trapped, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert not (trapped / "RAN").exists(), f"{script}: {(trapped / 'RAN').read_text()}"
    assert (trapped / "run" / "checkpoints" / "last.ckpt").exists()
    assert (trapped / "made" / "images" / "00000.png").exists() == ("gan-generate" in scripts)


def test_only_the_packages_that_are_trusted_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("this_one", "that_one", "json"):
        (tmp_path / f"{name}.py").write_text("here = True\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "json")
    import_from_here(["this_one.Mine", "json"])
    import json

    import this_one

    assert this_one.here
    assert not hasattr(json, "here")  # an installed module comes first
    with pytest.raises(ModuleNotFoundError) as missing:
        __import__("that_one")
    error = RuntimeError("Error locating target 'that_one.Mine', set env var")
    error.__cause__ = missing.value
    assert cli.sentence(error).endswith(
        "No module named 'that_one'; that_one in this folder is imported only if you say 'trusted=[that_one]'"
    )


def test_a_model_that_is_not_trusted_is_answered_with_how_to_trust_it(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    (tmp_path / "conf" / "model").mkdir(parents=True)
    (tmp_path / "conf" / "model" / "mine.yaml").write_text("defaults: [dcgan, _self_]\n_target_: mine.Model\n")
    done = command("gan-train", "--config-dir", "conf", "model=mine", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "gan-train: model._target_=mine.Model: cannot be imported (No module named 'mine'); mine in this folder is "
        "imported only if you say 'trusted=[mine]'"
    ]
