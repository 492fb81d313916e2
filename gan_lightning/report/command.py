"""gan-report: one page and one table that compare runs."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gan_lightning.errors import SettingError
from gan_lightning.report.page import page
from gan_lightning.report.runs import common, find_runs
from gan_lightning.report.table import markdown, over_seeds, table

EXAMPLES = """examples:
  gan-report outputs                                 # all runs below it: outputs/report.html and .csv
  gan-report outputs/2026-11-24/10-30-00_sweep       # a sweep
  gan-report RUN1 RUN2 --output comparison.html      # some runs
  gan-report outputs --markdown --scores last.fid_classifier
"""


def report(folders: Sequence[str], output: Path) -> list[Path]:
    """Write the page, and beside it the tables of the runs and of their means over seeds; return all three files.

    Raises:
        SettingError: there is no run, or the files have another name or cannot be written.
    """
    if output.suffix != ".html":
        raise SettingError(f"--output {output}: ends in .html; the tables stand beside it")
    runs = find_runs(*folders)
    frame = table(runs)
    title = common(folders).name or str(common(folders))
    contents = {
        output: page(runs, title),
        output.with_suffix(".csv"): frame.to_csv(index=False),
        output.with_name(f"{output.stem}_over_seeds.csv"): over_seeds(frame).to_csv(index=False),
    }
    for path, text in contents.items():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SettingError(
                f"{path}: cannot be written ({error.strerror}); choose another place with --output"
            ) from error
    return list(contents)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "gan-report", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="of a run, of a sweep, or any above")
    parser.add_argument("--output", type=Path, metavar="FILE.html", help="report.html in the folder")
    parser.add_argument("--markdown", action="store_true", help="print the means over seeds instead of writing a page")
    parser.add_argument(
        "--scores", nargs="+", default=[], metavar="SCORE", help="of --markdown: last.NAME or best.NAME"
    )
    return parser.parse_args()


def main() -> None:
    """Console script."""
    options = _options()
    try:
        if options.markdown:
            print(markdown(table(find_runs(*options.folders)), options.scores))
            return
        output = options.output or common(options.folders) / "report.html"
        for path in report(options.folders, output):
            print(os.path.relpath(path))
    except SettingError as error:
        print(f"gan-report: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
