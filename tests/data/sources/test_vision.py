"""Data sets of torchvision and scikit-learn: the cache, and messages."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock
from time import sleep

import pytest
import torch
from PIL import Image

from gan_lightning.data import Digits, Vision
from gan_lightning.errors import SettingError


class Shades:
    """Three grey pictures of one shade, unlabelled, as a torchvision data set would deliver them."""

    def __init__(self, shade: int) -> None:
        self.shade = shade

    def __len__(self) -> int:
        return 3

    def __getitem__(self, i: int) -> tuple[Image.Image, None]:
        if i >= 3:
            raise IndexError
        return Image.new("L", (20, 20), self.shade), None


def test_digits_hold_every_image_once():
    train, test = Digits().load("train", 16), Digits().load("test", 16)
    assert len(train) + len(test) == 1797
    assert train.images.shape[1:] == (1, 16, 16)
    assert train.class_names == [str(n) for n in range(10)]


def test_failed_download_names_the_remedy(tmp_path):
    def no_network() -> None:
        raise OSError("Network is unreachable")

    with pytest.raises(SettingError, match=r"dataset=mnist.*unreachable.*avatars"):
        Vision("mnist", str(tmp_path), {"train": no_network}).load("train", 32)
    assert not list(tmp_path.glob("*.pt"))


def test_celeba_names_the_extra_that_brings_its_downloader(tmp_path):
    def without_gdown() -> None:
        raise RuntimeError("To download files from GDrive, 'gdown' is required.")

    with pytest.raises(SettingError, match=r"dataset=celeba: .*needs gdown; pip install 'gan-lightning\[celeba\]'"):
        Vision("celeba", str(tmp_path), {"train": without_gdown}).load("train", 32)
    assert '\nceleba = ["gdown' in (Path(__file__).parents[3] / "pyproject.toml").read_text()


def test_decoded_images_are_cached_for_the_same_call_only(tmp_path):
    def decode(shade: int) -> torch.Tensor:
        vision = Vision("mine", str(tmp_path), {"train": partial(Shades, shade=shade)})
        return vision.load("train", 16).images

    assert decode(7).unique().tolist() == [7]
    assert decode(9).unique().tolist() == [9]
    assert decode(7).unique().tolist() == [7]
    assert len(list(tmp_path.glob("mine-*.pt"))) == 2


def test_files_are_fetched_by_one_process_at_a_time(tmp_path):
    inside = Lock()

    def fetched() -> Shades:
        assert inside.acquire(blocking=False), "another one is fetching"
        sleep(0.1)
        inside.release()
        return Shades(7)

    vision = Vision("mine", str(tmp_path), {"train": fetched, "test": fetched})
    with ThreadPoolExecutor(4) as both:
        places = [(split, resolution) for split in ("train", "test") for resolution in (8, 16)]
        found = list(both.map(lambda place: vision.load(*place), places))
    assert [images.size for images in found] == 2 * [(8, 8), (16, 16)]


def test_unknown_split_is_named(tmp_path):
    with pytest.raises(SettingError, match="split=valid.*train, test"):
        Vision("mnist", str(tmp_path), {"train": object, "test": object}).load("valid", 32)
