"""Folders that are damaged, or meant to harm whoever reports on them: each run is listed, and the page is made."""

import io
import itertools
import json
import os
import re
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from folders import composed, finished, write_run
from PIL import Image
from spoilt import SECRET, plain_run

from gan_lightning.report import load_runs, pictures
from gan_lightning.report.files import report
from gan_lightning.report.page import contents
from gan_lightning.report.pictures import Pictures
from gan_lightning.report.table import load_runs as table_of
from gan_lightning.report.table import markdown
from gan_lightning.runs import curves, settings
from gan_lightning.runs.found import find_runs

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
STATUS = {
    "overrides": 3,
    "overrides of numbers": {"overrides": [1, 2]},
    "error": {"error": 5, "state": "failed"},
    "parameters": {"parameters": [1]},
    "seconds": {"seconds": "long"},
    "huge": '{"state": "finished", "best": 1' + "0" * 400 + "}",
    "huge images": '{"state": "finished", "images_seen": 1' + "0" * 5000 + "}",
    "infinite": '{"state": "finished", "seconds": Infinity}',
    "state": {"state": ["finished"]},
    "monitor": {"monitor": 5},
    "mode": {"mode": ["min"]},
    "started": {"started": 2026},
    "less than none": {"seconds": -5.0},
    "deep": "[" * 100_000,
    "deep but whole": '{"state": "finished", "x": ' + "[" * 300 + "]" * 300 + "}",
    "text": '"finished"',
    "no UTF-8": b"\xff\xfe{}",
    "empty": b"",
    "large": b" " * 2_000_000,
    "zeros": bytes(100),
}
CONFIG = {
    "date": "when: 2026-01-01\n",
    "time": "a: [{when: 2026-01-01 10:00:00}]\n",
    "set": "a: !!set {x, y}\n",
    "binary": "a: !!binary aGVsbG8=\n",
    "python": "a: !!python/object/apply:os.system ['false']\n",
    "laughs": LAUGHS,
    "itself": "a: &a [*a]\n",
    "deep": "a: " + "[" * 100_000,
    "deep blocks": "".join(f"{'  ' * i}a:\n" for i in range(700)),
    "key": "? [a, b]\n: 1\n",
    "text": "hello\n",
    "command": "command: 3\n",
    "commands": "command: [[1], {a: b}]\n",
    "number": "a: !!int x\n",
    "two": "a: 1\n---\nb: 2\n",
    "wide": "a: [" + "1," * 200_000 + "]\n",
    "large": "a: " + "x" * 2_000_000,
}
METRICS = {
    "infinite": "step,images_seen,loss\n1,inf,1\n",
    "wide": ",".join(map(str, range(10_000))) + "\n",
    "line": "x" * 300_000,
    "binary": b"\x00\xff\x89PNG\n\n",
    "long row": "step,images_seen,loss\n1,2,3,4,5,6\n",
}
SCORES = {
    "deep": '{"images_seen": 1, "protocol": ' + '{"a":' * 500 + "1" + "}" * 501 + "\n",
    "infinite": '{"images_seen": Infinity}\n',
    "text": '{"images_seen": 1, "fid": "low"}\n',
    "true": '{"images_seen": true, "fid": 1}\n',
    "before the first": '{"images_seen": -1, "fid": 1}\n',
    "wide": json.dumps({"images_seen": 1, **{str(i): i for i in range(1000)}}) + "\n",
    "many": "x\n" * 10_000,
}


def write(file: Path, content: str | bytes) -> None:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def test_every_damaged_file_is_listed_with_a_reason_and_the_page_is_made(outputs):
    for name, content in STATUS.items():
        if isinstance(content, dict | int):
            content = json.dumps(finished(**(content if isinstance(content, dict) else {name: content})))
        write(plain_run(outputs / f"status {name}") / "status.json", content)
    for kind, file, damaged in (
        ("config", "config.yaml", CONFIG),
        ("metrics", "logs/metrics.csv", METRICS),
        ("scores", "scores.jsonl", SCORES),
    ):
        for name, content in damaged.items():
            write(plain_run(outputs / f"{kind} {name}") / file, content)
    plain_run(outputs / "whole")
    begun = time.monotonic()
    report([str(outputs)], outputs / "report.html")
    assert time.monotonic() - begun < 60
    listed = pd.read_csv(outputs / "report.csv").set_index("run")
    assert len(listed) == len(STATUS) + len(CONFIG) + len(METRICS) + len(SCORES) + 1
    assert listed.state["whole"] == "finished"
    for name, row in listed.drop("whole").iterrows():
        file = {"status": "status.json", "config": "config.yaml", "metrics": "logs/metrics.csv"}
        assert re.search(f"{file.get(name.split()[0], 'scores.jsonl')} cannot be read", row.problem), (name, row)
        assert row.state == "incomplete", name
        assert len(row.problem) < 1100
    assert (outputs / "report.html").stat().st_size < 5_000_000
    markdown(load_runs(outputs), [])


