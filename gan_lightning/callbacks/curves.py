"""Losses and scores over training as one picture."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import lightning.pytorch as L
from matplotlib.figure import Figure


@final
class Curves(L.Callback):
    """`curves.png` in the run folder: losses and scores over the images seen, from the CSV log.

    Args:
        run_dir: folder of the run.
        csv_file: the log that the CSV logger writes.
        panels: one picture beside the other, each of all columns whose names start so.
    """

    def __init__(self, run_dir: str, csv_file: str, panels: Sequence[str]) -> None:
        self.path = Path(run_dir) / "curves.png"
        self.csv_file = Path(csv_file)
        self.panels = tuple(panels)

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero and self.csv_file.exists():
            self.draw()

    def draw(self) -> None:
        """Draw the picture anew."""
        # By images seen: what a resumed run did again stands where it stood before.
        points: dict[str, dict[float, float]] = defaultdict(dict)
        with self.csv_file.open() as file:
            for row in csv.DictReader(file):
                for name, value in row.items():
                    if value and name.startswith(self.panels):
                        points[name][float(row["images_seen"])] = float(value)
        figure = Figure(figsize=(12, 3.2), layout="constrained")
        for axes, panel in zip(figure.subplots(1, len(self.panels)), self.panels, strict=True):
            for name, values in points.items():
                if name.startswith(panel):
                    axes.plot(
                        *zip(*sorted(values.items()), strict=True), label=name, marker="." if len(values) < 50 else None
                    )
            axes.set_xlabel("images seen")
            axes.locator_params(axis="x", nbins=5)
            if axes.has_data():
                axes.legend()
        figure.savefig(self.path)
