"""The test of copying against SciPy."""

import numpy as np
import pytest
import torch
from copies import pictures, scored
from scipy import stats
from scipy.spatial import cKDTree

from gan_lightning.metrics.scores.copying import k_means


def test_the_test_of_copying_equals_scipys_in_each_cell(tmp_path):
    values, scores, extractor = scored(tmp_path, pictures(150, 2))
    training, held, samples = (
        extractor(image).features.double() for image in (pictures(400, 0), pictures(200, 1), pictures(150, 2))
    )
    centres = k_means(training, 2)
    z, shares = [], []
    for cell in range(2):
        near, others, own = (
            side[torch.cdist(side, centres).argmin(1) == cell].numpy() for side in (training, held, samples)
        )
        distances = [cKDTree(near).query(side)[0] for side in (own, others)]
        n, m = map(len, distances)
        u = stats.mannwhitneyu(*distances).statistic
        z.append((u - (n * m / 2 - 0.5)) / np.sqrt(n * m * (n + m + 1) / 12))
        shares.append(m)
    assert scores.detail()["ct_cells"] == pytest.approx(z)
    assert values["ct"] == pytest.approx(np.average(z, weights=shares))
