"""What a stranger's checkpoint lets gan-evaluate read, build and say: only what a user could expect."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from composing import composed

from gan_lightning.console.cli import sentence, users_errors
from gan_lightning.errors import SettingError
from gan_lightning.evaluate import evaluate
from gan_lightning.metrics.scores import sliced_wasserstein
from gan_lightning.sampling.places import refuse_foreign_folders, refuse_odd_places
from gan_lightning.training import train

FOLDER = "gan_lightning.data.Folder"
TINY = [
    *("dataset=fake", "dataset.source.size=32", "dataset.batch_size=8", "dataset.resolution=16", "network.width=4"),
    *("metrics=swd", "metrics.num_fake=8", "trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0"),
]


def source(path: Any) -> dict[str, Any]:
    return {"source": {"_target_": FOLDER, "path": path}}


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Paths by the name of what lies there."""
    for name in ("pictures", ".hidden/pictures", "cache/drawn"):
        (tmp_path / name).mkdir(parents=True)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "circle").symlink_to("circle")
    return {path.name: str(path) for path in (*tmp_path.iterdir(), tmp_path / ".hidden" / "pictures")} | {
        "ok": str(tmp_path / "pictures"),
        "drawn": str(tmp_path / "cache" / "drawn"),
    }


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/dev/zero", "which is a pipe, a socket or a device"),
        ("PIPE", "which is a pipe, a socket or a device"),
        ("/etc", "which belongs to the system"),
        ("/proc/self/fd", "which belongs to the system"),
        ("LINK", "which belongs to the system"),
        ("CIRCLE", "cannot be found on this machine"),
        ("/no/such/folder", r"cannot be found on this machine; \+dataset.source.path=PATH names another"),
        ("x\0y", "cannot be found"),
        ("y" * 5000, "cannot be found"),
        ("HIDDEN", "which is hidden"),
        ("/", "which holds a whole home folder"),
        ("~", "which holds a whole home folder"),
    ],
)
def test_paths_from_a_checkpoint_lead_to_pictures(places, tmp_path, monkeypatch, path, told):
    monkeypatch.setenv("HOME", str(tmp_path / "pictures"))
    path = {"PIPE": places["pipe"], "LINK": places["link"], "CIRCLE": places["circle"]}.get(path, path)
    path = f"{tmp_path}/.hidden/pictures" if path == "HIDDEN" else path
    with pytest.raises(SettingError, match=rf"the checkpoint's dataset.source.path is .*{told}") as refused:
        refuse_odd_places("dataset", source(path), {}, [f"{tmp_path}/cache"])
    assert len(str(refused.value)) < 500
    refuse_odd_places("dataset", source(path), source("anything"), [])  # the user says otherwise


