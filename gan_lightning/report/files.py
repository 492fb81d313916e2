"""The three files of a report, which replace nothing but an earlier report."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import write_whole
from gan_lightning.report.page import MARK, page
from gan_lightning.report.table import over_seeds, table
from gan_lightning.runs.found import common, find_runs, printable
from gan_lightning.runs.reading import UnreadableError, read_inside
from gan_lightning.runs.spreadsheet import as_csv

MOST_REPLACED = 1_000_000_000
"""Bytes of an earlier report."""


def report(folders: Sequence[str], output: Path) -> list[Path]:
    """Write the page, and beside it the tables of the runs and of their means over seeds; return all three files.

    What is there is replaced only if an earlier gan-report wrote it, and never through a link.

    Raises:
        SettingError: there is no run, the page's name does not end in .html, something else has one of the names, or
            the files cannot be written.
    """
    if output.suffix != ".html":
        raise SettingError(f"--output {printable(str(output))}: a page's name ends in .html, as report.html does")
    over = output.with_name(f"{output.stem}_over_seeds.csv")
    own: dict[Path, Callable[[bytes], bool]] = {
        output: _is_page,
        output.with_suffix(".csv"): _is_table,
        over: _is_means,
    }
    for path, is_own in own.items():
        _refuse_foreign(path, is_own)
    runs = find_runs(*folders)
    if not output.parent.is_dir():
        raise SettingError(
            f"{printable(str(output))}: cannot be written (there is no such folder); choose another place with --output"
        )
    frame = table(runs)
    title = printable(common(folders).name or str(common(folders)))
    tables = [as_csv(one.to_dict("list")) for one in (frame, over_seeds(frame))]
    for path, text in zip(own, [page(runs, title), *tables], strict=True):
        try:
            write_whole(path, text.encode(errors="replace"))
        except FaultError as error:
            raise SettingError(f"{printable(str(error))}; choose another place with --output") from error
    return list(own)


def _refuse_foreign(path: Path, is_own: Callable[[bytes], bool]) -> None:
    if not os.path.lexists(path):
        return
    try:
        content = read_inside(path.parent, path.name, MOST_REPLACED)
        what = "a link" if path.is_symlink() else "" if is_own(content.partition(b"\n")[0]) else "another file"
    except UnreadableError as error:
        what = f"another file, {error}"
    if what:
        raise SettingError(
            f"{printable(str(path))}: is {what}, which gan-report did not write and does not replace; choose another "
            "place with --output"
        )


def _is_page(line: bytes) -> bool:
    return MARK in line


def _is_table(line: bytes) -> bool:
    return line.startswith(b"run,group,") and b",state,problem,protocol" in line


def _is_means(line: bytes) -> bool:
    return line.startswith(b"group,") and b",runs,protocol" in line
