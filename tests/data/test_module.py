"""Order of batches, sources and their errors, and the measured spec."""

from functools import partial
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data import Digits, Draw, EpochBatches, Fake, Folder, ImageData, Place, TensorImages, Vision
from gan_lightning.data.images import square
from gan_lightning.errors import SettingError


def module(source: object, **settings: object) -> ImageData:
    defaults = {"resolution": 16, "batch_size": 4, "num_fake": 10, "seed": 0}
    return ImageData(source, **{**defaults, **settings})


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


def write_pictures(folder: Path, count: int, size: tuple[int, int] = (20, 24)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(str(folder)))
    for i in range(count):
        Image.fromarray(random.integers(256, size=(*size, 3), dtype=np.uint8)).save(folder / f"{i}.png")


# --- order ---


def test_an_epoch_shows_every_image_once_and_the_next_in_another_order():
    batches = EpochBatches(size=20, batch_size=5, seed=0)
    first = [draw.positions for draw in batches]
    assert sorted(sum(first, [])) == list(range(20))
    assert [draw.positions for draw in batches] == first
    batches.set_epoch(1)
    assert [draw.positions for draw in batches] != first


def test_processes_together_see_what_one_process_with_their_joint_batch_sees():
    alone = [draw.positions for draw in EpochBatches(22, batch_size=6, seed=3)]
    ranks = [EpochBatches(22, batch_size=2, seed=3, place=Place(rank, 3)) for rank in range(3)]
    together = [sum((draw.positions for draw in draws), []) for draws in zip(*ranks, strict=True)]
    assert together == alone
    assert len(alone) == len(ranks[0]) == 3


def test_an_epoch_goes_on_where_a_run_was_interrupted():
    whole = EpochBatches(22, batch_size=3, seed=3)
    whole.set_epoch(4)
    order = list(whole)
    resumed = EpochBatches(22, batch_size=3, seed=3, place=Place(epoch=4, batch=5))
    assert list(resumed) == order[5:]  # also before Lightning calls set_epoch: readers begin early
    resumed.set_epoch(4)
    assert list(resumed) == order[5:]
    assert len(resumed) == len(order)
    for epoch in (5, 6):
        whole.set_epoch(epoch)
        resumed.set_epoch(epoch)
        assert list(resumed) == list(whole)
    assert list(EpochBatches(22, batch_size=3, seed=3, place=Place(epoch=0, batch=7))) == []


def test_queries_are_split_exactly_and_keep_the_class_frequencies():
    source = Fake(size=50, channels=1, num_classes=3)
    shares = []
    for rank in range(3):
        data = module(source, num_fake=100, evaluation_batch_size=8)
        data.trainer = Mock(global_rank=rank, world_size=3)
        shares.append(list(data.val_dataloader()))
    numbers = torch.cat([query.number for share in shares for query in share])
    labels = torch.cat([query.condition for share in shares for query in share])
    assert sorted(numbers.tolist()) == list(range(100))
    real = torch.bincount(source.load("train", 16).labels, minlength=3)
    assert torch.bincount(labels, minlength=3).tolist() == (2 * real).tolist()


def test_flips_mirror_about_half_and_are_keyed():
    data = module(Fake(size=64, channels=3, num_classes=0), flip=True, batch_size=64)
    plain = data.images("train")[Draw(list(range(64)), 0)].image
    flipped = data.train_dataloader().dataset[Draw(list(range(64)), 5)].image
    again = data.train_dataloader().dataset[Draw(list(range(64)), 5)].image
    assert torch.equal(flipped, again)
    mirrored = [torch.equal(a, b.flip(2)) for a, b in zip(flipped, plain, strict=True)]
    kept = [torch.equal(a, b) for a, b in zip(flipped, plain, strict=True)]
    assert all(a != b for a, b in zip(mirrored, kept, strict=True))
    assert 16 < sum(mirrored) < 48


