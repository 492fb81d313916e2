"""Precision, recall, density and coverage against scikit-learn, torch-fidelity and what theory says of equal sides."""

from pathlib import Path

import numpy as np
import pytest
import torch
from extractors import Linear
from sklearn.neighbors import NearestNeighbors
from torch import Tensor
from torch_fidelity.metric_prc import prc_features_to_metric

from gan_lightning.data import TensorImages
from gan_lightning.metrics import Coverage, Density, Precision, RealSide, Recall
from gan_lightning.metrics.image_scores import ImageScores
from gan_lightning.metrics.scores import manifold, neighbours
from gan_lightning.metrics.scores.manifold import overlap


def gaussian(n: int, seed: int, dimension: int = 8, scale: float = 1.0) -> Tensor:
    return scale * torch.from_numpy(np.random.default_rng(seed).standard_normal((n, dimension)))


def by_scikit_learn(real: Tensor, fake: Tensor, k: int) -> tuple[float, float, float, float]:
    """Each ball asked by itself; a row is its own nearest neighbour."""
    radius_of_real, radius_of_fake = (
        NearestNeighbors(n_neighbors=k + 1).fit(side).kneighbors(side)[0][:, k] for side in (real, fake)
    )
    distance, _ = NearestNeighbors(n_neighbors=len(fake)).fit(fake).kneighbors(real)
    _, order = NearestNeighbors(n_neighbors=len(fake)).fit(fake).kneighbors(real)
    pairs = np.empty_like(distance)
    np.put_along_axis(pairs, order, distance, 1)  # real x fake
    inside = pairs < radius_of_real[:, None]
    precision, recall = inside.any(0).mean(), (pairs < radius_of_fake).any(1).mean()
    return precision, recall, inside.sum(0).mean() / k, inside.any(1).mean()


@pytest.mark.parametrize("scale", [0.6, 1.0, 1.5])
def test_overlap_equals_scikit_learn_and_torch_fidelity_in_parts_of_any_size(scale, monkeypatch):
    real, fake = gaussian(150, 0), gaussian(120, 1, scale=scale)
    found = overlap(real, fake, [3, 5])
    for k in (3, 5):
        assert found[k] == pytest.approx(by_scikit_learn(real, fake, k))
    theirs = prc_features_to_metric(fake, real, prc_neighborhood=3, prc_batch_size=50, verbose=False)
    assert found[3][:2] == pytest.approx((theirs["precision"], theirs["recall"]))
    monkeypatch.setattr(neighbours, "PART", 1000)
    assert overlap(real, fake, [3, 5]) == found


def test_equal_distributions_have_the_coverage_of_theory_and_density_one():
    found = overlap(gaussian(1500, 0), gaussian(1500, 1), [3, 5])
    assert found[3].coverage == pytest.approx(0.875, abs=0.03)
    assert found[5].coverage == pytest.approx(0.9688, abs=0.02)
    assert found[5].density == pytest.approx(1, abs=0.06)
    assert found[3].precision == pytest.approx(found[3].recall, abs=0.05)
    assert found[3].precision < 0.97  # so that nobody expects 1


def test_the_real_rows_themselves_and_rows_far_away():
    real = gaussian(50, 0)
    assert overlap(real, real, [3])[3][::3] == (1, 1)
    assert overlap(real, real + 100, [3])[3] == (0, 0, 0, 0)
    one = overlap(real, real[:1].expand(50, -1), [3])[3]  # collapsed onto one image
    assert one.precision == 1
    assert one.recall == 1 / 50
    assert one.coverage < 0.5


def pictures(n: int, seed: int) -> Tensor:
    return torch.randint(256, (n, 3, 16, 16), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def scored(folder: Path, real: Tensor, fake: Tensor, batch: int) -> tuple[dict[str, float], dict[str, object]]:
    extractor = Linear()
    images = TensorImages(real, {}, None, [])
    extractor.prepare(images, images)
    chosen = {"precision": Precision(3), "recall": Recall(3), "density": Density(5), "coverage": Coverage(5)}
    scores = ImageScores(chosen, RealSide(images, extractor, len(fake), folder, num_workers=0, alone=True))
    scores.reset(torch.device("cpu"))
    for number in torch.randperm(len(fake), generator=torch.Generator().manual_seed(batch)).split(batch):
        scores.update(number, fake[number])
    return scores.compute(), scores.protocol()


def test_all_four_share_one_pass_whatever_the_batches_and_both_sides_are_equally_many(tmp_path, monkeypatch):
    passes = []
    monkeypatch.setattr(manifold, "overlap", lambda *args: passes.append(args) or overlap(*args))
    real, fake = pictures(60, 0), pictures(40, 1)
    values, protocol = scored(tmp_path, real, fake, batch=64)
    assert [len(side) for side in passes[0][:2]] == [40, 40]
    assert (len(passes), passes[0][2]) == (1, [3, 5])
    assert scored(tmp_path, real, fake, batch=7)[0] == values
    expected = overlap(*passes[0][:2], [3, 5])
    assert values == {
        "precision_linear": expected[3].precision,
        "recall_linear": expected[3].recall,
        "density_linear": expected[5].density,
        "coverage_linear": expected[5].coverage,
    }
    assert protocol["recall"] == {"images_of_either_side": 40, "neighbours": 3}
