"""The Frechet distance within classes against that of each class."""

import pytest
import torch
from classes import coloured, prepared, scored
from extractors import Brightest

from gan_lightning.data import ImageData
from gan_lightning.metrics import FrechetDistance, IntraFrechet
from gan_lightning.metrics.contracts import quantise
from gan_lightning.metrics.scores.gaussians import Gaussian, frechet


def test_intra_fid_is_the_mean_of_the_distances_within_classes_and_sees_confusion_that_fid_does_not(tmp_path):
    extractor = Brightest()
    made, data = prepared(tmp_path, {"fid": FrechetDistance(), "intra_fid": IntraFrechet()}, extractor)
    right = scored(made, data, {0: 0, 1: 1, 2: 2})
    images = data.images("train")
    asked = torch.cat([query.condition for query in ImageData.val_dataloader(data).dataset])
    real = extractor(images.images).features.double()
    fake = extractor(quantise(coloured(asked, 5).float() / 127.5 - 1)).features.double()
    by_hand = [frechet(Gaussian.of(real[images.labels == c]), Gaussian.of(fake[asked == c])) for c in range(3)]
    assert right["intra_fid"] == pytest.approx(sum(by_hand) / 3)
    confused = scored(made, data, {0: 0, 1: 2, 2: 1})
    assert confused["fid"] < 0.2 * confused["intra_fid"]
    assert confused["intra_fid"] > 10 * right["intra_fid"]
