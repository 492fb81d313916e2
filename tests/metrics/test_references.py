"""What real images score that no model made: those that are scored stand for all."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from extractors import Linear
from pictures_on_disk import write_pictures
from torch import Tensor

from gan_lightning.data import Folder, ImageData, Images, TensorImages
from gan_lightning.errors import SettingError
from gan_lightning.metrics import Coverage, RealSide, SimilarityWithinClasses
from gan_lightning.metrics.references import REAL, Sides, references, split


def pictures(count: int, seed: int) -> Tensor:
    """The first half is bright, the second dark."""
    random = torch.Generator().manual_seed(seed)
    noise = torch.rand(count, 3, 16, 16, generator=random)
    return torch.cat([255 * noise[: count // 2], 40 * noise[count // 2 :]]).byte()


def images(count: int, seed: int) -> Images:
    return TensorImages(pictures(count, seed), {}, None, [])


def test_the_self_score_is_of_images_of_every_class_where_only_the_first_are_looked_at(tmp_path: Path) -> None:
    extractor = Linear()
    against, held = images(60, seed=0), images(120, seed=1)
    extractor.prepare(against, held)
    real = RealSide(against, extractor, 120, tmp_path, 0)
    found = references({"coverage": Coverage(5)}, real, Sides(held, against, "real images"), None)
    assert found[REAL]["coverage_linear"] > 0.75  # 0.5 if the first 60, all of them bright, stood for all


def test_a_broken_picture_of_a_split_does_not_mean_that_there_is_no_such_split(tmp_path: Path) -> None:
    write_pictures(tmp_path / "train", 2)
    data = ImageData(Folder(str(tmp_path / "train")), 16, 1, 1, 0)
    assert split(data, "test") is None
    write_pictures(tmp_path / "test", 2)
    (tmp_path / "test" / "1.png").write_bytes(b"")
    with pytest.raises(SettingError, match=r"test/1.png cannot be read as an image"):
        split(ImageData(Folder(str(tmp_path)), 16, 1, 1, 0), "test")


def labelled(count: int, seed: int, label: str) -> Images:
    """Pictures of two attributes, one of which is the label."""
    attributes = {"bright": (torch.arange(count) >= count // 2).long(), "even": torch.arange(count) % 2}
    return TensorImages(pictures(count, seed), attributes, label, ["no", "yes"])


def test_other_labels_of_the_same_images_are_other_references(tmp_path: Path) -> None:
    found = {}
    for label in ("bright", "even"):
        against, held = labelled(40, 0, label), labelled(40, 1, label)
        real = RealSide(against, None, 40, tmp_path, 0, asked=against.labels)
        chosen = {"ms_ssim": SimilarityWithinClasses(20)}
        found[label] = references(chosen, real, Sides(held, against, "real images"), None)[REAL]["ms_ssim"]
        unlabelled = replace(real, asked=None)
        found["none"] = references(chosen, unlabelled, Sides(held, against, "real images"), None)[REAL]["ms_ssim"]
    assert len(set(found.values())) == 3
