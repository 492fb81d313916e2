"""Held-out pictures one by one: what went in, what came out over the training, and what should have come out."""

import base64
import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from gan_lightning.counting import evenly
from gan_lightning.runs.found import Run
from gan_lightning.runs.reading import read_inside

NAMES = {"source": "source", "output": "output", "target": "truth", "back": "translated back"}
"""What a row of a grid of translations shows, by the name that the grid has for it."""
MOST_MOMENTS, MOST_ON_A_PAGE = 6, 120
"""Moments of a run, and of all runs together."""
MOST_PICTURES = 4
WIDEST = 192
"""Pixels of a picture."""
PADDING, LEAST = 2, 8
"""White pixels between the pictures of a grid, and the fewest from one picture to the next."""
MOST_BYTES, MOST_PIXELS = 100_000_000, 80_000_000
"""Of a file that is opened."""


class Moment(NamedTuple):
    """The held-out pictures of a run after so many images: for each one, a data URI for each of the names."""

    images_seen: int
    names: list[str]
    pictures: list[list[str]]


def held_out(runs: Sequence[Run]) -> list[list[Moment]]:
    """The moments of each run, evenly over its training; none of a run whose grids do not say what their rows show."""
    share = max(1, min(MOST_MOMENTS, MOST_ON_A_PAGE // max(1, len(runs))))
    made = []
    for run in runs:
        seen = sorted(run.samples)
        found = [_moment(run, seen[i]) for i in ([-1] if share == 1 and seen else evenly(len(seen), share))]
        made.append([moment for moment in found if moment is not None])
    return made


def _moment(run: Run, images_seen: int) -> Moment | None:
    opened = _opened(run.folder, run.samples[images_seen])
    if opened is None:
        return None
    picture, rows, columns = opened
    width, height = (picture.width - PADDING) // columns, (picture.height - PADDING) // len(rows)
    last = rows.index("source", 1) if "source" in rows[1:] else len(rows)  # a further route begins with its sources

    def cell(x: int, y: int) -> str:
        left, top = x * width, y * height
        return _encoded(picture.crop((left + PADDING, top + PADDING, left + width, top + height)))

    cells = [[cell(x, y) for y in range(last)] for x in range(min(columns, MOST_PICTURES))]
    return Moment(images_seen, [NAMES[row] for row in rows[:last]], cells)


def _opened(folder: Path, file: Path) -> tuple[Image.Image, list[str], int] | None:
    """A grid, what its rows show, and how many pictures a row has; None for other files."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(read_inside(folder, file, MOST_BYTES)), formats=["PNG"]) as opened:
                rows, columns = str(opened.info["rows"]).split(), int(opened.info["columns"])
                fits = 0 < columns * LEAST <= opened.width and 0 < len(rows) * LEAST <= opened.height
                if not fits or not {*rows} <= NAMES.keys() or opened.width * opened.height > MOST_PIXELS:
                    return None
                return opened.convert("RGB"), rows, columns
        except Exception:  # broken files make Pillow raise almost anything
            return None


def _encoded(picture: Image.Image) -> str:
    picture.thumbnail((WIDEST, WIDEST), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    picture.save(content, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(content.getvalue()).decode()
