"""Pictures and a table of what they show, in CelebA's form and as CSV; a table that does not match is refused."""

import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lightning.data import DomainsData, LabelTable
from gan_lightning.data.sources.label_table import _Table
from gan_lightning.errors import SettingError

NAMES = [f"{i:06}.png" for i in range(12)]
HEAD = ["Black_Hair", "Blond_Hair", "Male"]
ROWS = {name: [1 if i % 3 == 0 else -1, 1 if i % 3 == 1 else -1, 1 if i % 2 else -1] for i, name in enumerate(NAMES)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pictures").mkdir()
    for i, name in enumerate(NAMES):
        Image.new("RGB", (17, 21), (20 * i, 0, 0)).save(tmp_path / "pictures" / name)
    return tmp_path


def celeba(count: int = 12, rows: dict[str, list[int]] = ROWS, head: list[str] = HEAD) -> str:
    lines = [f"{name}  {' '.join(f'{value:2}' for value in values)}" for name, values in rows.items()]
    return "\n".join([str(count), " ".join(head), *lines]) + "\n"


def table(folder: Path, text: str, name: str = "list_attr_celeba.txt", **settings: object) -> LabelTable:
    (folder / name).write_text(text)
    chosen = {"attributes": HEAD, "exclusive": [["Black_Hair", "Blond_Hair"]], "num_test": 4, **settings}
    return LabelTable(str(folder / "pictures"), str(folder / name), **chosen)


def test_celebas_table_gives_labels_and_domains(folder):
    source = table(folder, celeba())
    assert source.sizes == [1, 1, 1]
    assert source.domains == {
        "BlackHair": [1, 0, None],
        "BlondHair": [0, 1, None],
        "Male": [None, None, 1],
        "noMale": [None, None, 0],
    }
    train, test = (source.load(split, (8, 8)) for split in ("train", "test"))
    assert (len(train.images), len(test.images)) == (8, 4)
    for images, labels in (train, test):
        number = (images.pixels(list(range(len(images))))[:, 0, 4, 4] / 20).round().long()
        expected = torch.tensor([[int(value == 1) for value in ROWS[NAMES[i]]] for i in number.tolist()])
        assert torch.equal(labels, expected)
        assert torch.equal(images.attributes["Male"], expected[:, 2])
    module = DomainsData(table(folder, celeba(), num_test=8), 8, 2, 0)
    assert module.spec().planes == 3
    assert module.truth("test", module.routes[0]) is None
    wide = source.load("test", (8, 12)).images
    assert wide.size == (8, 12)


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_csv_with_other_words_and_an_other_order_says_the_same(folder, between):
    words = {1: "Yes", -1: "false"}
    rows = [",".join([name, *map(words.get, values[::-1])]) for name, values in reversed(ROWS.items())]
    text = "\n".join(["file,Male,Blond_Hair,Black_Hair", *rows])
    source = table(folder, text.replace(",", between), "labels.csv")
    by_name = dict(zip(source.files, source.labels.tolist(), strict=True))
    assert by_name == {name: [int(value == 1) for value in values] for name, values in ROWS.items()}


def test_commas_within_quotation_marks_part_no_columns(folder):
    head = 'file;"hair, black, or nearly";Male\n'
    source = table(
        folder,
        head + "".join(f"{name};{values[0]};{values[2]}\n" for name, values in ROWS.items()),
        "labels.csv",
        attributes=["Male"],
        exclusive=[],
    )
    assert source.labels[:, 0].tolist() == [int(values[2] == 1) for values in ROWS.values()]


def changed(**rows: list[int]) -> dict[str, list[int]]:
    return {**ROWS, **{f"{name}.png": values for name, values in rows.items()}}


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        (celeba(13), {}, "first line says 13 pictures, but it has 12 rows"),
        (celeba(13, changed(missing=[1, -1, 1])), {}, "1 row names no picture in .*missing.png"),
        (celeba(11, {name: ROWS[name] for name in NAMES[1:]}), {}, "has no row for 1 picture in .*000000.png"),
        (celeba(), {"attributes": ["Young", "Male"]}, "has no column Young; it has Black_Hair, Blond_Hair, Male"),
        (celeba(head=[*HEAD, "Young"]), {}, "has 4 columns, but 3 entries for 000000.png"),
        (celeba().replace("000003.png", "000004.png"), {}, "has two rows for 000004.png"),
        (celeba(rows={**ROWS, NAMES[2]: [1, 7, 1]}), {}, "says '7' of 000002.png; entries are 1, true or yes"),
        (celeba(), {"exclusive": [["Bald"]]}, "exclusive: Bald is not in dataset.source.attributes"),
        (celeba(), {"attributes": []}, "one or more different columns"),
        (celeba(), {"num_test": 12}, "num_test=12: there are 12 pictures; fewer can be held out"),
        ("", {}, "holds no rows"),
        ('file,Male\n"000000.png,1\n' + "x.png,1\n" * 20_000, {}, "is not CSV"),
        ("file Male\n000000.png 1\n", {}, "has no column .*; it has none besides the pictures"),
        (celeba(head=["Male", "Blond_Hair", "Male"]), {"attributes": ["Male"], "exclusive": []}, "two columns Male"),
        (celeba(head=["A_B", "AB", "C"]), {"attributes": ["A_B", "AB"], "exclusive": []}, "AB is left, which must be"),
    ],
)
def test_a_table_that_does_not_match_is_refused_in_a_sentence(folder, text, settings, message):
    with pytest.raises(SettingError, match=message) as refused:
        table(folder, text, **settings)
    assert "\n" not in str(refused.value)


