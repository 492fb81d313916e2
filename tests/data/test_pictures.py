"""Which files are pictures, and how each kind of them becomes pixels."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data import picture_files, read_picture
from gan_lightning.data.notes import WARNING
from gan_lightning.data.pictures import notes_of_losses, size_of
from gan_lightning.errors import SettingError

RED, GREEN, HALF_RED = (255, 0, 0), (0, 255, 0), (255, 0, 0, 128)


def saved(folder: Path, picture: Image.Image, name: str = "picture.png", **settings: object) -> Path:
    picture.save(folder / name, **settings)
    return folder / name


def colour(file: Path, channels: int) -> list[int]:
    """The upper left pixel as it is read."""
    pixels = read_picture(file, channels)
    assert pixels.dtype == torch.uint8
    assert pixels.shape[0] == channels
    return pixels[:, 0, 0].tolist()


# --- kinds of pixels ---


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("1", 1, {1: [255], 2: [255, 255], 3: [255] * 3, 4: [255] * 4}),
        ("L", 77, {1: [77], 2: [77, 255], 3: [77] * 3, 4: [77, 77, 77, 255]}),
        ("RGB", RED, {1: [76], 2: [76, 255], 3: [255, 0, 0], 4: [255, 0, 0, 255]}),
        ("LA", (0, 102), {1: [153], 2: [0, 102], 3: [153] * 3, 4: [0, 0, 0, 102]}),
        ("RGBA", (0, 0, 0, 0), {1: [255], 2: [0, 0], 3: [255] * 3, 4: [0] * 4}),
        ("RGBA", (255, 0, 0, 51), {2: [76, 51], 3: [255, 204, 204], 4: [255, 0, 0, 51]}),
        ("I;16", 30000, {1: [117], 2: [117, 255], 3: [117] * 3, 4: [117, 117, 117, 255]}),
        ("I;16", 65535, {1: [255], 3: [255] * 3}),
        ("I;16", 100, {1: [0]}),
    ],
)
def test_every_mode_becomes_every_number_of_channels(tmp_path, mode, value, expected):
    file = saved(tmp_path, Image.new(mode, (3, 2), value))
    for channels, pixel in expected.items():
        assert colour(file, channels) == pixel
    assert read_picture(file, 3).shape == (3, 2, 3)


def test_16_bits_keep_their_order_instead_of_being_clipped(tmp_path):
    ramp = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    assert torch.equal(
        read_picture(saved(tmp_path, Image.fromarray(ramp)), 1)[0], torch.arange(256).to(torch.uint8).view(16, 16)
    )


def test_palette_with_and_without_transparency(tmp_path):
    palette = Image.new("P", (2, 1))
    palette.putpalette([*RED, *GREEN])
    palette.putdata([0, 1])
    plain = saved(tmp_path, palette, "plain.png")
    assert read_picture(plain, 3)[:, 0].T.tolist() == [list(RED), list(GREEN)]
    clear = saved(tmp_path, palette, "clear.png", transparency=0)
    assert read_picture(clear, 3)[:, 0].T.tolist() == [[255] * 3, list(GREEN)]
    assert read_picture(clear, 4)[3, 0].tolist() == [0, 255]
    assert read_picture(clear, 2)[1, 0].tolist() == [0, 255]


def test_a_transparent_colour_of_a_picture_without_alpha(tmp_path):
    file = saved(tmp_path, Image.new("RGB", (2, 2), RED), transparency=RED)
    assert colour(file, 3) == [255] * 3
    assert colour(file, 4)[3] == 0


def test_cmyk_becomes_its_colour(tmp_path):
    file = saved(tmp_path, Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "print.tif")
    assert colour(file, 3) == [255, 0, 0]
    assert colour(file, 4) == [255, 0, 0, 255]
    assert colour(file, 1) == [76]


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (4, 4), value) for value in (RED, GREEN)]
    for name in ("moving.gif", "moving.webp", "moving.png"):
        lossless = {"lossless": True} if name.endswith("webp") else {}
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=100, **lossless)
        assert colour(tmp_path / name, 3) == list(RED)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_as_their_exif_orientation_says(tmp_path, orientation):
    upright = Image.new("L", (3, 2))
    upright.putdata([0, 50, 100, 150, 200, 250])
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = upright.getexif()
    exif[0x0112] = orientation
    file = saved(tmp_path, upright if stored is None else upright.transpose(stored), exif=exif)
    assert read_picture(file, 1).tolist() == [[[0, 50, 100], [150, 200, 250]]]


@pytest.mark.parametrize("suffix", ["tif", "jpg", "webp"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_size_from_the_beginning_of_a_file_is_that_of_the_upright_picture(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = saved(tmp_path, Image.new("RGB", (30, 20)), f"picture.{suffix}", exif=exif)
    assert size_of(file) == read_picture(file, 3).shape[1:] == ((30, 20) if orientation > 4 else (20, 30))


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_what_cannot_be_read_is_named(tmp_path, content):
    noise = np.random.default_rng(0).integers(256, size=(40, 40), dtype=np.uint8)
    file = saved(tmp_path, Image.fromarray(noise))
    file.write_bytes(file.read_bytes()[:700] if content is None else content)
    with pytest.raises(SettingError, match=r"picture\.png cannot be read as an image"):
        read_picture(file, 3)
    with pytest.raises(SettingError, match=r"nowhere\.png cannot be read"):
        read_picture(tmp_path / "nowhere.png", 3)


def test_postscript_is_not_run_whatever_its_name(tmp_path):
    for name in ("drawing.eps", "drawing.png"):
        (tmp_path / name).write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n")
        with pytest.raises(SettingError, match="cannot identify image file"):
            read_picture(tmp_path / name, 3)
    # Found all the same, so that whoever reads the folder is told.
    assert picture_files(tmp_path) == [tmp_path / "drawing.eps", tmp_path / "drawing.png"]


# --- which files ---


def test_pictures_are_found_by_suffix_and_by_content_at_every_depth(tmp_path):
    pictures = ["a.png", "b.JPG", "c.tiff", "deep/down/d.webp", "deep/e.bmp", "f.ppm", "g.tga", "z.gif"]
    (tmp_path / "deep" / "down").mkdir(parents=True)
    for name in pictures:
        Image.new("RGB", (4, 4)).save(tmp_path / name)
    Image.new("RGB", (4, 4)).save(tmp_path / "no_suffix", format="png")
    Image.new("RGB", (4, 4)).save(tmp_path / "odd.jpg_large", format="jpeg")
    for name in ("notes.txt", "labels.h5", "PREADME", "data.json"):
        (tmp_path / name).write_text("Python is no picture\n")
    (tmp_path / "broken.png").write_text("found, so that reading it says so")
    found = [str(file.relative_to(tmp_path)) for file in picture_files(tmp_path)]
    assert sorted(found) == sorted([*pictures, "no_suffix", "odd.jpg_large", "broken.png"])
    assert picture_files(tmp_path) == sorted(picture_files(tmp_path))


def test_hidden_files_and_folders_are_skipped(tmp_path):
    for name in ("seen", ".hidden", "seen/.deep"):
        (tmp_path / name).mkdir()
    for name in (".a.png", "seen/._b.png", ".hidden/c.png", "seen/.deep/d.png", "seen/e.png"):
        Image.new("L", (4, 4)).save(tmp_path / name)
    assert picture_files(tmp_path) == [tmp_path / "seen" / "e.png"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_links_that_lead_outside_are_refused_and_named(tmp_path, kind):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    Image.new("L", (4, 4)).save(outside / "secret.png")
    (inside / "link.png").symlink_to(outside if kind == "folder" else outside / "secret.png")
    with pytest.raises(SettingError, match=r"link\.png: leads to .*outside"):
        picture_files(inside)


def test_links_that_stay_inside_are_pictures_and_cannot_go_in_circles(tmp_path):
    (tmp_path / "pool").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "pool" / "a.png")
    (tmp_path / "b.png").symlink_to("pool/a.png")
    (tmp_path / "pool" / "circle").symlink_to(tmp_path)
    assert picture_files(tmp_path) == [tmp_path / "b.png", tmp_path / "pool" / "a.png"]


def test_a_folder_may_itself_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "real" / "a.png")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert picture_files(tmp_path / "link") == [tmp_path / "link" / "a.png"]


# --- strange files ---


def test_a_small_file_of_many_pixels_is_named_with_the_limit(tmp_path):
    """30,000 x 30,000 pixels of one colour: 110 KB, and 2.7 GB decoded."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(30_001 * 100), 1)  # the first rows are enough
    parts = [(b"IHDR", head), (b"IDAT", pixels), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    for name in ("large.png", "large"):  # found by its suffix, or by what it holds
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
        with pytest.raises(SettingError, match=rf"{name} cannot be .* more than 178,956,970 pixels, the most"):
            read_picture(tmp_path / name, 3)
    assert picture_files(tmp_path) == [tmp_path / "large", tmp_path / "large.png"]


def test_what_pillow_warns_of_is_read_without_a_word(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    assert read_picture(saved(tmp_path, Image.new("L", (8, 8), 7)), 1).unique().tolist() == [7]


def test_a_damaged_exif_description_leaves_the_picture_as_it_is(tmp_path):
    file = saved(
        tmp_path, Image.new("L", (8, 4), 9), "a.jpg", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12"
    )
    assert read_picture(file, 1).shape == (1, 4, 8)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(bits: int, colour: int, row: bytes) -> bytes:
    """One row of pixels as PNG, which Pillow cannot write with 16 bits a channel."""
    pixels = len(row) * 8 // bits // {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", pixels, 1, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" + row)) + chunk(b"IEND", b"")


def tiff(row: bytes) -> bytes:
    """One row of RGB pixels of 16 bits a channel."""
    entries = [(256, 1, len(row) // 6), (257, 1, 1), (258, 3, 122), (259, 1, 1), (262, 1, 2)]
    entries += [(273, 1, 128), (277, 1, 3), (278, 1, 1), (279, 1, len(row))]
    packed = b"".join(struct.pack("<HHII", tag, 3, count, value) for tag, count, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, 9) + packed + struct.pack("<IHHH", 0, 16, 16, 16) + row


def test_colour_pictures_that_lose_levels_are_counted(tmp_path):
    deep = {"rgb.png": png(16, 2, bytes(12)), "rgba.png": png(16, 6, bytes(16)), "grey_alpha.png": png(16, 4, bytes(8))}
    deep |= {"rgb.tif": tiff(bytes(12)), "rgb.ppm": b"P6 2 1 65535\n" + bytes(12)}
    flat = {"8.png": png(8, 2, bytes(6)), "grey.png": png(16, 0, bytes(4)), "8.ppm": b"P6 2 1 255\n" + bytes(6)}
    flat |= {"broken.png": b"\x89PNG"}
    for name, content in {**deep, **flat}.items():
        (tmp_path / name).write_bytes(content)
    assert notes_of_losses([tmp_path / name for name in flat], "value_range") == []
    for name in deep:
        assert len(notes_of_losses([tmp_path / name], "value_range")) == 1, name
    (note,) = notes_of_losses([tmp_path / name for name in {**deep, **flat}], "value_range")
    assert note.heading == WARNING
    assert note.text.startswith("5 of 9 pictures have 16 bits a channel, of which the upper 8 are kept")
    assert note.text.endswith("grey pictures keep what value_range says")


def test_files_with_several_pictures_are_counted_and_named(tmp_path):
    first, second = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    several = ["pages.tif", "moving.gif", "moving.webp", "moving.png"]
    for name in several:
        first.save(tmp_path / name, save_all=True, append_images=[second])
    alone = ["page.tif", "still.gif", "still.webp", "still.png", "photo.jpg"]
    for name in alone:
        first.save(tmp_path / name)
    assert notes_of_losses([tmp_path / name for name in alone], "value_range") == []
    for name in several:
        (note,) = notes_of_losses([tmp_path / name], "value_range")
        assert note.text.startswith(
            f"1 of 1 picture has several pages or frames, of which only the first is used ({name})"
        )
    (note,) = notes_of_losses([tmp_path / name for name in (*several, *alone)], "value_range")
    assert note.heading == WARNING
    assert note.text.startswith("4 of 9 pictures have several pages or frames")