def test_pipes_devices_folders_and_sockets_are_not_opened(outputs, monkeypatch):
    os.mkfifo(plain_run(outputs / "pipe") / "error.txt")
    for name, replaced in (
        ("a", "status.json"),
        ("b", "config.yaml"),
        ("c", "scores.jsonl"),
        ("d", "logs/metrics.csv"),
    ):
        run = plain_run(outputs / name)
        (run / replaced).unlink()
        os.mkfifo(run / replaced)
    run = plain_run(outputs / "e")
    (run / "scores.jsonl").unlink()
    (run / "scores.jsonl").mkdir()
    run = plain_run(outputs / "f")
    (run / "samples" / "000001000.png").unlink()
    os.mkfifo(run / "samples" / "000001000.png")
    run = plain_run(outputs / "g")
    (run / "status.json").unlink()
    (run / "status.json").symlink_to("/dev/zero")
    run = plain_run(outputs / "h")
    (run / "status.json").unlink()
    monkeypatch.chdir(run)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("status.json")
    if os.geteuid() == 0:
        (run / "scores.jsonl").unlink()
        os.mknod(run / "scores.jsonl", 0o20600, os.makedev(1, 5))
    report([str(outputs)], outputs / "report.html")
    states = pd.read_csv(outputs / "report.csv").set_index("run").state.to_dict()
    assert states == {"pipe": "finished", "f": "finished", **dict.fromkeys("abcdegh", "incomplete")}


def test_no_link_leads_out_of_a_run(outputs):
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(picture, "PNG")
    (outputs.parent / "red.png").write_bytes(picture.getvalue())
    elsewhere = plain_run(outputs.parent / "elsewhere")
    (elsewhere / "status.json").write_text(json.dumps(finished(state="failed", error=SECRET)))

    run = plain_run(outputs / "error")
    (run / "status.json").write_text(json.dumps(finished(state="failed")))
    (run / "error.txt").symlink_to(outputs.parent / "secret.txt")
    run = plain_run(outputs / "picture")
    (run / "samples" / "000009000.png").symlink_to(outputs.parent / "red.png")
    run = plain_run(outputs / "samples")
    for file in (run / "samples").iterdir():
        file.unlink()
    (run / "samples").rmdir()
    (run / "samples").symlink_to(elsewhere / "samples")
    run = plain_run(outputs / "logs")
    (run / "logs").rename(outputs.parent / "logs")
    (run / "logs").symlink_to(outputs.parent / "logs")
    (run / "scores.jsonl").unlink()
    (run / "scores.jsonl").symlink_to("../../elsewhere/scores.jsonl")
    run = plain_run(outputs / "dangling")
    (run / "status.json").unlink()
    (run / "status.json").symlink_to("nowhere")
    run = plain_run(outputs / "loop")
    (run / "config.yaml").unlink()
    (run / "config.yaml").symlink_to("config.yaml")
    run = plain_run(outputs / "inside")  # what stays inside is no danger
    (run / "status.json").rename(run / "kept.json")
    (run / "status.json").symlink_to("kept.json")
    (outputs / "linked run").symlink_to(elsewhere)
    (outputs / "round").symlink_to(outputs)

    report([str(outputs)], outputs / "report.html")
    table = pd.read_csv(outputs / "report.csv").set_index("run")
    names = ["dangling", "error", "inside", "logs", "loop", "picture", "samples"]
    assert table.index.tolist() == names
    assert table.state.tolist() == ["incomplete", "failed", "finished", *["incomplete"] * 2, "finished", "incomplete"]
    assert "error.txt cannot be read (a link that leads out" in table.problem["error"]
    assert table.problem["logs"].count("a link that leads out of the run's folder") == 2
    assert SECRET not in (outputs / "report.html").read_text()
    made = contents(find_runs(outputs), "x")
    shots = {run["name"]: [seen for seen, _ in run["snapshots"]] for run in made["runs"]}
    assert (shots["picture"], shots["samples"], made["left_out"]) == ([1000], [], 1)


