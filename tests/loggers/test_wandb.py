"""The CSV table, TensorBoard and Weights & Biases get scalars, images and the configuration, over the images seen."""

import csv
import json
import time
from pathlib import Path

import numpy as np
import pytest
import wandb
from PIL import Image

from gan_lightning import loggers
from gan_lightning.train import train

DIGITS = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=100"]
SHORT = ["trainer.max_epochs=2", "trainer.log_every_n_steps=10"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # from TensorBoard's own code
def test_tensorboard_gets_scalars_and_grids(composed, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    train(composed("logger=tensorboard", *DIGITS, *SHORT))
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"), {"images": 0, "scalars": 0})
    events.Reload()
    assert [event.step for event in events.Scalars("fid_classifier")] == [44 * 32, 88 * 32]
    assert [event.step for event in events.Scalars("loss_generator")] == [320 * i for i in range(1, 9)]
    assert [event.step for event in events.Images("samples")] == [0, 44 * 32, 88 * 32]
    assert (tmp_path / "run" / "logs" / "metrics.csv").exists()


def records(run: Path) -> list[object]:
    """What an offline run holds, read with W&B's own record type from its log of checksummed blocks."""
    from wandb.proto.wandb_internal_pb2 import Record

    (file,) = run.glob("wandb/offline-run-*/run-*.wandb")
    data, found, part, position = file.read_bytes(), [], b"", 7
    while position + 7 <= len(data):
        left_in_block = 32768 - position % 32768
        if left_in_block < 7:
            position += left_in_block
            continue
        length, kind = int.from_bytes(data[position + 4 : position + 6], "little"), data[position + 6]
        part = (b"" if kind in (1, 2) else part) + data[position + 7 : position + 7 + length]
        if kind in (1, 4):
            found.append(Record.FromString(part))
        position += 7 + length
    return found


def test_wandb_offline_holds_config_history_and_visible_images(composed, tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("WANDB_MODE")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setattr(wandb.api.__class__, "api_key", None, raising=False)
    train(composed("logger=wandb", *DIGITS, *SHORT))
    assert caplog.text.count("Weights & Biases offline") == 1
    assert "wandb sync" in caplog.text
    assert wandb.run is None
    # W&B's own process may still be writing the end of the file when the run is finished.
    for _ in range(100):
        found = records(tmp_path / "run")
        if found and found[-1].WhichOneof("record_type") == "exit":
            break
        time.sleep(0.1)
    history = []
    for record in found:
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            history.append({item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in items})
    scored = [row for row in history if "fid_classifier" in row]
    assert [row["images_seen"] for row in scored] == [44 * 32, 88 * 32]
    assert [row["images_seen"] for row in history if "loss_generator" in row] == [320 * i for i in range(1, 9)]
    axes = [record.metric for record in found if record.WhichOneof("record_type") == "metric"]
    assert any(axis.step_metric == "images_seen" for axis in axes)
    keys = {update.key for record in found for update in record.config.update} | {
        update.key for record in found for update in record.run.config.update
    }
    assert {"model", "dataset", "seed"} <= {key.split("/")[0] for key in keys}
    (folder,) = (tmp_path / "run").glob("wandb/offline-run-*/files/media/images")
    pictures = sorted(folder.iterdir())
    assert len(pictures) == 3
    with Image.open(pictures[-1]) as picture:
        assert 5 < np.array(picture).mean() < 250


def test_wandb_without_network_goes_on_offline(tmp_path, monkeypatch, caplog):
    started = []

    def start(logger: object) -> None:
        started.append(logger._offline)
        if not logger._offline:
            raise wandb.errors.CommError("timed out")

    monkeypatch.setattr(loggers, "_start", start)
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setattr(wandb.api.__class__, "api_key", "0" * 40, raising=False)
    loggers.wandb_logger("project", str(tmp_path))
    assert started == [False, True]
    assert "timed out" in caplog.text


# --- the table ---


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_table_makes_room_for_new_columns_and_keeps_what_it_has(tmp_path):
    table = loggers.CSVTable(str(tmp_path / "logs"))
    table.log_metrics({"loss": 1.0}, step=10)
    table.log_metrics({"loss": 0.5, "fid": 7.0}, step=20)
    table.log_metrics({"loss": 0.25}, step=30)
    assert rows(tmp_path / "logs") == [
        {"step": "10", "loss": "1.0", "fid": ""},
        {"step": "20", "loss": "0.5", "fid": "7.0"},
        {"step": "30", "loss": "0.25", "fid": ""},
    ]
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["metrics.csv"]


def test_table_goes_on_with_an_earlier_one_and_drops_only_a_torn_row(tmp_path):
    (tmp_path / "metrics.csv").write_text("step,loss,fid\n10,1.0,\n20,0.5,7.0\n30,0.2")
    table = loggers.CSVTable(str(tmp_path))
    table.log_metrics({"loss": 0.25}, step=30)
    table.log_metrics({"is": 2.0}, step=40)
    assert [(row["step"], row["loss"], row["fid"], row["is"]) for row in rows(tmp_path)] == [
        ("10", "1.0", "", ""),
        ("20", "0.5", "7.0", ""),
        ("30", "0.25", "", ""),
        ("40", "", "", "2.0"),
    ]


def test_table_that_was_killed_before_its_first_row_begins_anew(tmp_path):
    for content in ("", "step,lo", "step,loss\n", "step,loss\n1"):
        (tmp_path / "metrics.csv").write_text(content)
        table = loggers.CSVTable(str(tmp_path))
        table.log_metrics({"loss": 1.0}, step=10)
        assert [(row["step"], row["loss"]) for row in rows(tmp_path)] == [("10", "1.0")], content
