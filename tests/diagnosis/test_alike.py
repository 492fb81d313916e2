"""Samples of a grid that look alike."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gan_lightning import data
from gan_lightning.diagnosis import alike as grids


@pytest.mark.parametrize(("kinds", "share"), [(1, 1.0), (4, 0.25), (64, 0.0)])
def test_alike_pairs_are_counted_in_grids_as_they_are_drawn(tmp_path, kinds, share):
    random = np.random.default_rng(0)
    different, real = (random.uniform(-1, 1, (n, 1, 16, 16)).astype(np.float32) for n in (kinds, 8))
    order = random.permutation(np.arange(64) % kinds)
    picture = data.grid(torch.from_numpy(np.concatenate([different[order], real])), 8)
    data.save_png(picture, tmp_path / "grid.png")
    seen = grids.alike(tmp_path, Path("grid.png"), 8)
    assert seen is not None
    assert seen.images == 64
    assert seen.share == pytest.approx(share, abs=0.1)
    assert grids.alike(tmp_path, Path("grid.png"), 7) is None
    assert grids.PADDING == data.PADDING
