"""The Inception score against torch-fidelity and its definition."""

import numpy as np
import pytest
import torch
from extractors import Linear
from generation_scoring import fakes, features_of, prepared, scored
from torch_fidelity.metric_isc import isc_features_to_metric

from gan_lightning.metrics.scores.inception_score import SplitSums, splits_of


def test_inception_score_equals_torch_fidelity_and_its_definition(tmp_path):
    extractor = Linear()
    value = scored(prepared(tmp_path, extractor), fakes(), batch=64)["is_linear"]
    _, logits = features_of(extractor, fakes())
    theirs = isc_features_to_metric(torch.from_numpy(logits), splits=1)["inception_score_mean"]
    assert value == pytest.approx(theirs, rel=1e-9)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    by_hand = np.exp((p * np.log(p / p.mean(0))).sum(1).mean())
    assert value == pytest.approx(by_hand, rel=1e-9)


@pytest.mark.parametrize(("count", "splits"), [(200, 3), (200, 10), (10, 7), (7, 7)])
def test_inception_score_has_as_many_splits_as_asked_for_like_torch_fidelity(count, splits):
    logits = torch.randn(count, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * 2
    order = np.random.Generator(np.random.Philox(key=[0, count])).permutation(count)
    theirs = isc_features_to_metric(logits[torch.from_numpy(order)], splits=splits, shuffle=False)
    sums = SplitSums(splits, 4)
    sums.update(splits_of(count, splits), logits)
    assert float(sums.compute().mean()) == pytest.approx(theirs["inception_score_mean"], rel=1e-9)
    assert sums.compute().shape == (splits,)
