"""What all extractors and scores have in common: whole grey levels, channels, and the hash of weights."""

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from extractors import Linear

from gan_lightning.metrics.contracts import NoScores, quantise, without_alpha


def test_images_are_rounded_not_truncated():
    values = torch.tensor([-1.0, -0.999, 0.0, 0.999, 1.0, 1.2]).view(-1, 1, 1, 1)
    assert quantise(values).flatten().tolist() == [0, 0, 128, 255, 255, 255]
    everything = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    assert torch.equal(quantise(everything.float() / 127.5 - 1), everything)


def test_pictures_of_any_channels_become_three_without_their_transparency():
    image = torch.arange(5 * 4.0).view(1, 5, 2, 2)
    for channels, taken in ((1, [0, 0, 0]), (2, [0, 0, 0]), (3, [0, 1, 2]), (4, [0, 1, 2])):
        assert torch.equal(without_alpha(image[:, :channels]), image[:, taken]), channels


def test_the_hash_of_weights_changes_with_each_weight_and_with_nothing_else():
    def prepared() -> Linear:
        extractor = Linear()
        extractor.prepare(None, None)
        return extractor

    one, other = prepared(), prepared()
    assert len(one.weights_hash()) == 16
    assert other.weights_hash() == one.weights_hash()
    other.matrix[-1, -1] += 1e-3
    assert other.weights_hash() != one.weights_hash()
    other.matrix = one.matrix.T.contiguous().T  # the same numbers, in another order in memory
    assert other.weights_hash() == one.weights_hash()


@pytest.mark.parametrize("fails", [False, True])
def test_features_are_computed_without_tf32_which_training_gets_back(monkeypatch, fails):
    allowed = []

    def forward(image: torch.Tensor) -> None:
        allowed.append(torch.backends.cudnn.allow_tf32)
        if fails:
            raise RuntimeError("full")

    extractor: Any = Linear()
    monkeypatch.setattr(extractor, "forward", forward)
    for before in (True, False):
        monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", before)
        with pytest.raises(RuntimeError, match="full") if fails else nullcontext():
            extractor(torch.zeros(2, 3, 4, 4))
        assert torch.backends.cudnn.allow_tf32 == before
    assert allowed == [False, False]


def test_where_nothing_is_scored_no_checkpoint_is_the_best():
    scores = NoScores(num_fake=4)
    assert not scores.prepare(None)
    assert (scores.names, scores.monitor, scores.compute()) == ([], None, {})
