"""gan-report: one page and one table that compare runs."""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn, final

from gan_lightning.console import version
from gan_lightning.console.comments import drop_comment
from gan_lightning.console.output import keep_output_from_failing
from gan_lightning.errors import SettingError

EXAMPLES = """examples:
  gan-report outputs                                 # all runs below it: outputs/report.html and .csv
  gan-report outputs/2026-11-24/10-30-00_sweep       # a sweep
  gan-report RUN1 RUN2 --output comparison.html      # some runs
  gan-report outputs --markdown --scores last.fid_classifier
"""


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
    parser.add_argument(
        "folders", nargs="+", metavar="FOLDER", help="folder of a run or of a sweep, or a folder above them"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE.html", help="the page; by default report.html in the folder"
    )
    parser.add_argument("--markdown", action="store_true", help="print the means over seeds instead of writing a page")
    parser.add_argument(
        "--scores", nargs="+", default=[], metavar="SCORE", help="scores that --markdown prints: last.NAME or best.NAME"
    )
    return parser.parse_args()


def main() -> None:
    """Console script."""
    keep_output_from_failing()
    drop_comment()
    try:
        _report(_options())
    except SettingError as error:
        print(f"gan-report: {error}", file=sys.stderr)
        sys.exit(1)


def _report(options: argparse.Namespace) -> None:
    # Only now: importing pandas takes longer than --help and a misspelled option need altogether.
    from gan_lightning.report.files import report
    from gan_lightning.report.table import markdown, table
    from gan_lightning.runs.found import common, find_runs, printable

    if options.markdown:
        print(markdown(table(find_runs(*options.folders)), options.scores))
        return
    output = options.output or common(options.folders) / "report.html"
    for path in report(options.folders, output):
        print(printable(os.path.relpath(path)))


if __name__ == "__main__":
    main()
