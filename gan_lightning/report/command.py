"""gan-report: one page and one table that compare runs."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, final

from gan_lightning.console import version
from gan_lightning.console.comments import drop_comment
from gan_lightning.console.output import keep_output_from_failing
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import write_whole
from gan_lightning.report.page import MARK, page
from gan_lightning.report.table import markdown, over_seeds, table
from gan_lightning.runs.found import common, find_runs, printable
from gan_lightning.runs.reading import UnreadableError, read_inside
from gan_lightning.runs.spreadsheet import as_csv

MOST_REPLACED = 1_000_000_000
"""Bytes of an earlier report."""

EXAMPLES = """examples:
  gan-report outputs                                 # all runs below it: outputs/report.html and .csv
  gan-report outputs/2026-11-24/10-30-00_sweep       # a sweep
  gan-report RUN1 RUN2 --output comparison.html      # some runs
  gan-report outputs --markdown --scores last.fid_classifier
"""


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


@final
class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence, as the other commands do, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        raise SettingError(f"{message}; gan-report --help explains the options")


def _options() -> argparse.Namespace:
    parser = _Parser(
        "gan-report", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=version.line("gan-report"))
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="of a run, of a sweep, or any above")
    parser.add_argument("--output", type=Path, metavar="FILE.html", help="report.html in the folder")
    parser.add_argument("--markdown", action="store_true", help="print the means over seeds instead of writing a page")
    parser.add_argument(
        "--scores", nargs="+", default=[], metavar="SCORE", help="of --markdown: last.NAME or best.NAME"
    )
    return parser.parse_args()


def main() -> None:
    """Console script."""
    keep_output_from_failing()
    drop_comment()
    try:
        options = _options()
        if options.markdown:
            print(markdown(table(find_runs(*options.folders)), options.scores))
            return
        output = options.output or common(options.folders) / "report.html"
        for path in report(options.folders, output):
            print(printable(os.path.relpath(path)))
    except SettingError as error:
        print(f"gan-report: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