@pytest.mark.parametrize("flip", [False, True])
def test_dequantised_pixels_fill_the_width_of_their_level(flip):
    data = module(Fake(size=64, channels=3, num_classes=0), dequantise=True, flip=flip, batch_size=64)
    draw = Draw(list(range(64)), 5)
    plain = module(Fake(size=64, channels=3, num_classes=0), flip=flip, batch_size=64).train_dataloader().dataset[draw]
    image = data.train_dataloader().dataset[draw].image
    assert torch.equal(image, data.train_dataloader().dataset[draw].image)
    level = ((plain.image + 1) * 127.5).round()
    within = (image + 1) * 128 - level  # 49,152 numbers
    assert 0 <= within.min() < 0.001
    assert 0.999 < within.max() <= 1
    assert within.mean().item() == pytest.approx(0.5, abs=0.01)
    assert within.var().item() == pytest.approx(1 / 12, abs=0.002)
    assert image.min() >= -1
    assert image.max() <= 1
    other = data.train_dataloader().dataset[Draw(list(range(64)), 6)].image
    assert not torch.equal(image, other)


def test_batches_are_scaled_to_minus_one_to_one():
    pixels = torch.tensor([0, 255, 51], dtype=torch.uint8).view(3, 1, 1, 1).expand(3, 1, 16, 16)
    image = TensorImages(pixels, {}, None, [])[Draw([0, 1, 2], 0)].image
    assert image[:, 0, 0, 0].tolist() == pytest.approx([-1, 1, 51 / 127.5 - 1])


def test_images_that_share_memory_or_lie_apart_are_batched_alike():
    pixels = torch.arange(240, dtype=torch.uint8).view(5, 3, 4, 4)
    apart = pixels.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)  # channels last
    shared = pixels[:, :1].expand(-1, 3, -1, -1)
    positions = [4, 0, 4, 2]
    for images in (pixels, apart, shared):
        expected = torch.stack([images[i] for i in positions])
        found = TensorImages(images, {}, None, [])
        assert torch.equal(found.pixels(positions), expected)
        assert torch.equal(found[Draw(positions, 0)].image, expected.float() / 127.5 - 1)


def test_a_batch_of_no_images_is_refused():
    with pytest.raises(SettingError, match=r"dataset.batch_size=0: "):
        module(Fake(size=64, channels=1, num_classes=0), batch_size=0).spec()


def test_workers_deliver_the_same_batches(tmp_path):
    write_pictures(tmp_path, 12)
    source = Folder(str(tmp_path), memory_limit=0)
    alone = [batch.image for batch in module(source).train_dataloader()]
    helped = [batch.image for batch in module(source, num_workers=1).train_dataloader()]
    assert all(torch.equal(a, b) for a, b in zip(alone, helped, strict=True))


# --- spec and fingerprint ---


def test_spec_is_measured():
    spec = module(Fake(size=64, channels=1, num_classes=7), resolution=32).spec()
    assert (spec.channels, spec.height, spec.width, spec.num_classes, spec.size) == (1, 32, 32, 7, 64)
    assert spec.class_names == [str(i) for i in range(7)]


def test_fingerprint_changes_with_a_pixel_and_with_a_label():
    def fingerprint(pixel: int, label: int) -> str:
        images = torch.zeros(4, 1, 16, 16, dtype=torch.uint8)
        images[3, 0, 15, 15] = pixel
        return TensorImages(images, {"label": torch.tensor([0, 1, 0, label])}, "label", ["a", "b"]).fingerprint

    assert fingerprint(0, 0) == fingerprint(0, 0)
    assert len({fingerprint(0, 0), fingerprint(1, 0), fingerprint(0, 1)}) == 3


# --- folders ---


def test_folder_with_subfolders_has_their_names_as_classes(tmp_path):
    write_pictures(tmp_path / "dogs", 3)
    write_pictures(tmp_path / "cats" / "young", 2)
    images = Folder(str(tmp_path)).load("train", 16)
    assert images.class_names == ["cats", "dogs"]
    assert images.labels.tolist() == [0, 0, 1, 1, 1]


def test_flat_folder_is_unlabelled(tmp_path):
    write_pictures(tmp_path, 3)
    write_pictures(tmp_path / "more", 1)
    images = Folder(str(tmp_path)).load("train", 16)
    assert len(images) == 4
    assert images.class_names == []
    assert images.labels.tolist() == [0, 0, 0, 0]


