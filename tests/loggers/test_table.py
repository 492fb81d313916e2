"""The CSV table of scalars."""

import csv
from pathlib import Path

from gan_lightning import loggers


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_table_makes_room_for_new_columns_and_keeps_what_it_has(tmp_path):
    table = loggers.CSVTable(str(tmp_path / "logs"))
    table.log_metrics({"loss": 1.0}, step=10)
    table.log_metrics({"loss": 0.5, "fid": 7.0}, step=20)
    table.log_metrics({"loss": 0.25}, step=30)
    assert rows(tmp_path / "logs") == [
        {"step": "10", "loss": "1.0", "fid": ""},
        {"step": "20", "loss": "0.5", "fid": "7.0"},
        {"step": "30", "loss": "0.25", "fid": ""},
    ]
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["metrics.csv"]


def test_table_goes_on_with_an_earlier_one_and_drops_only_a_torn_row(tmp_path):
    (tmp_path / "metrics.csv").write_text("step,loss,fid\n10,1.0,\n20,0.5,7.0\n30,0.2")
    table = loggers.CSVTable(str(tmp_path))
    table.log_metrics({"loss": 0.25}, step=30)
    table.log_metrics({"is": 2.0}, step=40)
    assert [(row["step"], row["loss"], row["fid"], row["is"]) for row in rows(tmp_path)] == [
        ("10", "1.0", "", ""),
        ("20", "0.5", "7.0", ""),
        ("30", "0.25", "", ""),
        ("40", "", "", "2.0"),
    ]


def test_table_that_was_killed_before_its_first_row_begins_anew(tmp_path):
    for content in ("", "step,lo", "step,loss\n", "step,loss\n1"):
        (tmp_path / "metrics.csv").write_text(content)
        table = loggers.CSVTable(str(tmp_path))
        table.log_metrics({"loss": 1.0}, step=10)
        assert [(row["step"], row["loss"]) for row in rows(tmp_path)] == [("10", "1.0")], content
