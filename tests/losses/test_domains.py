"""The classification of StarGAN: the authors' two losses, and which labels are told."""

import pytest
import torch
from torch.nn import functional as F

from gan_lightning.losses import DomainClassifier


def classifier(sizes: list[int], weight: float = 1.0) -> tuple[DomainClassifier, torch.Tensor]:
    torch.manual_seed(0)
    return DomainClassifier(features=6, sizes=sizes, weight=weight).double(), torch.randn(8, 6, dtype=torch.float64)


def test_attributes_of_yes_or_no_are_summed_and_divided_by_the_batch():
    task, features = classifier([1] * 5)
    label = (torch.rand(8, 5) < 0.5).double()
    expected = F.binary_cross_entropy_with_logits(task.head(features), label, reduction="sum") / 8
    torch.testing.assert_close(task.discriminator_loss(features, -features, label), expected)
    torch.testing.assert_close(task.generator_loss(None, features, label), expected)


def test_one_attribute_of_many_values_is_a_cross_entropy():
    task, features = classifier([5], weight=3.0)
    kind = torch.randint(5, (8,))
    expected = 3 * F.cross_entropy(task.head(features), kind)
    torch.testing.assert_close(task.generator_loss(None, features, F.one_hot(kind, 5).double()), expected)


@pytest.mark.parametrize("sizes", [[5], [1, 1], [3, 1, 2]])
def test_told_labels_are_the_most_likely_ones(sizes):
    task, features = classifier(sizes)
    told = task.predicted(features)
    logits = task.head(features)
    for part, of in zip(told.split(sizes, 1), logits.split(sizes, 1), strict=True):
        if part.shape[1] == 1:
            assert torch.equal(part, (of > 0).double())
        else:
            assert torch.equal(part, F.one_hot(of.argmax(1), of.shape[1]).double())
    # An error of a label that is told is never larger than that of another.
    assert task.error(features, told) <= task.error(features, torch.roll(told, 1, 0))
