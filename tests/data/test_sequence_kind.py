"""Samples that are text: ends, separators, the picture, and the file."""

from pathlib import Path

import torch

from gan_lightning.data import SequenceKind
from gan_lightning.data.sequence_kind import LEAST_WIDTH, MARGIN, SIZE

WORDS = ["<end>", "red", "blue", "hair"]
KIND = SequenceKind(WORDS, " ", end=0)


def test_a_text_ends_where_its_sequence_does() -> None:
    rows = torch.tensor([[1, 3, 0, 0], [0, 2, 2, 2], [2, 1, 2, 3]])
    assert KIND.texts(rows) == ["red hair", "", "blue red blue hair"]
    assert SequenceKind(["a", "b"], "", end=None).texts(torch.tensor([[0, 1, 0]])) == ["aba"]
    assert torch.equal(KIND.quantise(rows), rows)


def test_a_picture_has_a_line_for_each_text() -> None:
    rows = torch.tensor([[1, 3, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0]])
    picture = KIND.draw(rows, columns=8)
    assert picture.shape[0] == 3
    assert picture.shape[2] >= LEAST_WIDTH + 2 * MARGIN
    height = (picture.shape[1] - 2 * MARGIN) // 3
    assert height >= SIZE
    first, second, third = (picture[:, MARGIN + i * height :][:, :height] for i in range(3))
    assert torch.equal(first, second)
    assert first.min() < 128
    assert (third == 255).all()
    assert KIND.draw(rows[:1], 8).shape[2] == picture.shape[2]


def test_a_file_of_text_begins_again_with_the_first_sample_only(tmp_path: Path) -> None:
    rows = torch.tensor([[1, 0], [2, 0]])
    for first in (0, 2, 0, 2):
        KIND.save(rows, first, tmp_path, None)
    assert (tmp_path / KIND.files).read_text() == "red\nblue\n" * 2
