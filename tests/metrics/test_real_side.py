"""The real side: what is remembered of it on disk, and what scores get from it."""

import pytest
import torch
from extractors import Linear
from generation_scoring import data

from gan_lightning.data import TensorImages
from gan_lightning.metrics import GenerationScores, RealSide


def test_real_side_is_cached_and_its_key_changes_with_the_data(tmp_path):
    def files(**settings: int) -> int:
        scores = GenerationScores(str(tmp_path), "train", 1, 200, "fid_linear", extractor=Linear())
        scores.prepare(data(**settings))
        return len(list(tmp_path.glob("real-linear-*.pt")))

    assert files() == 1
    assert files() == 1
    assert files(size=299) == 2


def test_moments_are_those_of_the_features_of_all_images(tmp_path):
    random = torch.Generator().manual_seed(1)
    image = torch.randint(256, (300, 3, 16, 16), generator=random, dtype=torch.uint8)  # more than one batch
    images, extractor = TensorImages(image, {}, None, []), Linear()
    extractor.prepare(images, images)
    real = RealSide(images, extractor, 10, tmp_path, num_workers=0)
    features = extractor(image).features.double()
    moments = real.moments()
    torch.testing.assert_close(moments["sum"], features.sum(0), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(moments["outer"], features.T @ features, rtol=1e-6, atol=1e-6)
    assert moments["count"] == 300
    torch.testing.assert_close(real.features_of(images).double(), features, rtol=1e-6, atol=1e-6)
    assert real.features(10).shape == (10, 6)
    assert [real.width(need) for need in ("pixels", "features", "logits")] == [768, 6, 4]


def test_features_are_computed_once_for_all_scores_of_a_pass_and_once_for_all_passes(tmp_path, monkeypatch):
    images = TensorImages(torch.zeros(5, 3, 16, 16, dtype=torch.uint8), {}, None, [])
    extractor = Linear()
    extractor.prepare(images, images)
    real = RealSide(images, extractor, 10, tmp_path, num_workers=0)
    first = real.features_of(images)
    monkeypatch.setattr(Linear, "forward", lambda *_: pytest.fail("the features were computed again"))
    assert real.features_of(images) is first
    assert torch.equal(RealSide(images, extractor, 10, tmp_path, num_workers=0).features_of(images), first)
