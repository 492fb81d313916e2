"""The data module of images: queries, mirrors, levels between those of 8 bits, and the measured spec."""

from unittest.mock import Mock

import pytest
import torch
from pictures_on_disk import write_pictures

from gan_lightning.data import Draw, Fake, Folder, ImageData, Source, TensorImages
from gan_lightning.errors import SettingError


def module(source: object, **settings: object) -> ImageData:
    defaults = {"resolution": 16, "batch_size": 4, "num_fake": 10, "seed": 0}
    return ImageData(source, **{**defaults, **settings})


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


def test_a_batch_of_no_images_is_refused():
    with pytest.raises(SettingError, match=r"dataset.batch_size=0: "):
        module(Fake(size=64, channels=1, num_classes=0), batch_size=0).spec()


def test_workers_deliver_the_same_batches(tmp_path):
    write_pictures(tmp_path, 12)
    source = Folder(str(tmp_path), memory_limit=0)
    alone = [batch.image for batch in module(source).train_dataloader()]
    helped = [batch.image for batch in module(source, num_workers=1).train_dataloader()]
    assert all(torch.equal(a, b) for a, b in zip(alone, helped, strict=True))


def test_spec_is_measured():
    spec = module(Fake(size=64, channels=1, num_classes=7), resolution=32).spec()
    assert (spec.channels, spec.height, spec.width, spec.num_classes, spec.size) == (1, 32, 32, 7, 64)
    assert spec.class_names == [str(i) for i in range(7)]


@pytest.mark.parametrize("fault", ["a broken picture", "a class of its own"])
def test_a_fault_of_held_out_images_is_not_taken_for_a_data_set_without_any(tmp_path, fault):
    for folder in ("train/cats", "train/dogs", "test/cats"):
        write_pictures(tmp_path / folder, 2)
    if fault == "a broken picture":
        (tmp_path / "test" / "cats" / "0.png").write_bytes(b"")
    else:
        write_pictures(tmp_path / "test" / "birds", 1)
    data = module(Folder(str(tmp_path)))
    data.spec()
    with pytest.raises(SettingError, match="cannot be read as an image|which its split train lacks"):
        data.held_out(1)


class MoreKinds(Source):
    """Of whose three kinds the training images show two."""

    def load(self, split: str, resolution: int) -> TensorImages:
        kind = torch.arange(30) % (2 if split == "train" else 3)
        pixels = kind.byte()[:, None, None, None].expand(-1, 1, resolution, resolution)
        return TensorImages(pixels, {"kind": kind}, None, [])


def test_held_out_images_have_conditions_that_training_knows():
    data = module(MoreKinds(), attributes=["kind"])
    assert data.spec().num_classes == [2]
    images, condition = data.held_out(100)
    assert condition.flatten().bincount().tolist() == [10, 10]
    assert torch.equal(((images[:, 0, 0, 0] + 1) * 127.5).round().long(), condition[:, 0])


@pytest.mark.parametrize("attributes", [None, ["label"]])
@pytest.mark.parametrize(("held", "said"), [("test", "have no labels"), (None, "has no held-out images")])
def test_training_images_take_the_place_of_held_out_ones_without_their_labels(tmp_path, caplog, held, said, attributes):
    write_pictures(tmp_path / "train" / "cats", 1)
    write_pictures(tmp_path / "train" / "dogs", 1)
    if held is not None:
        write_pictures(tmp_path / held, 2)
    data = module(Folder(str(tmp_path)), attributes=attributes)
    images, condition = data.held_out(2)
    condition = condition.flatten()
    train = data.images("train")[Draw([0, 1], 0)]
    assert sorted(condition.tolist()) == [0, 1]
    assert torch.equal(images[condition.argsort()], train.image)
    assert said in caplog.text
