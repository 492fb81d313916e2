"""The page in a browser: what its controls say is what its pictures show, and nothing comes from another address."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import browser
import numpy as np
import pytest
from composing import composed
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import gan_lightning
from gan_lightning.demo import build
from gan_lightning.demo.noise import enlarged
from gan_lightning.errors import SettingError
from gan_lightning.loaded import TrainedModel, grid
from gan_lightning.training import train

TINY = [
    *("dataset.resolution=16", "network.width=4", "dataset.source.size=32", "dataset.batch_size=8", "max_images=16"),
    *("metrics=none", "callbacks=base", "callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu"),
]
TRANSLATOR = ["model=cyclegan", "dataset=fake_unpaired", "network.discriminator.layers=1"]
PATIENCE = 60.0


COMMAND = "import sys; sys.argv[0] = 'gan-demo'; from gan_lightning.commands import demo; demo()"


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("labelled") / "run"
    train(composed("train", "model=cgan", "dataset=fake", *TINY, f"run_dir={run}"))
    return run


@contextmanager
def serving(run: Path) -> Iterator[str]:
    """The address of the page that the command serves meanwhile. Ctrl-C ends it."""
    command = [sys.executable, "-c", COMMAND, f"checkpoint={run}", f"port={free_port()}"]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=run.parent)
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address is not None, line
        yield address[0]
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGINT
    assert told.splitlines()[-1] == "gan-demo: ended by SIGINT"
    assert [path.name for path in run.parent.iterdir()] == [run.name]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if browser.CHROMIUM is None or browser.DRIVER is None:
        pytest.skip("chromium is not installed")
    started = browser.start()
    yield started
    started.quit()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(fulfilled: Callable[[], Any]) -> Any:
    """What a function returns as soon as it is true."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        found = fulfilled()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("the page did not get there in time")


def shows(chromium: Any, place: str, expected: Image.Image) -> bool:
    """Whether a picture of the page has exactly these pixels."""
    source = chromium.execute_script(f"return document.querySelector('#{place} img')?.src")
    if not source:
        return False
    with urlopen(source) as file:
        shown = Image.open(BytesIO(file.read())).convert("RGB")
    return np.array_equal(np.array(shown), np.array(expected.convert("RGB")))


def set_number(chromium: Any, label: str, value: object) -> None:
    fields = chromium.find_elements(By.CSS_SELECTOR, f'input[type=number][aria-label="number input for {label}"]')
    (field,) = [field for field in fields if field.is_displayed()]
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(str(value), Keys.TAB)


def elsewhere(chromium: Any, address: str) -> list[str]:
    loaded = chromium.execute_script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len(loaded) > 5
    return [name for name in loaded if not name.startswith((address, "data:", "blob:"))]


def test_sliders_and_classes_choose_what_is_shown(labelled, chromium):
    model = gan_lightning.load(labelled)
    with serving(labelled) as address:
        browser.look(chromium, 1280, 900)
        chromium.get(address)
        until(lambda: shows(chromium, "samples", enlarged(grid(model.sample(16), columns=4))))
        assert chromium.title == str(labelled)
        set_number(chromium, "Seed", 7)
        until(lambda: shows(chromium, "samples", enlarged(grid(model.sample(16, seed=7), columns=4))))
        set_number(chromium, "Truncation", 0.5)
        set_number(chromium, "Pictures", 5)
        fewer = enlarged(grid(model.sample(5, seed=7, truncation=0.5), columns=3))
        until(lambda: shows(chromium, "samples", fewer))
        choice = chromium.find_element(By.CSS_SELECTOR, "input[aria-label=Class]")
        choice.send_keys(Keys.CONTROL, "a")
        choice.send_keys(model.classes[3], Keys.ENTER)
        of_class = enlarged(grid(model.sample(5, label=model.classes[3], seed=7, truncation=0.5), columns=3))
        until(lambda: shows(chromium, "samples", of_class))

        chromium.find_elements(By.CSS_SELECTOR, "button[role=tab]")[1].click()
        way = model.interpolate(0, 1, 17, model.classes[0])
        until(lambda: shows(chromium, "at-this-place", enlarged(way[8])))
        assert shows(chromium, "the-whole-way", enlarged(grid(way[::2], columns=9)))
        set_number(chromium, "Place between the two", 0.25)
        until(lambda: shows(chromium, "at-this-place", enlarged(way[4])))

        assert elsewhere(chromium, address) == []
        assert [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_a_browser_is_asked_to_load_nothing_from_elsewhere(labelled, chromium):
    with serving(labelled) as address:
        with urlopen(address) as page:
            assert page.headers["content-security-policy"].startswith("default-src 'self'")
        chromium.get(address)
        chromium.execute_script("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.2/x.png'}))")
        until(lambda: any("Content Security Policy" in entry["message"] for entry in chromium.get_log("browser")))


def test_a_picture_goes_in_and_its_translation_comes_out(chromium, tmp_path):
    run, file = tmp_path / "runs" / "run", tmp_path / "mine.png"
    train(composed("train", *TRANSLATOR, *TINY, f"run_dir={run}"))
    model = gan_lightning.load(run)
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (20, 28, 3), dtype=np.uint8))
    picture.save(file)
    with serving(run) as address:
        chromium.get(address)
        start = until(lambda: [b for b in chromium.find_elements(By.TAG_NAME, "button") if b.text == "Translate"])[0]
        start.click()
        until(lambda: "Choose a picture first" in chromium.find_element(By.TAG_NAME, "body").text)
        chromium.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(file))
        until(lambda: shows(chromium, "your-picture", picture))
        chromium.find_element(By.CSS_SELECTOR, 'input[type=radio][value="b2a"]').click()
        start.click()
        until(lambda: shows(chromium, "translation", model.translate(picture, direction="b2a")))


CONTROLS = """
import json, sys
import gan_lightning
from gan_lightning.demo import build
page = build(gan_lightning.load(sys.argv[1]), "RUN")
parts = [part["props"] for part in page.get_config_file()["components"]]
print(json.dumps([part["choices"] for part in parts if part.get("label") == "Caption" and part["allow_custom_value"]]))
"""


def test_a_model_that_reads_captions_takes_a_sentence(tmp_path):
    captions = ["model=gan_cls", "dataset=fake_captions", "text_encoder.features=8"]
    train(composed("train", *captions, *TINY, f"run_dir={tmp_path}/run"))
    command = [sys.executable, "-c", CONTROLS, str(tmp_path / "run")]
    of_samples, of_ways = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    examples = [[sentence, sentence] for sentence in gan_lightning.load(tmp_path / "run").captions]
    assert of_samples == [["all in turn", "all in turn"], *examples]
    assert of_ways == examples


def test_points_are_no_pictures(labelled):
    model = gan_lightning.load(labelled)
    points = TrainedModel(model.model, {**model.spec, "kind": "points"})
    with pytest.raises(SettingError, match="checkpoint=RUN: makes points, and this page shows pictures"):
        build(points, "RUN")
