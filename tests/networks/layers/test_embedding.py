"""Conditions as the vectors that networks use."""

import numpy as np
import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.networks import NoCondition, OneHot
from gan_lightning.networks.layers.embedding import SharedEmbedding

LABEL = torch.tensor([2, 0, 1, 0])
ATTRIBUTES = torch.tensor([[2, 1], [0, 0], [1, 1], [0, 1]])


def test_attributes_are_one_hot_one_after_the_other() -> None:
    expected = np.hstack([np.eye(3)[ATTRIBUTES[:, 0]], np.eye(2)[ATTRIBUTES[:, 1]]])
    embedder = OneHot([3, 2])
    np.testing.assert_array_equal(embedder(ATTRIBUTES), expected)
    assert embedder.features == 5


def test_without_a_condition_the_vector_is_empty() -> None:
    assert NoCondition()(LABEL).shape == (4, NoCondition.features) == (4, 0)
    assert NoCondition()(torch.randn(4, 8)).shape == (4, 0)


@pytest.mark.parametrize("num_classes", [0, 1, [], [3, 1]])
def test_conditioning_on_data_without_classes_is_refused(num_classes: int | list[int]) -> None:
    with pytest.raises(SettingError, match=r"conditioning needs class labels") as caught:
        OneHot(num_classes)
    assert f"{num_classes} classes" in str(caught.value)


def test_a_shared_embedding_is_linear_in_what_it_is_of_and_nothing_without_conditions() -> None:
    shared = SharedEmbedding(OneHot([3, 2]), features=4)
    rows = shared.embedding.weight
    torch.testing.assert_close(shared(ATTRIBUTES), rows[ATTRIBUTES[:, 0]] + rows[3 + ATTRIBUTES[:, 1]])
    without = SharedEmbedding(NoCondition(), features=4)
    assert without.features == 0
    assert without(LABEL).shape == (4, 0)
    assert not [*without.parameters()]
