"""Pictures of more than 8 bits: one range of values for a whole data set, and what is said where levels are lost."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data import AlignedFolder, Draw, Folder, ImageData, PairedData, PairedFolder, UnpairedFolder
from gan_lightning.data.levels import ValueRange, declared, usual
from gan_lightning.data.pictures import deep_values, read_picture, save_values
from gan_lightning.errors import SettingError

RAMP = np.linspace(0, 1, 16 * 16).reshape(16, 16)
"""A picture from 0 to 1."""


def write(file: Path, values: np.ndarray) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(file)
    return file


def warnings_of(images: object) -> list[str]:
    return [note.text for note in images.notes if note.heading == "Warning"]


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 200, True, (0, 255)),
        (0, 1000, True, (0, 1023)),
        (17, 4095, True, (0, 4095)),
        (0, 4096, True, (0, 16383)),
        (0, 65535, True, (0, 65535)),
        (0, 65536, True, (0, 65536)),
        (-1000, 2000, True, (-1000, 2000)),
        (0, 0.9, False, (0, 1)),
        (-0.5, 1, False, (-1, 1)),
        (0, 1.1, False, (0, 1.1)),
        (3, 3, False, (3, 4)),
    ],
)
def test_usual_ranges(low, high, whole, expected):
    assert usual(low, high, whole) == expected


@pytest.mark.parametrize(
    ("kind", "scale", "expected"),
    [
        (np.uint16, lambda x, i: x * 4095, (0, 4095)),
        (np.int32, lambda x, i: x * 3000 - 1000, (-1000, 2000)),
        (np.float32, lambda x, i: x * (0.9 + 0.2 * (i % 2)), (0, pytest.approx(1.1))),
        (np.float32, lambda x, i: x * 2 - 1, (-1, 1)),
    ],
    ids=["12 bits", "Hounsfield", "maxima 0.9 and 1.1", "signed"],
)
@pytest.mark.parametrize("memory_limit", [0, 2**30])
def test_a_set_has_one_range_and_keeps_its_levels(tmp_path, kind, scale, expected, memory_limit):
    for i in range(4):
        suffix = "png" if kind is np.uint16 else "tif"
        write(tmp_path / ("test" if i == 3 else "train") / f"{i}.{suffix}", scale(RAMP, i).astype(kind))
    source = Folder(str(tmp_path), channels=1, memory_limit=memory_limit)
    images = source.load("train", 16)
    low, high = images.value_range
    assert (low, high) == expected
    assert ImageData(source, 16, 1, num_fake=0, seed=0).spec().value_range == [low, high]
    assert source.load("test", 16).value_range == (low, high)
    assert images.notes[1].text.startswith(f"{low:.6g} to {high:.6g} (measured over 4 pictures")
    assert warnings_of(images) == []
    for i in range(3):
        wanted = (scale(RAMP, i).astype(kind) - low) / (high - low) * 255
        pixels = images.pixels([i])[0, 0].numpy()
        assert np.abs(pixels - wanted).max() <= 0.51  # rounded, nothing else
        assert len(np.unique(pixels)) > 200


def test_a_declared_range_counts_and_what_it_clips_is_told(tmp_path):
    write(tmp_path / "a.png", (RAMP * 4000).astype(np.uint16))
    images = Folder(str(tmp_path), channels=1, value_range=[1000, 3000]).load("train", 16)
    assert images.value_range == (1000, 3000)
    pixels = images.pixels([0])
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert warnings_of(images) == ["about 50.0% of the pixels lie outside and are clipped"]
    assert images.fingerprint != Folder(str(tmp_path), channels=1).load("train", 16).fingerprint


@pytest.mark.parametrize("value", [5, "0..1", [1], [1, 0], [0, 0], [0, float("nan")], [True, 2], [0, "x"], [0, 1, 2]])
def test_a_range_is_two_numbers(value):
    with pytest.raises(SettingError, match=r"dataset.source.value_range=.*: two numbers.*\[0,4095\]"):
        declared("dataset.source.value_range", value)


def test_lost_levels_are_warned_of_with_the_range_that_would_keep_them(tmp_path):
    values = (2000 + RAMP * 200).astype(np.uint16)
    values[0, 0] = 65535  # one pixel, and all others share a level or two
    for i in range(3):
        write(tmp_path / f"{i}.png", values)
    (warning,) = warnings_of(Folder(str(tmp_path), channels=1).load("train", 16))
    assert "share 2 of the 256 levels" in warning
    assert "'dataset.source.value_range=[2002,2199]' would keep it" in warning
    (clipped,) = warnings_of(Folder(str(tmp_path), channels=1, value_range=[2000, 2200]).load("train", 16))
    assert "0.4% of the pixels lie outside" in clipped


def test_a_mixture_of_8_and_more_bits_is_told(tmp_path):
    write(tmp_path / "deep.png", (RAMP * 4095).astype(np.uint16))
    write(tmp_path / "flat.png", (RAMP * 255).astype(np.uint8))
    images = Folder(str(tmp_path), channels=1).load("train", 16)
    assert warnings_of(images) == ["1 of 2 pictures has 8 bits, whose values stay 0 to 255"]
    assert torch.equal(images.pixels([1])[0, 0], torch.from_numpy((RAMP * 255).astype(np.uint8)))


def test_a_range_for_8_bits_is_told_to_change_nothing(tmp_path):
    write(tmp_path / "a.png", (RAMP * 255).astype(np.uint8))
    images = Folder(str(tmp_path), channels=1, value_range=[0, 100]).load("train", 16)
    assert images.value_range is None
    assert warnings_of(images) == ["dataset.source.value_range changes nothing: all pictures have 8 bits"]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_are_named_before_training(tmp_path, bad):
    for i in range(3):
        values = RAMP.astype(np.float32)
        values[2:4, 0] = bad if i == 1 else values[2:4, 0]
        write(tmp_path / f"{i}.tif", values)
    for memory_limit in (0, 2**30):
        with pytest.raises(SettingError, match=r"1\.tif .*2 of its 256 pixels are NaN or infinite"):
            Folder(str(tmp_path), memory_limit=memory_limit).load("train", 16)
        images = Folder(str(tmp_path), channels=1, memory_limit=memory_limit, skip_broken=True).load("train", 16)
        assert images.value_range == (0, 1)
        assert torch.equal(images.pixels([1]), images.pixels([2]))


def test_a_single_picture_is_a_set_of_its_own(tmp_path):
    floats = write(tmp_path / "a.tif", np.array([[-3, 51.4, 300]], dtype=np.float32))
    assert read_picture(floats, 1).tolist() == [[[0, 46, 255]]]
    shares = write(tmp_path / "b.tif", np.array([[0, 0.2, 1]], dtype=np.float32))
    assert read_picture(shares, 1).tolist() == [[[0, 51, 255]]]
    whole = write(tmp_path / "c.tif", np.array([[0, 100_000, 200_000]], dtype=np.int32))
    assert read_picture(whole, 1).tolist() == [[[0, 128, 255]]]
    assert read_picture(whole, 1, ValueRange(0, 400_000)).tolist() == [[[0, 64, 128]]]


def test_both_sides_have_ranges_of_their_own(tmp_path):
    for i in range(3):
        halves = np.concatenate([RAMP * 4095, RAMP * 60000], axis=1)
        write(tmp_path / "aligned" / f"{i}.png", halves.astype(np.uint16))
        for side, top in (("A", 900), ("B", 16000)):
            write(tmp_path / "unpaired" / f"train{side}" / f"{i}.png", (RAMP * top).astype(np.uint16))
            write(tmp_path / side / f"{i}.png", (RAMP * top).astype(np.uint16))
    aligned = AlignedFolder(str(tmp_path / "aligned"), 1, 1)
    spec = PairedData(aligned, 16, 1, seed=0, direction="b2a").spec()
    assert (spec.source_value_range, spec.target_value_range) == ([0, 65535], [0, 4095])
    paired = PairedFolder(str(tmp_path / "A"), str(tmp_path / "B"), 1, 1, value_range_b=[0, 20000])
    unpaired = UnpairedFolder(str(tmp_path / "unpaired"), 1, 1)
    for source, expected in ((paired, [(0, 1023), (0, 20000)]), (unpaired, [(0, 1023), (0, 16383)])):
        for split in ("train", "test"):
            sides = source.load(split, (16, 16))
            assert [sides.a.value_range, sides.b.value_range] == expected
            assert sides.a[Draw([0], 0)].image.max() > 0.7


def test_images_are_saved_in_the_units_of_their_data(tmp_path):
    image = torch.tensor([[[-1.0, 0.0, 1.0]]])
    save_values(image, [-1000, 2000], tmp_path / "a.tif")
    with Image.open(tmp_path / "a.tif") as picture:
        assert np.asarray(picture).tolist() == [[-1000, 500, 2000]]


def tiff(values: np.ndarray, sample_format: int, order: str = "<") -> bytes:
    """A TIFF file, uncompressed, of numbers that Pillow itself does not write."""
    (height, width), bits = values.shape, 8 * values.dtype.itemsize
    shorts = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 277: 1, 278: height, 339: sample_format}
    longs = {273: 8 + 2 + 12 * 10 + 4, 279: values.nbytes}
    entries = [(tag, 3, struct.pack(f"{order}HH", value, 0)) for tag, value in shorts.items()]
    entries += [(tag, 4, struct.pack(f"{order}I", value)) for tag, value in longs.items()]
    packed = b"".join(struct.pack(f"{order}HHI", tag, kind, 1) + value for tag, kind, value in sorted(entries))
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}IH", 8, len(entries))
    return head + packed + bytes(4) + values.astype(values.dtype.newbyteorder(order)).tobytes()


@pytest.mark.parametrize(
    ("kind", "low", "high", "sample_format", "order"),
    [
        (np.uint32, 0, 4_000_000_000, 1, "<"),
        (np.int8, -120, 120, 2, "<"),
        (np.int8, -120, 120, 2, ">"),
        (np.uint16, 0, 4095, 1, ">"),
        (np.int32, -70_000, 70_000, 2, ">"),
        (np.float32, -3, 3, 3, ">"),
    ],
)
def test_every_kind_of_number_in_a_tiff_keeps_its_order(tmp_path, kind, low, high, sample_format, order):
    values = np.linspace(low, high, 16 * 16).reshape(16, 16).astype(kind)
    (tmp_path / "deep.tif").write_bytes(tiff(values, sample_format, order))
    found = deep_values(tmp_path / "deep.tif")
    assert found is not None
    assert (found == values).all()
    (pixels,) = read_picture(tmp_path / "deep.tif", 1, ValueRange(low, high))
    assert (pixels.int().flatten().diff() >= 0).all()
    assert (int(pixels.min()), int(pixels.max())) == (0, 255)


def test_a_tiff_that_pillow_does_not_open_is_told_to_be_converted(tmp_path):
    (tmp_path / "deep.tif").write_bytes(tiff(np.ones((4, 4)), 3))
    with pytest.raises(SettingError, match="a kind of TIFF that Pillow does not open, such as numbers of 64 bits"):
        read_picture(tmp_path / "deep.tif", 1)


def test_a_declared_range_without_any_value_of_the_pictures_is_refused(tmp_path):
    write(tmp_path / "deep.png", (RAMP * 4095).astype(np.uint16))
    for given in ([5000, 9000], [-10, 0]):
        with pytest.raises(SettingError, match=r"all values of the pictures lie outside, from 0 to 4095"):
            Folder(str(tmp_path), 1, value_range=given).load("train", 16)
    with pytest.raises(SettingError, match="two numbers"):
        Folder(str(tmp_path), 1, value_range=[-1e308, 1e308])


@pytest.mark.parametrize("value", [0, 7.5])
def test_pictures_of_one_value_need_no_declared_range(tmp_path, value):
    write(tmp_path / "deep.tif", np.full((16, 16), value, np.float32))
    assert Folder(str(tmp_path), 1).load("train", 16).pixels([0]).unique().tolist() == [0]


def test_colour_channels_of_deep_pictures_are_told_what_they_cost(tmp_path):
    write(tmp_path / "deep.png", (RAMP * 4095).astype(np.uint16))
    for channels in (1, 3):
        headings = [note.heading for note in Folder(str(tmp_path), channels).load("train", 16).notes]
        assert ("Grey" in headings) == (channels == 3)