def test_folders_that_are_read(places, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for path in (places["ok"], places["drawn"]):
        refuse_odd_places("dataset", source(path), {}, [f"{tmp_path}/cache"])
    (tmp_path / ".hidden" / "cache").mkdir()
    refuse_odd_places("dataset", source(f"{tmp_path}/.hidden/cache"), {}, [f"{tmp_path}/.hidden"])
    # Names that are no paths are not looked for.
    styles = {"_target_": "gan_lightning.data.AvatarAttribute", "cache_dir": "/cache", "a": "short01", "b": "none"}
    refuse_odd_places("dataset", {"source": styles}, {}, [])
    with pytest.raises(SettingError, match="holds a='\\.\\./x', where a name is expected"):
        refuse_foreign_folders({"source": {**styles, "a": "../x"}}, ["/cache"])
    weights = {"_target_": "gan_lightning.metrics.InceptionExtractor", "weights": "/dev/zero"}
    with pytest.raises(SettingError, match="metrics.extractor.weights is '/dev/zero'"):
        refuse_odd_places("metrics", {"extractor": weights}, {}, [])


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("run")
    train(composed("train", *TINY, f"run_dir={folder}/run", "max_images=8"))
    found: dict[str, Any] = torch.load(folder / "run" / "checkpoints" / "last.ckpt", weights_only=True)
    return found


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    *parents, last = path.split(".")

    def change(config: dict[str, Any]) -> None:
        for name in parents:
            config = config[name]
        config[last] = value

    return change


HOSTILE = [
    *(put(f"{part}._partial_", True) for part in ("dataset", "dataset.source", "metrics", "model.generator")),
    *(put(f"{part}._convert_", "all") for part in ("dataset", "metrics")),
    put("dataset.source._args_", [1]),
    put("metrics._recursive_", False),
    *(put("dataset.source.size", value) for value in ("${oc.env:HOME}", "${now:%Y}", "${hydra:runtime.cwd}", "$${x}")),
    *(put("dataset.batch_size", value) for value in (10**30, -1, 0, float("nan"), float("inf"), "8", [8], {}, True)),
    *(put(f"dataset.{name}", 10**9) for name in ("num_workers", "evaluation_batch_size", "resolution", "num_fake")),
    *(put(name, 10**5000) for name in ("dataset.batch_size", "metrics.num_fake", "dataset.seed", "model.generator")),
    *(put(name, 2**70) for name in ("dataset.source.size", "dataset.seed", "seed", "metrics.num_fake")),
    *(
        put("dataset.source._target_", target)
        for target in ("os.system", "gan_lightning.data.os", "", ".", "..", "Fake")
    ),
    put("dataset.source._target_", "gan_lightning\uff0edata\uff0eFake"),
    put("dataset.source._target_", "gan_lightning.data.F\u0430ke"),  # a Cyrillic letter
    put("dataset.source._target_", "gan_lightning.data.Fake.__init__"),
    put("dataset.source._target_", "gan_lightning.data.find_pictures"),
    put("dataset.source._target_", {"_target_": "os.getcwd"}),
    put("dataset._target_", "gan_lightning.data.Folder"),
    put("dataset._target_", "gan_lightning.data.PairedData"),
    put("metrics._target_", "gan_lightning.metrics.TranslationScores"),
    put("metrics._target_", "gan_lightning.metrics.ClassifierExtractor"),
    put("dataset.source", {"_target_": "gan_lightning.data.Folder", "path": "/etc"}),
    put("dataset.source", {"_target_": "gan_lightning.data.Folder", "path": 7}),
    put("dataset.source", {"_target_": "gan_lightning.data.Folder", "path": ["/etc"]}),
    put("dataset.source", {"_target_": "torchvision.datasets.ImageFolder", "root": "/"}),
    put("dataset.source", 3),
    put("dataset.source.unknown", 1),
    put("metrics.split", "../../x"),
    put("metrics.extractor", {"_target_": "gan_lightning.metrics.InceptionExtractor", "weights": "/dev/zero"}),
    put("metrics.cache_dir", "/"),
    put("cache_dir", ""),
    put("data_dir", "${oc.env:HOME}"),
    put("seed", "abc"),
]


def test_hostile_checkpoint_is_one_sentence_or_harmless(content, tmp_path, monkeypatch):
    monkeypatch.setattr(sliced_wasserstein, "PATCHES", 256)  # so that it is quick
    harmless, wrong = 0, []
    for i, change in enumerate(HOSTILE):
        changed = {**content, "config": copy.deepcopy(content["config"])}
        change(changed["config"])
        torch.save(changed, tmp_path / f"{i}.ckpt")
        given = [f"checkpoint={tmp_path}/{i}.ckpt", f"run_dir={tmp_path}/{i}", "trainer.accelerator=cpu"]
        config = composed("evaluate", *given)
        try:
            evaluate(config)
        except users_errors() as error:
            if not 10 < len(sentence(error)) < 800:
                wrong.append(f"{i}: {sentence(error):.100}")
        except Exception as error:
            wrong.append(f"{i}: {type(error).__name__} {error!s:.200}")
        else:
            harmless += 1
    assert wrong == []
    assert harmless <= 6


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"source": {"_target_": "gan_lightning.data.Avatars", "cache_dir": "/etc"}}, "cache_dir is /etc"),
        ({"extractor": {"cache_dir": "/cache/../root"}}, "outside of cache_dir"),
        ({"split": "../../elsewhere"}, "split='../../elsewhere', where a name is expected"),
        ({"split": ".."}, "where a name is expected"),
        ({"name": ["good", "a\\b"]}, "where a name is expected"),
    ],
)
def test_data_and_scores_hold_names_and_this_machines_folders(part, told):
    with pytest.raises(SettingError, match=told.replace("\\", "\\\\")):
        refuse_foreign_folders(part, ["/cache", "/data"])
