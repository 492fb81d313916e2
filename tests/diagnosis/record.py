"""Keep what a diagnosis reads of a run, small enough for the repository: python tests/diagnosis/record.py RUN NAME.

`config.yaml` of each recorded run has the command that made it.
"""

import csv
import shutil
import sys
from pathlib import Path

import yaml

ROWS = 200
"""Of a log that are kept, evenly."""
KEPT = ("command", "loss", "spec")


def record(run: Path, folder: Path) -> None:
    (folder / "logs").mkdir(parents=True)
    (folder / "samples").mkdir()
    config = yaml.safe_load((run / "config.yaml").read_text())
    samples = {name: config["callbacks"]["samples"].get(name) for name in ("_target_", "columns")}
    kept = {**{name: config[name] for name in KEPT}, "callbacks": {"samples": samples}}
    kept["command"] = [word for word in kept["command"] if not word.startswith("hydra.run.dir")]
    (folder / "config.yaml").write_text(yaml.safe_dump(kept, sort_keys=False))
    shutil.copy(run / "scores.jsonl", folder / "scores.jsonl")
    with (run / "logs" / "metrics.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    step = -(-len(rows) // ROWS)
    with (folder / "logs" / "metrics.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows[::step]])
    last = max((run / "samples").glob("*.png"))
    shutil.copy(last, folder / "samples" / last.name)


if __name__ == "__main__":
    record(Path(sys.argv[1]), Path(__file__).parent / "recorded" / sys.argv[2])
