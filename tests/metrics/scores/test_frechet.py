"""FID against SciPy, torch-fidelity and torchmetrics."""

import numpy as np
import pytest
import scipy.linalg
import torch
from extractors import Linear
from generation_scoring import data, everything, fakes, features_of, prepared, scored
from torch import Tensor
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torchmetrics.image.fid import FrechetInceptionDistance

from gan_lightning.metrics.contracts import quantise


def test_fid_equals_the_formula_in_scipy_and_torch_fidelity(tmp_path):
    extractor = Linear()
    value = scored(prepared(tmp_path, extractor), fakes(), batch=64)["fid_linear"]
    real = everything(data(), "train")
    (x, _), (y, _) = features_of(extractor, real), features_of(extractor, fakes())
    mean = ((x.mean(0) - y.mean(0)) ** 2).sum()
    root = scipy.linalg.sqrtm(np.cov(x.T) @ np.cov(y.T)).real
    by_hand = mean + np.trace(np.cov(x.T) + np.cov(y.T) - 2 * root)
    assert value == pytest.approx(by_hand, rel=1e-6)
    statistics = [fid_features_to_statistics(torch.from_numpy(side)) for side in (x, y)]
    theirs = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert value == pytest.approx(theirs, rel=1e-6)


def test_fid_equals_torchmetrics_on_the_images(tmp_path):
    extractor = Linear()
    value = scored(prepared(tmp_path, extractor), fakes(), batch=64)["fid_linear"]

    class Features(torch.nn.Module):
        num_features = 6

        def forward(self, image: Tensor) -> Tensor:
            return extractor(image).features

    stock = FrechetInceptionDistance(Features()).set_dtype(torch.float64)
    stock.update(quantise(everything(data(), "train")), real=True)
    stock.update(quantise(fakes()), real=False)
    assert value == pytest.approx(stock.compute().item(), rel=1e-5)


def test_the_training_images_themselves_score_zero(tmp_path):
    scores = prepared(tmp_path, Linear())
    images = everything(data(), "train")
    assert scored(scores, images, batch=64)["fid_linear"] == pytest.approx(0, abs=1e-5)
