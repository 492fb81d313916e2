"""gan-report as its user runs it: in this process, because a fresh one needs seconds to import torch."""

import math
import sys
from collections.abc import Callable

import pandas as pd
import pytest
from folders import sweep

from gan_lightning.report import load_runs, over_seeds
from gan_lightning.report.command import main


@pytest.fixture
def call(monkeypatch, capsys, tmp_path) -> Callable[..., tuple[int, str, str]]:
    """Runs the command in a folder that holds `sweep`: exit status and what it wrote to either stream."""
    sweep(tmp_path / "sweep", 4, validations=2, rows=2)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gan-report", *arguments])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code
        return status, *capsys.readouterr()

    return run


def test_page_and_tables_lie_in_the_folder(call, tmp_path):
    status, told, _ = call("sweep")
    folder = tmp_path / "sweep"
    names = ["report.html", "report.csv", "report_over_seeds.csv"]
    assert (status, told.split()) == (0, [f"sweep/{name}" for name in names])
    assert "<title>sweep</title>" in (folder / "report.html").read_text()
    frame = load_runs(folder)
    written = pd.read_csv(folder / "report.csv", dtype={"run": str})
    pd.testing.assert_frame_equal(written, frame.replace("", math.nan), check_dtype=False)
    assert pd.read_csv(folder / "report_over_seeds.csv").columns.tolist() == over_seeds(frame).columns.tolist()


def test_page_of_several_folders_goes_where_it_is_told_and_is_written_anew(call, tmp_path):
    folders = [f"sweep/{path.name}" for path in sorted((tmp_path / "sweep").iterdir())[:2]]
    for _ in range(2):
        status, told, _ = call(*folders, "--output", "mine.html")
        assert (status, told.split()) == (0, ["mine.html", "mine.csv", "mine_over_seeds.csv"])
    assert len(pd.read_csv("mine.csv")) == 2


def test_markdown_is_printed_and_nothing_is_written(call, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    status, told, _ = call("sweep", "--markdown", "--scores", "best.fid_classifier")
    assert status == 0
    assert told.splitlines()[0] == "| loss | runs | best.fid_classifier |"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nowhere"], "nowhere: there is no such folder"),
        (["sweep", "nowhere"], "nowhere: there is no such folder"),
        (["empty"], "empty: no run below it"),
        (["sweep", "--output", "file/report.html"], "file/report.html: cannot be written"),
        (["sweep", "--output", "nowhere/report.html"], "nowhere/report.html: cannot be written"),
        (["sweep", "--output", "report.csv"], "--output report.csv: a page's name ends in .html"),
        ([], "the following arguments are required: FOLDER; gan-report --help explains the options"),
        (["sweep", "--verbose"], "unrecognized arguments: --verbose; gan-report --help"),
        (["sweep", "--output"], "argument --output: expected one argument; gan-report --help"),
        (["sweep", "--markdown", "--scores", "fid"], "--scores fid: these runs have last.fid_classifier"),
    ],
)
def test_mistake_ends_in_one_sentence(call, tmp_path, arguments, expected):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("kept")
    status, told, error = call(*arguments)
    assert (status, told) == (1, "")
    assert error.startswith(f"gan-report: {expected}")
    assert len(error.splitlines()) == 1


def test_help_has_examples(call):
    status, told, _ = call("--help")
    assert status == 0
    assert told.count("gan-report ") >= 4
