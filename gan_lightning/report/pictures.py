"""Sample grids small enough that those of many runs fit one page."""

import base64
import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, final

from PIL import Image

from gan_lightning.counting import evenly
from gan_lightning.runs.found import Run
from gan_lightning.runs.reading import read_inside

BUDGET = 12_000_000
"""Bytes of all pictures of a page; where they do not suffice, runs show fewer snapshots, at least the last one."""
MOST = 12
"""Snapshots of a run."""
WIDEST, HIGHEST = 360, 720
"""Pixels of a picture."""
MOST_BYTES, MOST_PIXELS = 100_000_000, 80_000_000
"""Of a file that is opened: grids of eight times eight images of 1,024 pixels have fewer."""


class Snapshot(NamedTuple):
    """A grid: after how many images it was drawn, and where it stands in the page's list of pictures."""

    images_seen: int
    picture: int


@final
class Pictures:
    """Every different picture of a page once, as a data URI.

    Attributes:
        uris: what `Snapshot.picture` counts.
        left_out: how many pictures could not be read, or were too large.
    """

    def __init__(self) -> None:
        self.uris: list[str] = []
        self.left_out = 0
        self._known: dict[str, int] = {}

    def of(self, runs: Sequence[Run]) -> list[list[Snapshot]]:
        """The snapshots of each run, evenly over its training, with the first and the last one if there is room."""
        last = [self._add(run, sorted(run.samples)[-1:]) for run in runs]
        size = max(1, sum(map(len, self.uris)))
        per_run = min(MOST, max(1, BUDGET // size))
        made = []
        for run, end in zip(runs, last, strict=True):
            grids = sorted(run.samples)
            made.append(self._add(run, [grids[i] for i in evenly(len(grids), per_run)[:-1]]) + end)
        return made

    def _add(self, run: Run, chosen: Sequence[int]) -> list[Snapshot]:
        found = []
        for images_seen in chosen:
            uri = _encoded(run.folder, run.samples[images_seen])
            if uri is None:
                self.left_out += 1
            else:
                if uri not in self._known:
                    self._known[uri] = len(self.uris)
                    self.uris.append(uri)
                found.append(Snapshot(images_seen, self._known[uri]))
        return found


def _encoded(folder: Path, file: Path) -> str | None:
    """None for a file without a whole picture, such as one that is being written, or one that is far too large."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(read_inside(folder, file, MOST_BYTES)), formats=["PNG"]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    return None
                picture = opened.convert("RGB")
        except Exception:  # broken files make Pillow raise almost anything
            return None
    picture.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    picture.save(content, "WEBP", quality=60)
    return "data:image/webp;base64," + base64.b64encode(content.getvalue()).decode()
