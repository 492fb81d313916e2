"""The table of a run's log as curves that are short enough to keep, however long the table is."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, final

from gan_lightning.runs.reading import UnreadableError, open_inside

FILE = "logs/metrics.csv"
MOST_BYTES, MOST_ROWS = 128_000_000, 1_000_000
"""That are read of a log."""
LONGEST_LINE = 100_000
"""Bytes of a row."""
MOST_CURVES = 200
KEPT = 500
"""Points of a curve that are kept at least where there are so many; the others are left out evenly."""


@final
class Curve:
    """Values by images seen. From twice `KEPT` points on every second one is left out, then every fourth ...

    What is logged again, as by a resumed run, replaces what was there. The first value that is not a number stays, and
    so does the last point.
    """

    def __init__(self) -> None:
        self._points: dict[float, float] = {}
        self._every, self._count = 1, 0
        self._last: tuple[float, float] | None = None
        self._broken: tuple[float, float] | None = None

    def add(self, seen: float, value: float) -> None:
        """Add a value after so many images."""
        if seen in self._points or self._count % self._every == 0:
            self._points[seen] = value
        self._count += 1
        self._last = (seen, value)
        if math.isfinite(value):
            self._broken = None if self._broken is not None and self._broken[0] == seen else self._broken
        elif self._broken is None:
            self._broken = (seen, value)
        if len(self._points) > 2 * KEPT:
            self._points = dict(list(self._points.items())[::2])
            self._every *= 2

    def points(self) -> dict[float, float]:
        """In the order of images seen."""
        ends = [point for point in (self._broken, self._last) if point is not None]
        return dict(sorted((self._points | dict(ends)).items()))


def read_curves(folder: Path, problems: list[str]) -> dict[str, dict[float, float]]:
    """The log of a run as curves by name; what cannot be read is added to `problems` as a sentence."""
    curves: dict[str, Curve] = {}
    try:
        with open_inside(folder, FILE) as file:
            rows = csv.DictReader(_lines(file))
            if len(rows.fieldnames or ()) > MOST_CURVES:
                raise UnreadableError(f"more than {MOST_CURVES} columns")
            try:
                for row in rows:
                    text = row.pop("images_seen")
                    if text == "":  # a callback of Lightning's own has logged it
                        continue
                    seen = _finite(text)
                    for name, cell in row.items():
                        if cell and name != "step":
                            value = float(cell)
                            curves.setdefault(name, Curve()).add(seen, value)
            except (ValueError, TypeError, KeyError, csv.Error):
                problems.append(f"line {rows.line_num} of {FILE} cannot be read")
            else:
                if file.read(1):
                    most = f"{MOST_ROWS:,} rows or {MOST_BYTES / 1e6:g} MB"
                    problems.append(f"{FILE} has more than {most}; the rest was not read")
    except FileNotFoundError:
        return {}
    except (UnreadableError, csv.Error, UnicodeDecodeError, OSError) as error:
        reason = error if isinstance(error, UnreadableError) else "no table"
        problems.append(f"{FILE} cannot be read ({reason})")
        return {}
    return {name: curve.points() for name, curve in curves.items()}


def _lines(file: BinaryIO) -> Iterator[str]:
    """Whole lines: a run that is being written, or was killed, may end within one."""
    read = 0
    for _ in range(MOST_ROWS):
        line = file.readline(LONGEST_LINE)
        read += len(line)
        if not line.endswith(b"\n"):
            if len(line) == LONGEST_LINE:
                raise csv.Error("a line without an end")
            return
        yield line.decode()
        if read >= MOST_BYTES:
            return


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value
