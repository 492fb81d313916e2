"""What goes into the page, and that nothing breaks out of it."""

import base64
import io
import json
import math
import random
import re
from pathlib import Path

import pytest
from folders import composed, finished, sweep, write_run
from PIL import Image

from gan_lightning.counting import evenly
from gan_lightning.report import pictures
from gan_lightning.report.page import POINTS, contents, page
from gan_lightning.report.pictures import Pictures
from gan_lightning.runs.found import find_runs

HOSTILE = "</script><script>alert(1)</script><!-- & \u2028 'x' \"y\" $data ${style} \\u003c"


def data_of(html: str) -> dict:
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.S)
    return json.loads(text)


def test_no_text_breaks_out_of_the_data(tmp_path):
    """Names of folders, settings and errors are whatever they are."""
    told = finished(state="failed", error=HOSTILE, overrides=[f"dataset.path={HOSTILE}"])
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "status.json").write_text(json.dumps(told))
    html = page(find_runs(tmp_path), HOSTILE)
    assert html.count("</script>") == 2
    assert html.count("<script") == 2
    assert "alert(1)</" not in html
    data = data_of(html)
    assert data["title"] == data["runs"][0]["problem"] == HOSTILE
    assert data["common"] == {"dataset.path": HOSTILE}


def test_page_needs_nothing_but_itself(tmp_path):
    html = page(find_runs(sweep(tmp_path, 3, validations=2, rows=2)), "sweep")
    assert not re.search(r"""(src|href|url\()\s*=?\s*["']?(?!data:)(https?:|//|\w+\.(js|css))""", html)
    assert "import " not in re.sub(r'id="data">.*?</script>', "", html, flags=re.S)


def test_what_is_no_number_is_null(tmp_path):
    write_run(tmp_path / "run", [], composed(), {1000: math.nan}, {500: 0.123456789, 600: math.inf})
    (run,) = data_of(page(find_runs(tmp_path), "x"))["runs"]
    assert run["scores"] == {"last.fid_classifier": None}
    assert run["curves"]["loss_generator"] == [[500, 0.123457], [600, None]]


def test_long_curves_are_thinned_but_keep_their_end_and_where_they_broke(tmp_path):
    losses = {n: math.nan if n in (3333, 3334) else float(n) for n in range(5000)}
    write_run(tmp_path / "run", [], composed(), {}, losses)
    points = contents(find_runs(tmp_path), "x")["runs"][0]["curves"]["loss_generator"]
    assert POINTS <= len(points) <= POINTS + 1
    assert (points[0][0], points[-1][0]) == (0, 4999)
    assert 3333 in [seen for seen, _ in points]


@pytest.mark.parametrize(
    ("count", "most", "kept"),
    [(0, 3, []), (2, 3, [0, 1]), (5, 3, [0, 2, 4]), (100, 1, [99]), (10, 4, [0, 3, 6, 9]), (1, 1, [0])],
)
def test_evenly(count, most, kept):
    assert evenly(count, most) == kept


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


def test_curves_stand_by_kind(tmp_path):
    write_run(tmp_path / "run", [], composed(), {1000: 1.0}, {1000: 1.0})
    assert contents(find_runs(tmp_path), "x")["curves"] == {
        "Scores": ["fid_classifier"],
        "Losses": ["loss_generator"],
        "Other": [],
    }


def test_assets_hold_no_end_of_their_element():
    assets = Path(pictures.__file__).parent / "assets"
    assert all("</" not in file.read_text() for file in assets.iterdir() if file.suffix in (".js", ".css"))
