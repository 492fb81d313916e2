"""What is written never ends a run."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from runs import start

from gan_lightning.console.output import keep_output_from_failing

TINY = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8", "network.width=4"),
    *("metrics=none", "max_images=80", "trainer.accelerator=cpu", "hydra.run.dir='é日本'"),
]


def stream(descriptor: int, encoding: str) -> io.TextIOWrapper:
    """A standard stream as Python makes it."""
    return io.TextIOWrapper(io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False)), encoding=encoding)


@pytest.fixture
def pipe() -> list[int]:
    return list(os.pipe())


@pytest.mark.parametrize(
    ("encoding", "seen"), [("latin-1", "? é ?"), ("gbk", "━ é 日"), ("ascii", "? ? ?"), ("utf-8", "━ é 日")]
)
def test_characters_that_an_encoding_lacks_become_question_marks(monkeypatch, pipe, encoding, seen):
    reader, writer = pipe
    monkeypatch.setattr(sys, "stdout", stream(writer, encoding))
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    keep_output_from_failing()
    print("━ é 日", flush=True)
    os.close(writer)
    assert os.read(reader, 100).decode(encoding) == f"{seen}\n"


def test_a_name_that_is_not_utf8_can_be_printed(monkeypatch, pipe):
    monkeypatch.setattr(sys, "stdout", stream(pipe[1], "utf-8"))
    keep_output_from_failing()
    print(os.fsdecode(b"caf\xe9"), flush=True)
    assert os.read(pipe[0], 100) == b"caf?\n"


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_a_reader_that_goes_away_is_no_error(monkeypatch, pipe, name):
    reader, writer = pipe
    monkeypatch.setattr(sys, name, stream(writer, "utf-8"))
    keep_output_from_failing()
    os.close(reader)
    ours = getattr(sys, name)
    for _ in range(3):
        print("x" * 100_000, file=ours, flush=True)
    os.write(writer, b"libraries write here without Python")  # an error, were it still the pipe
    assert os.readlink(f"/proc/self/fd/{writer}") == os.devnull


def test_a_full_disk_is_no_error(monkeypatch):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", stream(full.fileno(), "utf-8"))
        keep_output_from_failing()
        print("lost", flush=True)


def test_a_full_pipe_that_does_not_wait_is_waited_for(monkeypatch, pipe):
    reader, writer = pipe
    os.set_blocking(writer, False)
    reading = subprocess.Popen(["sh", "-c", "sleep 0.3; wc -c"], stdin=reader, stdout=subprocess.PIPE)
    os.close(reader)
    monkeypatch.setattr(sys, "stdout", stream(writer, "utf-8"))
    keep_output_from_failing()
    print("x" * 300_000, flush=True)
    os.close(writer)
    assert int(reading.communicate()[0]) == 300_001


def test_streams_that_are_not_there_swallow_all(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    keep_output_from_failing()
    print("nowhere", flush=True)
    print("nowhere", file=sys.stderr, flush=True)
    sys.stdout.close()
    sys.stderr.close()


def test_what_others_put_in_place_of_a_stream_stays(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    keep_output_from_failing()
    print("kept")
    assert sys.stdout.getvalue() == "kept\n"


def closed() -> int:
    """The writing end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def test_commands_whose_output_nobody_reads_end_with_their_true_status(tmp_path):
    """In an encoding that lacks most characters."""
    script = Path(sys.executable).parent / "gan-train"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([script, *TINY], cwd=tmp_path, stdout=closed(), stderr=closed(), env=environment)
    assert done.returncode == 0
    assert json.loads((tmp_path / "é日本" / "status.json").read_text())["state"] == "finished"


def test_commands_on_a_full_disk_end_with_their_true_status(tmp_path):
    streams = tmp_path / "streams"
    streams.mkdir()
    for name in ("out", "err"):
        (streams / name).symlink_to("/dev/full")

    def status(script: str, *arguments: str) -> int:
        return start(*arguments, script=script, folder=tmp_path, streams=streams).ended()

    assert status("train", *TINY) == 0
    assert status("train", *TINY) == 1  # refused, since the folder holds a run
    assert status("report", "é日本") == 0
    assert (tmp_path / "é日本" / "report.html").is_file()
