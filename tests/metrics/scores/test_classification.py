"""What a classifier learns from samples: all of it from real ones, nothing from samples under wrong labels."""

from pathlib import Path

import pytest
import torch
from classes import NAMES, coloured

from gan_lightning.data import TensorImages
from gan_lightning.metrics import ClassificationAccuracy, RealSide


def accuracy(folder: Path, shown: list[int], batch: int = 64) -> float:
    """Of samples that show `shown[label]` where they were asked for `label`."""
    label = torch.arange(240) % 3
    train, held = (TensorImages(coloured(label, seed), {"label": label}, "label", NAMES) for seed in (0, 1))
    score = ClassificationAccuracy(images=2000, seed=0)
    side = RealSide(train, None, 240, folder, 0, alone=True, asked=label, training=train, held=held)
    assert score.lacks(side) is None
    score.begin(side)
    score.reset(torch.device("cpu"))
    samples = coloured(torch.tensor(shown)[label], 2)
    with torch.inference_mode():  # as validation is
        for number in torch.randperm(240, generator=torch.Generator().manual_seed(batch)).split(batch):
            score.update(number, samples[number])
        return score.compute()


def test_real_labels_are_learned_and_wrong_ones_are_told(tmp_path):
    assert accuracy(tmp_path, [0, 1, 2]) > 0.95
    assert accuracy(tmp_path, [0, 2, 1], batch=7) == pytest.approx(1 / 3, abs=0.05)
    state = torch.random.get_rng_state()
    assert accuracy(tmp_path, [0, 1, 1]) < 0.75  # a dropped class cannot be learned
    assert torch.equal(torch.random.get_rng_state(), state)
    assert accuracy(tmp_path, [0, 1, 2], batch=9) == accuracy(tmp_path, [0, 1, 2])


def test_what_is_missing_is_told(tmp_path):
    label = torch.arange(30) % 3
    train = TensorImages(coloured(label, 0), {"label": label}, "label", NAMES)
    score = ClassificationAccuracy(images=128, seed=0)
    side = RealSide(train, None, 30, tmp_path, 0, training=train)
    assert "needs a class of two or more as the condition" in str(score.lacks(side))
    side = RealSide(train, None, 30, tmp_path, 0, training=train, asked=label)
    assert "needs held-out images of the same classes" in str(score.lacks(side))
