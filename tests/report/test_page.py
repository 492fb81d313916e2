"""What goes into the page, and that nothing breaks out of it."""

import json
import math
import re
from pathlib import Path

from folders import composed, finished, sweep, write_run

from gan_lightning.report import pictures
from gan_lightning.report.page import POINTS, contents, page
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
