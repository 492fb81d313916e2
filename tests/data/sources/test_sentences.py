"""Sentences of text files."""

import pytest

from gan_lightning.data import Sentences, SequenceData
from gan_lightning.errors import SettingError


@pytest.fixture
def files(tmp_path):
    (tmp_path / "train.txt").write_text("the cat sat\n\nthe  dog sat down\n<unk> cat\n", encoding="utf-8")
    (tmp_path / "test.txt").write_text("a dog sat\n", encoding="utf-8")
    return str(tmp_path / "train.txt"), str(tmp_path / "test.txt")


def test_rare_and_new_words_are_unknown(files):
    source = Sentences(*files, length=4, words=4)
    assert [*source.vocabulary] == ["", "<unk>", "cat", "sat", "the", "dog"]  # by number, then by letter
    data = SequenceData(source, batch_size=2, num_fake=2, seed=0)
    assert data.token.tolist() == [[4, 2, 3, 0], [4, 5, 3, 1], [1, 2, 0, 0]]
    assert data.held_out.tolist() == [[1, 5, 3, 0]]


def test_the_mark_that_some_editors_begin_a_file_with_is_no_letter(files, tmp_path):
    (tmp_path / "marked.txt").write_text("the cat sat\nthe dog\n", encoding="utf-8-sig")
    source = Sentences(str(tmp_path / "marked.txt"), files[1], length=4, words=4)
    assert [*source.vocabulary] == ["", "<unk>", "the", "cat", "dog", "sat"]


def test_a_long_sentence_is_named(files):
    with pytest.raises(SettingError, match="dataset.source.length=3: the sequence 'the dog sat down' has 4 tokens"):
        Sentences(*files, length=3, words=9).load("train")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "dataset.source.test=.*: cannot be read: No such file or directory; give a text file"),
        (b"\xff\xfe", "dataset.source.test=.*: cannot be read: it is not text in UTF-8; give a text file"),
        (b" \n\n", "dataset.source.test=.*: has no sentence; give a file with one on each line"),
    ],
)
def test_a_file_that_is_none_is_named(files, tmp_path, content, told):
    if content is not None:
        (tmp_path / "other").write_bytes(content)
    with pytest.raises(SettingError, match=told):
        Sentences(files[0], str(tmp_path / "other"), length=4, words=4)
