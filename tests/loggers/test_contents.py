"""What loggers show of samples: captions above rows of images, and sequences as text, read back with their readers."""

import json
from pathlib import Path

import numpy as np
import pytest
from offline import OfflineRun
from PIL import Image

from gan_lightning.training import train

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # from TensorBoard's and MLflow's own code
]

ALL = ["logger=[wandb,tensorboard,mlflow]", "max_generator_steps=2"]
CAPTIONS = [
    *("model=gan_cls", "dataset=fake_captions", "dataset.source.size=16", "dataset.resolution=16"),
    *("dataset.batch_size=8", "network.width=4", "metrics=none", "callbacks.samples.columns=2"),
]
SEQUENCES = [
    *("model=mle", "dataset=fake_sequences", "dataset.source.size=16", "dataset.batch_size=8", "metrics=none"),
    *("network.width=4", "callbacks.samples.lines=3"),
]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    # A path that is not absolute would be the first test's file in all tests of a process.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")


def events(run: Path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(run / "tensorboard"), {"images": 0, "tensors": 0})
    found.Reload()
    return found


def mlflow_files(run: Path, folder: str) -> dict[str, Path]:
    from mlflow import MlflowClient

    client, number = MlflowClient(), (run / "mlflow_run").read_text()
    paths = sorted(file.path for file in client.list_artifacts(number, folder))
    return {path: Path(client.download_artifacts(number, path)) for path in paths}


def test_every_logger_shows_the_grid_under_its_captions(composed, tmp_path):
    train(composed(*ALL, *CAPTIONS))
    run = tmp_path / "run"
    files = sorted((run / "samples").glob("*.png"))
    saved = [np.array(Image.open(file).convert("RGB")) for file in files]
    assert [int(file.stem) for file in files] == [0, 16]

    (folder,) = run.glob("wandb/offline-run-*")
    shown = [row for row in OfflineRun(folder).history if "samples.filenames" in row]
    assert [row["images_seen"] for row in shown] == [0, 16]
    of_wandb = [np.array(Image.open(folder / "files" / row["samples.filenames"][0]).convert("RGB")) for row in shown]

    pictures = events(run).Images("samples")
    assert [event.step for event in pictures] == [0, 16]
    for number, event in enumerate(pictures):
        (tmp_path / f"{number}.png").write_bytes(event.encoded_image_string)
    of_tensorboard = [np.array(Image.open(tmp_path / f"{number}.png").convert("RGB")) for number in range(2)]

    kept = mlflow_files(run, "images")
    of_mlflow = [
        np.array(Image.open(file).convert("RGB"))
        for step in (0, 16)
        for path, file in kept.items()
        if f"+step+{step}+" in path and path.endswith(".png")
    ]
    for found in (of_wandb, of_tensorboard, of_mlflow):
        for picture, expected in zip(found, saved, strict=True):
            assert np.array_equal(picture, expected)


def test_every_logger_has_sequences_as_text(composed, tmp_path):
    train(composed(*ALL, *SEQUENCES))
    run = tmp_path / "run"
    files = sorted((run / "samples").glob("*.txt"))
    lines = [file.read_text().splitlines() for file in files]
    assert [int(file.stem) for file in files] == [0, 16]
    assert [len(text) for text in lines] == [3, 3]

    (folder,) = run.glob("wandb/offline-run-*")
    told = [row for row in OfflineRun(folder).history if "texts.path" in row]
    assert [row["images_seen"] for row in told] == [0, 16]
    tables = [json.loads((folder / "files" / row["texts.path"]).read_text()) for row in told]
    assert tables[0]["columns"] == ["text"]
    assert [[text for (text,) in table["data"]] for table in tables] == lines

    found = events(run)
    written = found.Tensors("texts/text_summary")
    assert [event.step for event in written] == [0, 16]
    values = [event.tensor_proto.string_val[0].decode() for event in written]
    assert values == ["\n".join(f"    {line}" for line in text) for text in lines]

    kept = mlflow_files(run, "texts")
    assert [*kept] == ["texts/000000000.txt", "texts/000000016.txt"]
    assert [file.read_text().splitlines() for file in kept.values()] == lines
