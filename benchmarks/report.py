"""How soon a report of forty runs can be used.

    python benchmarks/report.py        (needs chromium and chromedriver; half a minute)

Forty runs of 12 validations with grids of 530x530 pixels, as those of the default recipe, and 2,000 logged rows each.
The grids are noise, so that the pictures use up their budget. A page is opened when
its scripts have drawn both curves and the samples that are in view have been decoded; the browser starts before.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))

from browser import look, start
from folders import sweep

from gan_lightning.report.files import report

ROUNDS = 5
OPEN = """
  const done = arguments[0];
  const images = [...document.querySelectorAll(".cards img")];
  const inView = images.filter((image) => image.getBoundingClientRect().top < innerHeight);
  Promise.all(inView.map((image) => image.decode())).then(() => requestAnimationFrame(() => done(performance.now())));
"""


def main() -> None:
    """Measure and print."""
    pixels = random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        folder = sweep(Path(name) / "sweep", 40, validations=12, rows=2000)
        for file in folder.rglob("samples/*.png"):
            coarse = Image.frombytes("RGB", (132, 132), pixels.randbytes(132 * 132 * 3))
            coarse.resize((530, 530), Image.Resampling.BICUBIC).save(file)
        started = time.perf_counter()
        page = report([str(folder)], folder / "report.html")[0]
        written = time.perf_counter() - started
        browser = start()
        times = []
        for _ in range(ROUNDS):
            look(browser, 1440, 900)
            browser.get(page.as_uri())
            times.append(browser.execute_async_script(OPEN) / 1000)
        browser.quit()
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"written in {written:.1f} s, {page.stat().st_size / 1e6:.1f} MB")
        print(f"open in {median(times):.2f} s ({min(times):.2f} - {max(times):.2f} over {ROUNDS} rounds)")


if __name__ == "__main__":
    main()
