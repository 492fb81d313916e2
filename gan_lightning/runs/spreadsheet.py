"""Tables of runs that a spreadsheet opens."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from gan_lightning.runs.status import Status

MOST_PLAYERS = 50
"""That have a column; more would be the work of a foreign file."""
_FORMULA = ("=", "+", "-", "@")


def harmless(cell: Any) -> Any:
    """A cell of a CSV file that no spreadsheet takes for a formula: such text gets an apostrophe before it.

    Numbers, also those that are written as text, stay as they are. A carriage return, which would begin a new row in
    some programs, becomes a line feed, which is quoted.
    """
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r", "\n")
    if not cell.startswith(("\t", "\n")) and not cell.lstrip().startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def measures(found: Sequence[Status | None]) -> dict[str, list[Any]]:
    """How long runs took, and how large their networks are: a column for every player of any of them.

    Args:
        found: a status of each run; None where there is none.
    """
    sizes = [status.parameters or {} if status is not None else {} for status in found]
    # Runs that have left no sizes get the columns of a GAN, empty.
    players = list(dict.fromkeys(player for size in sizes for player in size)) or ["generator", "discriminator"]
    players = players[:MOST_PLAYERS]
    names = ("images_seen", "seconds", "images_per_second")
    times = {name: [None if status is None else getattr(status, name) for status in found] for name in names}
    return times | {f"parameters.{player}": [size.get(player) for size in sizes] for player in players}


def as_csv(columns: Mapping[str, Sequence[Any]]) -> str:
    """A table as CSV whose text no spreadsheet takes for a formula. None and NaN are empty cells.

    Args:
        columns: of one length, by their headings.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(map(harmless, columns))
    for cells in zip(*columns.values(), strict=True):
        rows.writerow("" if cell is None or cell != cell else harmless(cell) for cell in cells)
    return text.getvalue()