def test_folder_in_memory_equals_folder_on_disk(tmp_path):
    write_pictures(tmp_path / "a", 4)
    held = Folder(str(tmp_path), channels=1).load("train", 16)
    read = Folder(str(tmp_path), channels=1, memory_limit=0).load("train", 16)
    assert isinstance(held, TensorImages)
    assert not isinstance(read, TensorImages)
    draw = Draw([3, 1], 0)
    assert torch.equal(held[draw].image, read[draw].image)
    assert held[draw].image.shape == (2, 1, 16, 16)


def test_folder_splits(tmp_path):
    write_pictures(tmp_path / "train", 3)
    write_pictures(tmp_path / "test", 2)
    source = Folder(str(tmp_path))
    assert (len(source.load("train", 16)), len(source.load("test", 16))) == (3, 2)
    with pytest.raises(SettingError, match="split=valid"):
        source.load("valid", 16)


def test_train_beside_other_folders_is_a_class_like_any_other(tmp_path):
    for name in ("bus", "car", "train"):
        write_pictures(tmp_path / name, 2)
    assert Folder(str(tmp_path)).load("train", 16).class_names == ["bus", "car", "train"]


def test_pictures_stand_upright(tmp_path):
    picture = Image.new("RGB", (16, 16))
    picture.paste((255, 0, 0), (0, 0, 16, 8))  # red above
    exif = picture.getexif()
    exif[0x0112] = 3  # stored upside down
    picture.rotate(180).save(tmp_path / "a.png", exif=exif)
    pixels = Folder(str(tmp_path)).load("train", 16).images[0]
    assert pixels[:, 0, 0].tolist() == [255, 0, 0]
    assert pixels[:, 15, 0].tolist() == [0, 0, 0]


def test_folder_missing_or_empty_is_named(tmp_path):
    with pytest.raises(SettingError, match="dataset.source.path=.*nowhere"):
        Folder(str(tmp_path / "nowhere"))
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(SettingError, match="holds no image"):
        Folder(str(tmp_path)).load("train", 16)


@pytest.mark.parametrize("content", [b"", b"not a picture at all", "half"])
def test_corrupt_picture_is_named_before_training_or_at_its_first_read(tmp_path, content):
    write_pictures(tmp_path, 3)
    whole = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    with pytest.raises(SettingError, match=r"1\.png cannot be read"):
        Folder(str(tmp_path)).load("train", 16)
    lazy = Folder(str(tmp_path), memory_limit=0).load("train", 16)
    lazy[Draw([0, 2], 0)]
    with pytest.raises(SettingError, match=r"1\.png cannot be read"):
        lazy[Draw([0, 1], 0)]


# --- the rest ---


def test_digits_hold_every_image_once():
    train, test = Digits().load("train", 16), Digits().load("test", 16)
    assert len(train) + len(test) == 1797
    assert train.images.shape[1:] == (1, 16, 16)
    assert train.class_names == [str(n) for n in range(10)]


def test_square_crops_the_centre_after_resizing_the_shorter_side():
    picture = torch.zeros(1, 20, 60, dtype=torch.uint8)
    picture[:, :, 20:40] = 255
    assert square(picture, 20).min() == 255
    assert square(picture, 10).shape == (1, 10, 10)


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
    assert '\nceleba = ["gdown' in (Path(__file__).parents[2] / "pyproject.toml").read_text()


def test_decoded_images_are_cached_for_the_same_call_only(tmp_path):
    def decode(shade: int) -> torch.Tensor:
        vision = Vision("mine", str(tmp_path), {"train": partial(Shades, shade=shade)})
        return vision.load("train", 16).images

    assert decode(7).unique().tolist() == [7]
    assert decode(9).unique().tolist() == [9]
    assert decode(7).unique().tolist() == [7]
    assert len(list(tmp_path.glob("mine-*.pt"))) == 2


def test_unknown_split_is_named(tmp_path):
    with pytest.raises(SettingError, match="split=valid.*train, test"):
        Vision("mnist", str(tmp_path), {"train": object, "test": object}).load("valid", 32)
