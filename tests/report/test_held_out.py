"""Held-out pictures of a translator, cut out of the grids that a run has drawn, and shown in a browser."""

import base64
import io
from pathlib import Path

import pytest
import torch
from browser import CHROMIUM, DRIVER, look, start
from composing import composed as configuration
from folders import composed, finished, write_run
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from selenium.webdriver.common.keys import Keys

from gan_lightning.data import grid, save_png
from gan_lightning.report.files import report
from gan_lightning.report.held_out import held_out
from gan_lightning.runs.found import find_runs
from gan_lightning.training import train

NAMES = ["source", "output", "truth"]


def shade(column: int, row: int, images_seen: int) -> float:
    """What the picture in a column shows: outputs change over the training, sources and truths do not."""
    return -0.9 + 0.2 * column + 0.5 * row + (images_seen / 10_000 if row == 1 else 0.0)


def translator(folder: Path, columns: int = 3, rows: str = "source output target") -> Path:
    run = write_run(folder, [], composed(), {1000: 3.0, 2000: 2.0}, {40: 1.0}, status=finished())
    for images_seen in (1000, 2000):
        images = [
            torch.full((1, 3, 64, 64), shade(column, row, images_seen))
            for row in range(len(rows.split()))
            for column in range(columns)
        ]
        text = {"rows": rows, "columns": str(columns)}
        save_png(grid(torch.cat(images), columns), run / "samples" / f"{images_seen:09}.png", text)
    return run


def colour(uri: str) -> tuple[tuple[int, int], float]:
    """Size, and the one shade of a picture in [-1, 1]."""
    picture = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("L")
    low, high = picture.getextrema()
    assert high - low <= 2  # nothing of a neighbour, and no white border
    return picture.size, (low + high) / 255 - 1


def test_every_picture_is_cut_out_of_its_place(tmp_path):
    (moments,) = held_out(find_runs(translator(tmp_path / "run")))
    assert [(moment.images_seen, moment.names) for moment in moments] == [(1000, NAMES), (2000, NAMES)]
    for moment in moments:
        assert [len(row) for row in moment.pictures] == [3, 3, 3]
        for column, row in enumerate(moment.pictures):
            for place, uri in enumerate(row):
                size, shown = colour(uri)
                assert size == (64, 64)
                assert shown == pytest.approx(shade(column, place, moment.images_seen), abs=0.03)


def test_only_the_first_way_of_several_is_shown(tmp_path):
    run = translator(tmp_path / "run", columns=5, rows="source output back source output back")
    (moments,) = held_out(find_runs(run))
    assert moments[0].names == ["source", "output", "translated back"]
    assert [len(row) for row in moments[0].pictures] == [3] * 4


@pytest.mark.parametrize(
    ("rows", "columns"), [("source", "x"), ("source", "0"), ("source <b>", "1"), ("", "1"), ("source " * 99, "1")]
)
def test_a_picture_that_says_something_else_is_left_out(tmp_path, rows, columns):
    run = write_run(tmp_path / "run", [], composed(), {1000: 3.0}, {40: 1.0}, status=finished())
    info = PngInfo()
    info.add_text("rows", rows)
    info.add_text("columns", columns)
    Image.new("RGB", (40, 40)).save(run / "samples" / "000001000.png", pnginfo=info)
    assert held_out(find_runs(run)) == [[]]


def test_grids_of_a_run_say_what_their_rows_show(tmp_path):
    tiny = ["dataset.resolution=32", "network.width=4", "dataset.source.size=8", "dataset.batch_size=4", "max_images=8"]
    quiet = ["metrics=none", "callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu", f"run_dir={tmp_path}/run"]
    train(configuration("train", "model=pix2pix", "dataset=fake_pairs", *tiny, *quiet, "callbacks.samples.columns=2"))
    ((first, *_),) = held_out(find_runs(tmp_path / "run"))
    assert first.names == NAMES
    assert [len(row) for row in first.pictures] == [3, 3]


@pytest.mark.skipif(CHROMIUM is None or DRIVER is None, reason="no browser")
def test_the_page_has_a_row_for_each_picture_and_a_slider(tmp_path):
    translator(tmp_path / "runs" / "first")
    write_run(tmp_path / "runs" / "second", [], composed(1), {1000: 3.0}, {40: 1.0}, status=finished())
    page = report([str(tmp_path / "runs")], tmp_path / "report.html")[0]
    browser = start()
    try:
        look(browser, 1280, 900)
        browser.get(page.as_uri())
        (part,) = browser.find_elements("css selector", "#held-out article")
        assert [head.text for head in part.find_elements("css selector", "th")] == NAMES
        images = part.find_elements("css selector", "img")
        last = [image.get_attribute("src") for image in images]
        assert [colour(uri)[1] for uri in last[:3]] == pytest.approx([shade(0, i, 2000) for i in range(3)], abs=0.03)
        part.find_element("css selector", "input").send_keys(Keys.HOME)
        assert part.find_element("css selector", "output").text == "1,000"
        first = [image.get_attribute("src") for image in images]
        assert [a == b for a, b in zip(first, last, strict=True)] == [True, False, True] * 3
        look(browser, 390, 844)
        assert browser.execute_script("return document.documentElement.scrollWidth") == 390
        assert browser.get_log("browser") == []
    finally:
        browser.quit()
