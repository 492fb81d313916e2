"""The page in a real browser, from a file."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, DRIVER, look, start
from folders import PROTOCOL, composed, finished, sweep, write_run
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from gan_lightning.report.files import report

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="no browser (on Debian: apt-get install chromium chromium-driver)"
)
RUNS, VALIDATIONS = 40, 12


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    browser = start()
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sweep(tmp_path_factory.mktemp("report") / "sweep", RUNS, VALIDATIONS, rows=50)
    return report([str(folder)], folder / "report.html")[0]


@pytest.fixture
def opened(browser, forty) -> Iterator[Any]:
    """The report of forty runs in a window of a desktop; nothing on it may be amiss afterwards."""
    look(browser, 1440, 900)
    browser.get(forty.as_uri())
    yield browser
    assert browser.get_log("browser") == []


def shown(browser: Any, selector: str) -> list[Any]:
    return [element for element in browser.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]


def names(browser: Any) -> list[str]:
    return [element.text for element in shown(browser, "#runs tbody .name")]


def head(browser: Any, text: str) -> Any:
    (found,) = (th for th in shown(browser, "#runs thead th") if th.text.replace("\n", " ") == text)
    return found


def column(browser: Any, text: str) -> list[str]:
    index = [th.text.replace("\n", " ") for th in shown(browser, "#runs thead th")].index(text)
    rows = "[...document.querySelectorAll('#runs tbody tr:not(.problem)')]"
    return browser.execute_script(f"return {rows}.map((row) => row.children[arguments[0]].innerText)", index)


def slide(browser: Any, slider: Any, value: int) -> None:
    """As its user would: by the keyboard."""
    slider.send_keys(Keys.HOME, *[Keys.ARROW_RIGHT] * value)


def test_everything_of_forty_runs_is_there(opened):
    assert opened.title == "sweep"
    assert shown(opened, "#summary")[0].text == "40 runs · 4 settings · 1 failed"
    assert names(opened) == [str(i) for i in range(RUNS)]
    assert len(shown(opened, ".charts .chart")) == 2
    assert len(opened.find_elements(By.CSS_SELECTOR, ".chart:first-child svg .run")) == RUNS - 1
    assert len(shown(opened, ".cards figure")) == RUNS - 1
    broken = "return [...document.querySelectorAll('.cards img')].filter(image => !image.naturalWidth).length"
    assert opened.execute_script(broken) == 0


def test_error_of_a_failed_run_is_text(opened):
    (problem,) = opened.find_elements(By.CSS_SELECTOR, "tr.problem")
    assert opened.execute_script("return arguments[0].innerText", problem) == "</script><b>no room</b> on the disk"
    assert shown(opened, "#runs .state.failed")[0].text == "failed"


def test_means_over_seeds(opened):
    rows = [element.text for element in shown(opened, "#seeds tbody tr")]
    assert [row.split()[0] for row in rows] == ["hinge", "lsgan", "non_saturating", "wasserstein"]
    assert "8.8 ± 0.3" in rows[0]
    assert "(9 of 10)" in rows[3]


def test_columns_sort_both_ways_with_empty_cells_last(opened):
    button = head(opened, "last fid_classifier").find_element(By.TAG_NAME, "button")
    button.click()
    values = column(opened, "last fid_classifier")
    assert values[-1] == "\u2013"
    assert [float(value) for value in values[:-1]] == sorted(float(value) for value in values[:-1])
    assert head(opened, "last fid_classifier").get_attribute("aria-sort") == "ascending"
    button.send_keys(Keys.ENTER)
    values = column(opened, "last fid_classifier")
    assert values[-1] == "\u2013"
    assert [float(value) for value in values[:-1]] == sorted((float(value) for value in values[:-1]), reverse=True)
    head(opened, "run").find_element(By.TAG_NAME, "button").click()
    assert names(opened) == [str(i) for i in range(RUNS)]  # 10 after 9
    assert len([th for th in shown(opened, "#runs thead th") if th.get_attribute("aria-sort")]) == 1


def test_filter_reaches_table_curves_and_samples(opened):
    box = shown(opened, "#filter")[0]
    box.send_keys("loss=hinge seed=3")
    assert names(opened) == ["12"]
    assert shown(opened, "#count")[0].text == "1 of 40"
    assert [element.get_attribute("data-run") for element in shown(opened, ".cards figure")] == ["12"]
    assert [e.get_attribute("data-run") for e in shown(opened, ".chart:first-child svg .run")] == ["12"]
    box.clear()
    box.send_keys("no such run")
    assert names(opened) == []
    assert shown(opened, ".chart:first-child svg text")[0].text == "nothing to draw"
    box.clear()
    box.send_keys(" ")
    assert len(names(opened)) == RUNS


def test_summary_leads_to_the_failed_runs(opened):
    shown(opened, "#summary button")[0].click()
    assert names(opened) == ["39"]


def test_ticks_and_legend_take_runs_out_of_curves_and_samples(opened):
    shown(opened, "#runs tbody input")[0].send_keys(Keys.SPACE)
    assert "0" not in [element.get_attribute("data-run") for element in shown(opened, ".cards figure")]
    assert len(names(opened)) == RUNS
    shown(opened, "#legend button")[1].click()
    assert len(shown(opened, ".cards figure")) == RUNS - 1 - 1 - 10
    assert len(opened.find_elements(By.CSS_SELECTOR, ".chart:first-child svg .run")) == RUNS - 1 - 1 - 10
    shown(opened, "#legend button")[1].click()
    assert len(shown(opened, ".cards figure")) == RUNS - 1 - 1


def test_row_lights_its_curve_and_its_samples(opened):
    shown(opened, "#runs tbody input")[5].send_keys("")  # moves the focus
    assert {e.get_attribute("data-run") for e in opened.find_elements(By.CSS_SELECTOR, "svg .run.lit")} == {"5"}
    assert [e.get_attribute("data-run") for e in opened.find_elements(By.CSS_SELECTOR, "figure.lit")] == ["5"]


def test_curve_lights_its_row_and_tells_its_value(opened):
    svg = shown(opened, ".chart svg")[0]
    point = "const p = arguments[0].querySelector('.run[data-run=\"2\"] circle'); const b = p.getBoundingClientRect();"
    move = "arguments[0].dispatchEvent(new PointerEvent('pointermove', {clientX: b.x + 3, clientY: b.y + 3}));"
    opened.execute_script(point + move, svg)
    lit = opened.find_elements(By.CSS_SELECTOR, "#runs tbody.lit .name")
    assert len(lit) == 1
    assert re.fullmatch(r"\w+ · seed \d: [\d.]+ after 12,000 images", shown(opened, ".tip")[0].text)


def test_menu_chooses_the_curve(opened):
    menu = Select(shown(opened, ".chart select")[0])
    assert [option.text for option in menu.options] == ["fid_classifier", "loss_generator"]
    assert menu.first_selected_option.text == "fid_classifier"
    before = shown(opened, ".chart:first-child svg .run path")[0].get_attribute("d")
    menu.select_by_visible_text("loss_generator")
    assert shown(opened, ".chart:first-child svg .run path")[0].get_attribute("d") != before
    assert "loss_generator over images seen, 39 runs" in shown(opened, ".chart svg")[0].get_attribute("aria-label")


def test_slider_moves_all_grids_through_training(opened):
    slider = shown(opened, "#samples .slider input")[0]
    final = [image.get_attribute("src") for image in shown(opened, ".cards img")]
    slide(opened, slider, 2)
    assert shown(opened, "#samples .slider output")[0].text == "3,000"
    assert all("3,000 images" in caption.text for caption in shown(opened, ".cards figcaption"))
    assert not set(final) & {image.get_attribute("src") for image in shown(opened, ".cards img")}
    slider.send_keys(Keys.END)
    assert [image.get_attribute("src") for image in shown(opened, ".cards img")] == final


def test_grid_is_enlarged_with_a_slider_of_its_own(opened):
    shown(opened, ".cards figure button")[6].send_keys(Keys.ENTER)
    dialog = shown(opened, "dialog")[0]
    assert shown(opened, "#large-title")[0].text == "non_saturating · seed 1"
    output = dialog.find_element(By.TAG_NAME, "output")
    assert output.text == "12,000"
    slide(opened, opened.switch_to.active_element, 0)
    assert output.text == "1,000"
    opened.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert shown(opened, "dialog") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_and_a_telephone_has_room(opened, theme):
    look(opened, 390, 844, theme)
    assert opened.execute_script("return document.documentElement.scrollWidth") == 390
    contrast = """
      const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      const light = (text) => {
        const [r, g, b] = text.match(/[\\d.]+/g).map((v) => linear(v / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const behind = (e) => {
        const colour = getComputedStyle(e).backgroundColor;
        return colour === 'rgba(0, 0, 0, 0)' ? behind(e.parentElement) : colour;
      };
      const texts = document.querySelectorAll('h1, h2, p, td, th, dd, dt, small, label, output, .state, .name');
      return [...texts].map((e) => {
        const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
        return (a + 0.05) / (b + 0.05);
      });
    """
    # WCAG 2, level AA
    assert min(opened.execute_script(contrast)) >= 4.5


def of(folder: Path, browser: Any) -> None:
    look(browser, 1440, 900)
    browser.get(report([str(folder)], folder / "report.html")[0].as_uri())


def test_scores_of_two_protocols_are_marked_and_sorted_apart(browser, tmp_path):
    for name, fid, num_fake in (("a", 9.0, 500), ("b", 5.0, 100), ("c", 7.0, 500), ("d", 3.0, 100)):
        protocol = {**PROTOCOL, "num_fake": num_fake}
        write_run(tmp_path / name, [], composed(), {1000: fid}, {500: 1.0}, protocol=protocol)
    of(tmp_path, browser)
    assert "Only scores with the same letter can be compared" in shown(browser, "#warning")[0].text
    head(browser, "last fid_classifier").find_element(By.TAG_NAME, "button").click()
    assert names(browser) == ["c", "a", "d", "b"]
    assert column(browser, "last fid_classifier") == ["7.00a", "9.00a", "3.00b", "5.00b"]
    assert [note.text[:2] for note in shown(browser, "#protocols p")] == ["a:", "b:"]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    return lambda **given: write_run(tmp_path / "run", ["loss=hinge"], composed(), {1000: 9.0}, {500: 1.0}, **given)


def test_a_single_run_needs_no_means(browser, run):
    of(run(), browser)
    assert shown(browser, "#seeds") == []
    assert names(browser) == ["run"]
    heads = [th.text.replace("\n", " ") for th in shown(browser, "#runs thead th")]
    assert heads == ["run", "seed", "last fid_classifier", "best fid_classifier", "images"]
    assert browser.get_log("browser") == []


def test_diverged_curve_ends_in_a_cross(browser, run):
    folder = run(status=finished(state="failed", error="the loss is not finite: loss is nan"))
    with (folder / "logs" / "metrics.csv").open("a") as file:
        file.write("700,,0.5,700\n2000,,nan,2000\n")
    of(folder, browser)
    assert shown(browser, "#runs .state.diverged")[0].text == "diverged"
    assert shown(browser, "tr.problem")[0].text == "the loss is not finite: loss is nan"
    assert len(shown(browser, ".chart:nth-child(2) .run path")) == 2  # the line and the cross


def test_a_failed_job_alone_is_a_page_too(browser, tmp_path):
    (tmp_path / "0_a=b").mkdir()
    (tmp_path / "0_a=b" / "status.json").write_text(json.dumps(finished(state="failed", error="x", images_seen=0)))
    of(tmp_path, browser)
    assert names(browser) == ["0"]
    assert shown(browser, "#curves") + shown(browser, "#samples") == []
    assert browser.get_log("browser") == []
