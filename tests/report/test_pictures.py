"""Sample grids on a page: few, small, and within a budget."""

import base64
import io
import random

from folders import composed, write_run
from PIL import Image

from gan_lightning.counting import evenly
from gan_lightning.report import pictures
from gan_lightning.report.pictures import Pictures
from gan_lightning.runs.found import find_runs


def test_snapshots_are_few_small_and_each_picture_is_there_once(tmp_path):
    fids = {1000 * i: 1.0 for i in range(1, 31)}
    for name in "ab":
        write_run(tmp_path / name, [], composed(), fids, {}, pixels=900)
    made = Pictures()
    first, second = made.of(find_runs(tmp_path))
    assert [shot.images_seen for shot in first] == [1000 * (i + 1) for i in evenly(30, pictures.MOST)]
    assert first == second  # the two runs drew the same
    assert len(made.uris) == pictures.MOST
    assert all(uri.startswith("data:image/webp;base64,") for uri in made.uris)


def test_picture_is_the_grid_made_smaller(tmp_path):
    run = write_run(tmp_path / "run", [], composed(), {1000: 1.0}, {}, pixels=900)
    made = Pictures()
    made.of(find_runs(tmp_path))
    content = io.BytesIO(base64.b64decode(made.uris[0].partition(",")[2]))
    with Image.open(content) as small, Image.open(run / "samples" / "000001000.png") as whole:
        assert small.size == (pictures.WIDEST, pictures.WIDEST)
        pairs = zip(small.convert("RGB").getpixel((9, 9)), whole.getpixel((9, 9)), strict=True)
    assert all(abs(a - b) < 6 for a, b in pairs)


def test_pictures_keep_their_budget(tmp_path, monkeypatch):
    pixels = random.Random(0)
    for name in "abc":
        run = write_run(tmp_path / name, [], composed(), {1000 * i: 1.0 for i in range(1, 13)}, {})
        for file in (run / "samples").iterdir():
            Image.frombytes("RGB", (64, 64), pixels.randbytes(64 * 64 * 3)).save(file)
    runs = find_runs(tmp_path)
    alone = Pictures()
    monkeypatch.setattr(pictures, "BUDGET", 1)
    assert [[shot.images_seen for shot in shots] for shots in alone.of(runs)] == [[12000]] * 3
    budget = 5 * sum(map(len, alone.uris))
    monkeypatch.setattr(pictures, "BUDGET", budget)
    made = Pictures()
    assert [len(shots) for shots in made.of(runs)] == [5, 5, 5]
    assert sum(map(len, made.uris)) < 1.1 * budget


def test_broken_picture_is_left_out(tmp_path):
    run = write_run(tmp_path / "run", [], composed(), {1000: 1.0, 2000: 1.0, 3000: 1.0}, {})
    whole = (run / "samples" / "000003000.png").read_bytes()
    (run / "samples" / "000003000.png").write_bytes(whole[:40])
    (run / "samples" / "000002000.png").write_bytes(b"")
    (shots,) = Pictures().of(find_runs(tmp_path))
    assert [shot.images_seen for shot in shots] == [1000]
