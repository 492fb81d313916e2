"""A table that a resumed run goes on with."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from lightning.pytorch.loggers import Logger
from lightning.pytorch.utilities import rank_zero_only

from gan_lightning.errors import SettingError
from gan_lightning.files import write_whole
from gan_lightning.ranges import PathText


@final
class CSVTable(Logger):
    """Scalars as `metrics.csv`, a row for every call, with an empty cell for what a row does not have.

    Unlike Lightning's CSV logger it goes on with a table that is there, and replaces the file as a whole when a new
    column needs room in every row, so that a killed run leaves a whole table. What its last row may lack is dropped.

    Args:
        folder: of the file; made if it is missing.

    Raises:
        SettingError: the file is there and holds something else.
    """

    def __init__(self, folder: PathText) -> None:
        super().__init__()
        self.path = Path(folder) / "metrics.csv"
        self.columns: list[str] = []
        self._check()

    @property
    def name(self) -> str:
        return "csv"

    @property
    def version(self) -> str:
        return ""

    @rank_zero_only
    def log_hyperparams(self, params: Any) -> None:
        """The run's `config.yaml` has them."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        row = {"step": step, **metrics}
        if not self.columns:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._take_up()
        if row.keys() <= set(self.columns):
            with self.path.open("a", newline="") as file:
                csv.DictWriter(file, self.columns).writerow(row)
        else:
            self._rewrite([*self._rows(), row])

    def _check(self) -> None:
        """Refuse, before training, what could not be gone on with."""
        try:
            reason = self._fault()
        except (OSError, ValueError, csv.Error) as error:
            reason = str(error.strerror) if isinstance(error, OSError) else "it is not a table of numbers"
        if reason is not None:
            raise SettingError(f"{self.path}: cannot be gone on with ({reason}); move it elsewhere")

    def _fault(self) -> str | None:
        """What is wrong with the table; None if it can be gone on with."""
        if not self.path.exists():
            return None
        rows = self._rows()
        if any(None in row for row in rows):
            return "a row has more cells than there are columns"
        with self.path.open(newline="") as file:
            columns = next(csv.reader(file), [])
        if len(set(columns)) < len(columns) or not all(name.isprintable() for name in columns):
            return "its columns are not named each by another name"
        for row in rows[:-1]:  # a killed run may have left half of the last one
            for value in filter(None, row.values()):
                float(value)
        return None

    def _take_up(self) -> None:
        """Know the columns of an earlier run's table, and end it with a whole row."""
        if self.path.exists() and self.path.stat().st_size:
            rows = self._rows()
            whole = self.path.read_bytes().endswith(b"\n")
            self._rewrite(rows if whole else rows[:-1])

    def _rows(self) -> list[Mapping[str, Any]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return list(csv.DictReader(file))

    def _rewrite(self, rows: list[Mapping[str, Any]]) -> None:
        self.columns = list(dict.fromkeys([*self.columns, *(column for row in rows for column in row)]))
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.columns)
        writer.writeheader()
        writer.writerows(rows)
        write_whole(self.path, text.getvalue().encode())