def bomb(pixels: int) -> bytes:
    """A square PNG that needs far more memory than disk."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    row = zlib.compress(bytes(pixels // 8 + 1) * pixels, 1)
    head = struct.pack(">IIBBBBB", pixels, pixels, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


def test_one_bad_picture_costs_no_other_one(outputs, monkeypatch):
    run = plain_run(outputs / "run")
    whole = (run / "samples" / "000001000.png").read_bytes()
    bad = {
        "bomb": bomb(30_000),
        "too large": bomb(9_200),
        "cut": whole[:50],
        "text": b"<svg onload=alert(1)>",
        "gif": b"GIF89a" + bytes(100),
        "bytes": b"\x89PNG\r\n\x1a\n" + bytes(200),
    }
    for number, content in enumerate(bad.values()):
        (run / "samples" / f"{2000 + number}.png").write_bytes(content)
    (run / "samples" / f"{'9' * 200}.png").write_bytes(whole)  # no number of images that a run could see
    (run / "samples" / "²3.png").write_bytes(whole)
    made = Pictures()
    (shots,) = made.of(find_runs(outputs))
    assert [shot.images_seen for shot in shots] == [1000]
    assert made.left_out == len(bad)
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    (shots,) = Pictures().of(find_runs(outputs))
    assert not shots


def test_long_logs_are_read_in_bounded_memory_and_said_to_be_cut(outputs, monkeypatch):
    run = plain_run(outputs / "long")
    rows = "".join(f"{n},{n},{n / 1000}\n" for n in range(1, 30_001))
    (run / "logs" / "metrics.csv").write_text(f"step,images_seen,loss\n{rows}")
    (found,) = find_runs(outputs)
    points = list(found.curves["loss"].items())
    assert curves.KEPT <= len(points) <= 2 * curves.KEPT + 2
    assert (points[0], points[-1]) == ((1, 0.001), (30_000, 30.0))
    gaps = {int(after - before) for (before, _), (after, _) in itertools.pairwise(points[:-1])}
    assert len(gaps) == 1  # evenly
    assert not found.problem
    monkeypatch.setattr(curves, "MOST_ROWS", 100)
    (found,) = find_runs(outputs)
    assert max(found.curves["loss"]) == 99
    assert "logs/metrics.csv has more than 100 rows or 128 MB; the rest was not read" in found.problem
    assert found.state == "incomplete"


def test_foreign_settings_take_no_column_of_the_table(outputs):
    for i, name in enumerate(("state", "run", "protocol", "images_seen", "group", "last.fid_classifier", "runs")):
        write_run(outputs / str(i), [f"{name}={i}"], {**composed(), name: i}, {1000: 1.0}, {}, status=finished())
    frame = table_of(outputs)
    assert frame.columns.is_unique
    assert frame.state.tolist() == ["finished"] * 7
    assert frame["last.fid_classifier"].tolist() == [1.0] * 7
    markdown(frame, [])


def test_thousands_of_foreign_settings_are_cut(outputs):
    for name in "ab":
        many = {f"{name}{i}": i for i in range(5_000)}
        write_run(outputs / name, [f"{name}_{i}=1" for i in range(500)], many, {1000: 1e308}, {}, status=finished())
    begun = time.monotonic()
    report([str(outputs)], outputs / "report.html")
    assert time.monotonic() - begun < 30
    assert len(pd.read_csv(outputs / "report.csv").columns) < settings.MOST_COLUMNS + 20


def test_scores_of_any_size_have_means(outputs):
    for seed in range(2):
        write_run(
            outputs / str(seed), [f"seed={seed}"], composed(seed), {1000: 1e308}, {500: -1e308}, status=finished()
        )
        write_run(outputs / f"{seed}b", [f"seed={seed}"], composed(seed, lr=1), {9: 1e-300}, {}, status=finished())
    report([str(outputs)], outputs / "report.html")
    markdown(load_runs(outputs), [])


@contextmanager
def deep_folder(folder: Path, levels: int) -> Iterator[None]:
    """Folders within folders; removed afterwards, because pytest could not."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    for _ in range(levels):
        os.mkdir("d")
        os.chdir("d")
    deepest = os.open(".", os.O_RDONLY)
    os.chdir(here)
    yield
    os.chdir(deepest)
    for _ in range(levels):
        os.chdir("..")
        os.rmdir("d")
    os.chdir(here)
    os.close(deepest)
    os.close(here)


def test_names_that_are_no_utf8_and_names_of_markup(outputs, capsys):
    plain_run(Path(os.fsdecode(os.fsencode(outputs) + b"/caf\xe9")))
    plain_run(outputs / "<script>alert(1)<_script>")
    plain_run(outputs / "line\nbreak\x1b[31m")
    plain_run(outputs / "=cmd|' _C calc'!A0")
    with deep_folder(outputs, 2_500):  # deeper than Python's stack, and than the longest path
        report([str(outputs)], outputs / "report.html")
    runs = pd.read_csv(outputs / "report.csv").run.tolist()
    assert set(runs) == {"caf\ufffd", "<script>alert(1)<_script>", "line\ufffdbreak\ufffd[31m", "'=cmd|' _C calc'!A0"}
    assert "<script>alert" not in (outputs / "report.html").read_text()
    markdown(load_runs(outputs), [])


@pytest.mark.parametrize("start", ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1"])
def test_no_cell_is_a_formula_and_numbers_stay_numbers(outputs, start):
    odd = {**composed(), "note": start}
    run = write_run(outputs / "a", [f"note={start}"], odd, {1000: -0.5}, {}, status=finished())
    (run / "status.json").write_text(json.dumps(finished(state="failed", error=f"{start}|calc")))
    write_run(outputs / "b", ["note=-0.5"], {**composed(), "note": -0.5}, {1000: -0.5}, {}, status=finished())
    report([str(outputs)], outputs / "report.html")
    written = pd.read_csv(outputs / "report.csv", keep_default_na=False)
    assert written.note.tolist() == [f"'{start}".replace("\r", "\n"), "-0.5"]
    assert written.problem[0] == f"'{start}|calc".replace("\r", "\n")
    assert written["last.fid_classifier"].tolist() == [-0.5, -0.5]
