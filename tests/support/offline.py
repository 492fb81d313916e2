"""What an offline run of Weights & Biases has written."""

import json
import time
from pathlib import Path
from typing import Any

from wandb.proto.wandb_internal_pb2 import Record


class OfflineRun:
    """The records of a run, read with W&B's own record type from its log of checksummed blocks.

    Attributes:
        run: what the run is called, its group and tags.
        config: nested.
        history: rows, in order.
        axes: what each metric is plotted over, by the metric's pattern.
        artifacts: what was uploaded.
        status: exit status.
    """

    def __init__(self, folder: Path) -> None:
        (file,) = folder.glob("run-*.wandb")
        for _ in range(100):  # W&B's own process may still be writing the end of the file
            by_kind: dict[str, list[Any]] = {}
            for record in map(Record.FromString, _blocks(file.read_bytes())):
                kind = record.WhichOneof("record_type")
                by_kind.setdefault(kind, []).append(getattr(record, kind))
            if "exit" in by_kind:
                break
            time.sleep(0.1)
        self.run = by_kind["run"][0]
        self.config: dict[str, Any] = {}
        for config in [*(run.config for run in by_kind["run"]), *by_kind.get("config", [])]:
            for update in config.update:
                assert not update.nested_key
                self.config[update.key] = json.loads(update.value_json)
        self.history = [
            {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in row.item}
            for row in by_kind["history"]
        ]
        axes = by_kind["metric"]
        self.axes = {axis.name or axis.glob_name: axis.step_metric for axis in axes}
        self.artifacts = by_kind.get("artifact", [])
        self.status = by_kind["exit"][0].exit_code


def _blocks(data: bytes) -> list[bytes]:
    found, part, position = [], b"", 7
    while position + 7 <= len(data):
        left_in_block = 32768 - position % 32768
        if left_in_block < 7:
            position += left_in_block
            continue
        length, kind = int.from_bytes(data[position + 4 : position + 6], "little"), data[position + 6]
        part = (b"" if kind in (1, 2) else part) + data[position + 7 : position + 7 + length]
        if kind in (1, 4):
            found.append(part)
        position += 7 + length
    return found
