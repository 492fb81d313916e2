"""How many images of a grid of samples look alike: the cheapest sign of collapse, which needs no network."""

import io
import warnings
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
from PIL import Image

from gan_lightning.runs.reading import read_inside

PADDING = 2
"""White pixels around every image: those of `gan_lightning.data`, whose import takes seconds that a report has not."""
NEAR = 0.25
"""Two samples are alike if their distance is at most this share of the mean distance between two real images."""
CELLS = 8
"""Pixels a side that images are reduced to before they are compared, so that noise does not tell copies apart."""
FLAT = 0.25
"""Samples of less than this share of the contrast of real images show nothing yet, and are not compared."""
_MOST_BYTES, _MOST_PIXELS = 100_000_000, 80_000_000


@final
class Alike(NamedTuple):
    """Pairs of samples that look alike.

    Attributes:
        share: of all pairs, or of those in one column of the grid, whichever is more: conditional models draw one
            condition in each column. Of k kinds of images that are equally frequent, 1/k of the pairs are alike.
        images: how many samples were compared.
    """

    share: float
    images: int


def alike(folder: Path, file: Path, columns: int) -> Alike | None:
    """Compare the samples of a grid that `SampleGrid` drew: rows of samples, and a last row of real images.

    Args:
        folder: of the run.
        file: the picture, in it.
        columns: of the grid.

    Returns:
        None if the file is damaged, too large or another kind of picture, if its real images are all alike, or if its
        samples are flat.
    """
    pixels = _pixels(folder, file)
    if pixels is None or columns < 2:
        return None
    height, width = ((side - PADDING) for side in pixels.shape[:2])
    tile = width // columns
    if tile <= PADDING or height != tile * (columns + 1) or width != tile * columns:
        return None
    tiles = [
        _reduced(pixels[row * tile :, column * tile :][PADDING:tile, PADDING:tile])
        for row in range(columns + 1)
        for column in range(columns)
    ]
    samples, real = np.stack(tiles[: columns**2]), np.stack(tiles[columns**2 :])
    scale = float(_distances(real)[np.triu_indices(columns, 1)].mean())
    if scale <= 0 or samples.std(1).mean() < FLAT * real.std(1).mean():
        return None
    near = _distances(samples) <= NEAR * scale
    first, second = np.triu_indices(len(samples), 1)
    in_column = near[first, second][first % columns == second % columns]
    return Alike(float(max(near[first, second].mean(), in_column.mean())), len(samples))


def _pixels(folder: Path, file: Path) -> npt.NDArray[np.float32] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(read_inside(folder, file, _MOST_BYTES)), formats=["PNG"]) as opened:
                if opened.width * opened.height > _MOST_PIXELS:
                    return None
                return np.asarray(opened.convert("RGB"), dtype=np.float32)
        except Exception:  # broken files make Pillow raise almost anything
            return None


def _reduced(tile: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A tile (S, S, 3) as the means of at most `CELLS` x `CELLS` cells, flat."""
    cell = max(1, len(tile) // CELLS)
    side = len(tile) // cell
    cells = tile[: side * cell, : side * cell].reshape(side, cell, side, cell, 3)
    return cells.mean((1, 3)).reshape(-1)


def _distances(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Root mean squared differences (N, N) of rows (N, D)."""
    squares = (rows.astype(np.float64) ** 2).mean(1)
    products = rows.astype(np.float64) @ rows.T / rows.shape[1]
    found: npt.NDArray[np.float64] = np.sqrt(np.maximum(squares[:, None] + squares - 2 * products, 0))
    return found
