"""Losses and scores over training as one picture."""

import csv
import math
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, final

import lightning.pytorch as L
from matplotlib.figure import Figure

from gan_lightning.batch import without_route
from gan_lightning.callbacks.evaluation import Evaluation
from gan_lightning.ranges import PathText

LOSSES = "losses"
COLUMNS = 4
"""Panels in a row at most."""
PAUSE = 20.0
"""Seconds at least between two drawings: each takes as long as many steps of a small network."""
_POSITIONS = ("images_seen", "generator_step", "step")

Points = dict[float, float]
"""Values by images seen, so that steps which a resumed run repeats replace the earlier ones."""


@final
class Curves(L.Callback):
    """`curves.png` in the run folder: a panel of the losses and one of each score that was logged, by images seen.

    It is drawn after validations, once in `PAUSE` seconds at most, and when training ends.

    Scores of one kind share a panel: FID by different networks, `l1` and `copy_l1`, both directions of a translation.
    What is not finite is left out.

    Args:
        run_dir: folder of the run.
        csv_file: the log that the CSV logger writes.
    """

    def __init__(self, run_dir: PathText, csv_file: PathText) -> None:
        self.path = Path(run_dir) / "curves.png"
        self.csv_file = Path(csv_file)
        self.higher_is_better: Mapping[str, bool] = {}
        """By the names of scores; panels of others do not say which value is better."""
        self.drawn = -math.inf
        """When the picture was drawn last, by the monotonic clock."""

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        for callback in trainer.callbacks:  # type: ignore[attr-defined]
            if isinstance(callback, Evaluation):
                self.higher_is_better = callback.scores.higher_is_better

    def on_validation_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if time.monotonic() >= self.drawn + PAUSE:
            self._draw_what_is_logged(trainer)

    def on_fit_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self._draw_what_is_logged(trainer)

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        self._draw_what_is_logged(trainer)

    def _draw_what_is_logged(self, trainer: L.Trainer) -> None:
        if trainer.is_global_zero and self.csv_file.exists():
            self.draw()
            self.drawn = time.monotonic()

    def draw(self) -> None:
        """Draw the picture again. Nothing is drawn before the first values are logged."""
        panels = {name: curves for name, curves in self._panels().items() if curves}
        if not panels:
            return
        # As many rows as are needed, and as many columns as fill them best: six panels are two rows of three.
        rows = math.ceil(len(panels) / COLUMNS)
        columns = math.ceil(len(panels) / rows)
        figure = Figure(figsize=(max(5.0, 3.8 * columns), 3.0 * rows), layout="constrained")
        for position, (name, curves) in enumerate(panels.items(), 1):
            axes = figure.add_subplot(rows, columns, position)
            for label, points in curves.items():
                marker = "." if len(points) < 50 else None
                axes.plot(*zip(*sorted(points.items()), strict=True), label=label, marker=marker)
            axes.set_title(name + self._direction(curves), fontsize="medium")
            axes.set_xlabel("images seen")
            axes.locator_params(axis="x", nbins=4)
            axes.xaxis.set_major_formatter("{x:,.0f}")
            if list(curves) != [name]:
                axes.legend(fontsize="small")
        figure.savefig(self.path)

    def _direction(self, curves: Collection[str]) -> str:
        """Which value is better in a panel of such curves, as far as it is known."""
        known = [self.higher_is_better[name] for name in curves if name in self.higher_is_better]
        return f" ({'higher' if known[0] else 'lower'} is better)" if known else ""

    def _panels(self) -> dict[str, dict[str, Points]]:
        """The panels by name, each with its curves by name."""
        panels: dict[str, dict[str, Points]] = {LOSSES: defaultdict(dict)}

        def add(panel: str, curve: str, seen: str, value: str) -> None:
            if math.isfinite(float(value)):
                panels.setdefault(panel, defaultdict(dict))[curve][float(seen)] = float(value)

        with self.csv_file.open(newline="") as file:
            for row in csv.DictReader(file):
                values = {name: value for name, value in row.items() if value and name not in _POSITIONS}
                losses = {name: value for name, value in values.items() if name.startswith("loss_")}
                seen = row.get("images_seen")
                if not seen:  # logged by a callback of Lightning's own
                    continue
                for name, value in losses.items():
                    add(LOSSES, name.removeprefix("loss_"), seen, value)
                # Scores have their own rows; rows with losses also hold logits, norms and rates.
                for name, value in values.items() if not losses else ():
                    add(_kind(name), name, seen, value)
        return panels


def _kind(score: str) -> str:
    """What a score measures: `fid` of `fid_classifier_a2b`, `l1` of `cycle_l1`; other names as they are."""
    name = without_route(score)
    first, _, last = name.partition("_")
    return last if last == "l1" else first if first in ("fid", "kid", "is") else name
