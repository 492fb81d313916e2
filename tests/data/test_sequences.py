"""The data module of sequences, and their text."""

import pytest
import torch

from gan_lightning.data import RandomLSTM, SequenceData, SequenceKind, SequenceSource, kind_of
from gan_lightning.errors import SettingError


class Letters(SequenceSource):
    """Two words, of three letters at most."""

    vocabulary, separator, end, length = ["", "a", "b"], "", 0, 3

    def load(self, split):
        return self.encode(["ab", "b"])


def test_texts_become_numbers_and_texts_again(tmp_path) -> None:
    token = Letters().load("train")
    assert token.tolist() == [[1, 2, 0], [2, 0, 0]]
    data = SequenceData(Letters(), batch_size=1, num_fake=2, seed=0)
    spec = data.spec()
    assert (spec.num_tokens, spec.length, spec.end, spec.size) == (3, 3, 0, 2)
    kind = kind_of(vars(spec))
    assert isinstance(kind, SequenceKind)
    assert kind.texts(token) == ["ab", "b"]
    kind.save(token, 0, tmp_path, None)
    kind.save(token[:1], 2, tmp_path, None)
    assert (tmp_path / "sequences.txt").read_text() == "ab\nb\nab\n"
    shapes = {kind.draw(rows, 1).shape for rows in (token, token.flip(0), torch.zeros_like(token))}
    assert len(shapes) == 1  # snapshots of a run are compared side by side


def test_what_is_too_long_or_unknown_is_named() -> None:
    with pytest.raises(SettingError, match="length=3: the sequence 'abab' has 4 tokens"):
        Letters().encode(["ab", "abab"])
    with pytest.raises(SettingError, match="the sequence 'ac' holds 'c', which the vocabulary lacks"):
        Letters().encode(["ac"])


def test_another_order_of_words_is_another_data_set() -> None:
    one, another = (SequenceData(RandomLSTM(4, 3, 10), batch_size=2, num_fake=2, seed=0) for _ in range(2))
    assert one.spec() == another.spec()
    another.source.vocabulary = another.source.vocabulary[::-1]
    assert one.spec().fingerprint != another.spec().fingerprint
