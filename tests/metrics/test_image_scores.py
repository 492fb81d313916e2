"""Several scores of one pass: one look of the extractor, names, and scores that are begun as copies."""

from pathlib import Path

import pytest
import torch
from extractors import Linear
from generation_scoring import fakes

from gan_lightning.data import TensorImages
from gan_lightning.metrics import FrechetDistance, InceptionScore, RealSide, SlicedWasserstein
from gan_lightning.metrics.contracts import quantise
from gan_lightning.metrics.image_scores import ImageScores, full_name


def side(folder: Path, extractor: Linear | None, seed: int = 0) -> RealSide:
    random = torch.Generator().manual_seed(seed)
    images = TensorImages(torch.randint(256, (40, 3, 16, 16), generator=random, dtype=torch.uint8), {}, None, [])
    if extractor is not None:
        extractor.prepare(images, images)
    return RealSide(images, extractor, 200, folder, num_workers=0, alone=True)


def counting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the batches that the extractor looks at from now on."""
    looks: list[int] = []
    forward = Linear.forward
    monkeypatch.setattr(Linear, "forward", lambda self, image: looks.append(len(image)) or forward(self, image))
    return looks


def shown(scores: ImageScores, batch: int) -> dict[str, float]:
    scores.reset(torch.device("cpu"))
    for number in torch.arange(200).split(batch):
        scores.update(number, quantise(fakes())[number])
    return scores.compute()


def test_the_extractor_looks_once_at_each_batch_and_not_at_all_for_scores_of_pixels(tmp_path, monkeypatch):
    chosen = {"fid": FrechetDistance(), "is": InceptionScore(2), "swd": SlicedWasserstein()}
    every = ImageScores(chosen, side(tmp_path, Linear()))
    pixels = ImageScores({"swd": SlicedWasserstein()}, side(tmp_path, Linear()))
    looks = counting(monkeypatch)
    values = shown(every, 80)
    assert looks == [80, 80, 40]
    assert list(values) == ["fid_linear", "is_linear", "swd"]
    assert every.higher_is_better() == {"fid_linear": False, "is_linear": True, "swd": False}
    assert shown(pixels, 80) == {"swd": values["swd"]}
    assert looks == [80, 80, 40]
    assert "extractor" in every.protocol()
    assert "extractor" not in pixels.protocol()


def test_without_an_extractor_only_scores_of_pixels_are_left(tmp_path):
    scores = ImageScores({"fid": FrechetDistance(), "swd": SlicedWasserstein()}, side(tmp_path, None))
    assert list(shown(scores, 200)) == ["swd"]


def test_one_configured_score_serves_two_real_sides(tmp_path):
    """As the two directions of a translation use it."""
    chosen = {"swd": SlicedWasserstein()}
    first, second = (ImageScores(chosen, side(tmp_path, None, seed)) for seed in (0, 1))
    alone = shown(first, 200)
    assert shown(second, 200) != alone
    assert shown(first, 200) == alone


def test_only_scores_that_use_the_extractor_carry_its_name():
    assert full_name("fid", FrechetDistance(), Linear()) == "fid_linear"
    assert full_name("swd", SlicedWasserstein(), Linear()) == "swd"


def test_scores_of_a_data_set_are_those_of_its_images_after_the_change(tmp_path):
    real = side(tmp_path, Linear())
    scores = ImageScores({"fid": FrechetDistance()}, real)
    assert scores.of(real.images, lambda image: image)["fid_linear"] == pytest.approx(0, abs=1e-5)
    assert scores.of(real.images, lambda image: 255 - image)["fid_linear"] > 1
