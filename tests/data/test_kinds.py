"""Kinds of samples: how each is drawn, rounded and saved, and that another one needs a class alone."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.compatibility import compare_kind, compare_with_data
from gan_lightning.data import ImageKind, PointKind, SampleKind, kind_named
from gan_lightning.errors import SettingError


def test_images_are_saved_as_8_bits_in_parts_that_continue_each_other(tmp_path):
    images = torch.rand(5, 3, 4, 4) * 2 - 1
    kind = ImageKind()
    kind.save(images[:3], 0, tmp_path, None)
    kind.save(images[3:], 3, tmp_path, None)
    files = sorted((tmp_path / kind.files).iterdir())
    assert [file.name for file in files] == [f"0000{i}.png" for i in range(5)]
    with Image.open(files[4]) as picture:
        assert np.array_equal(np.array(picture), kind.quantise(images)[4].permute(1, 2, 0).numpy())


def test_only_grey_images_of_data_of_more_bits_are_saved_in_their_units(tmp_path):
    for channels in (1, 3):
        folder = tmp_path / str(channels)
        folder.mkdir()
        ImageKind().save(torch.full((1, channels, 2, 2), 0.5), 0, folder, [0.0, 4000.0])
    assert not (tmp_path / "3" / "images" / "00000.tif").exists()
    with Image.open(tmp_path / "1" / "images" / "00000.tif") as picture:
        assert np.array(picture).tolist() == [[3000.0, 3000.0]] * 2


def test_points_are_lines_of_a_table_and_dots_of_a_picture(tmp_path):
    points, kind = torch.tensor([[0.5, -0.25], [-1.0, 1.0], [0.0, 0.0]])[:, :, None, None], PointKind()
    kind.save(points[:2], 0, tmp_path, None)
    kind.save(points[2:], 2, tmp_path, None)
    assert (tmp_path / kind.files).read_text().splitlines()[0] == "x,y"
    assert np.loadtxt(tmp_path / kind.files, delimiter=",", skiprows=1).tolist() == points.flatten(1).tolist()
    dots = (kind.draw(points[:1], 8)[2] != 255).nonzero().float().mean(0)
    assert dots.tolist() == pytest.approx([(0.25 / 1.05 + 1) * 240, (0.5 / 1.05 + 1) * 240], abs=1)
    assert torch.equal(kind.quantise(points), points)


class Words(SampleKind):
    """A kind from outside of the package."""

    name, files, picture = "words", "words.txt", "words.png"
    options: ClassVar = {"callbacks": "callbacks=base", "metrics": "metrics=none"}

    def draw(self, samples, columns):
        return torch.zeros(3, len(samples), columns, dtype=torch.uint8)

    def quantise(self, samples):
        return samples.argmax(1)

    def save(self, samples, first, folder, value_range):
        Path(folder, self.files).write_text(str(self.quantise(samples).flatten(1).tolist()))


def test_another_kind_needs_a_class_alone():
    assert isinstance(kind_named("words"), Words)
    with pytest.raises(SettingError, match=r"shows images, and this data set holds words; choose callbacks=base"):
        compare_kind("callbacks=default: shows images", ImageKind.name, Words(), "callbacks")
    compare_kind("callbacks=base: shows words", "words", Words(), "callbacks")
    compare_with_data(type("NoParts", (), {"penalties": {}, "augments": {}})(), {"kind": "words"})


def test_an_unknown_kind_is_refused_with_those_that_are_known():
    with pytest.raises(SettingError, match=r"the kind graphs are not known, only images, points.*trusted="):
        kind_named("graphs")
