"""The files of a report, which replace nothing but an earlier report."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from spoilt import SECRET, plain_run

from gan_lightning.errors import SettingError
from gan_lightning.report.files import report


@pytest.mark.parametrize("name", ["report.html", "report.csv", "report_over_seeds.csv"])
def test_only_what_gan_report_wrote_is_replaced(outputs, name):
    plain_run(outputs / "run")
    for _ in range(2):  # a second report replaces the files of the first
        report([str(outputs)], outputs / "report.html")
    mine = outputs.parent / "mine"
    makes: dict[str, Callable[[Path], object]] = {
        "file": lambda path: path.write_text("a,b\n1,2\n"),
        "empty": lambda path: path.write_text(""),
        "link": lambda path: path.symlink_to(mine),
        "linked report": lambda path: path.symlink_to(path.with_name("kept")),
        "dangling": lambda path: path.symlink_to("nowhere"),
        "pipe": os.mkfifo,
        "folder": Path.mkdir,
    }
    written = (outputs / name).read_bytes()
    (outputs / "kept").write_bytes(written)
    for kind, make in makes.items():
        mine.write_text("kept")
        (outputs / name).unlink()
        make(outputs / name)
        before = {path: path.lstat().st_mtime_ns for path in outputs.rglob("*")}
        with pytest.raises(
            SettingError, match=f"{name}: is .*did not write and does not replace; choose another place"
        ):
            report([str(outputs)], outputs / "report.html")
        assert {path: path.lstat().st_mtime_ns for path in outputs.rglob("*")} == before, kind
        assert mine.read_text() == "kept"
        if kind == "folder":
            (outputs / name).rmdir()
        else:
            (outputs / name).unlink()
        (outputs / name).write_bytes(written)


def test_a_run_keeps_its_own_tables_and_no_temporary_name_is_followed(outputs):
    run = plain_run(outputs / "run")
    log_file = (run / "logs" / "metrics.csv").read_bytes()
    with pytest.raises(SettingError, match="metrics.csv: is another file"):
        report([str(outputs)], run / "logs" / "metrics.html")
    assert (run / "logs" / "metrics.csv").read_bytes() == log_file
    (outputs / ".report.html.partial").symlink_to(outputs.parent / "secret.txt")
    report([str(outputs)], outputs / "report.html")
    assert (outputs.parent / "secret.txt").read_text() == SECRET