def test_the_range_of_deep_pictures_is_checked_and_told(folder):
    idle = "dataset.source.value_range changes nothing: all pictures have 8 bits"
    assert idle in [note.text for note in table(folder, celeba(), value_range=[0, 4095]).notes]
    for i, name in enumerate(NAMES):
        Image.fromarray(np.full((16, 16), 100 * i, np.uint16)).save(folder / "pictures" / name)
    with pytest.raises(SettingError, match=r"value_range=\[10000,20000\]: all values .* lie outside, from 0 to 1100"):
        table(folder, celeba(), value_range=[10000, 20000])
    half = table(folder, celeba(), value_range=[0, 600])
    assert tuple(half.value_range) == (0, 600)
    assert any("of the pixels lie outside and are clipped" in note.text for note in half.notes)
    measured = table(folder, celeba())
    assert tuple(measured.value_range) == (0, 4095)  # the narrowest usual range: 12 bits
    assert "Values" in [note.heading for note in measured.load("train", (8, 8)).images.notes]


def test_a_table_that_is_not_there_or_no_text_is_refused(folder):
    with pytest.raises(SettingError, match=r"dataset.source.table=.*none.txt: cannot be read \(No such file"):
        LabelTable(str(folder / "pictures"), str(folder / "none.txt"), HEAD)
    with pytest.raises(SettingError, match="is not text in UTF-8"):
        LabelTable(str(folder / "pictures"), str(folder / "pictures" / NAMES[0]), HEAD)


def test_a_broken_picture_is_replaced_by_one_with_the_same_label(folder):
    for name in NAMES[::4]:
        (folder / "pictures" / name).write_bytes(b"")
    train = table(folder, celeba(), skip_broken=True, num_test=1).load("train", (8, 8))
    shades = (train.images.pixels(list(range(11)))[:, 0, 4, 4] / 20).round().long()
    shown = torch.tensor([[int(value == 1) for value in ROWS[NAMES[i]]] for i in shades.tolist()])
    assert torch.equal(shown, train.labels)


def test_a_table_of_many_pictures_is_matched_in_a_moment(folder):
    source = table(folder, celeba())
    names = [f"{i:06}.png" for i in range(20_000)]
    rows = {name: ["1", "1", "1"] for name in names}
    began = time.process_time()
    assert source._matched(_Table(HEAD, rows), names) == names
    assert time.process_time() - began < 2
