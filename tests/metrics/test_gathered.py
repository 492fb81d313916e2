"""Rows of numbers, brought together in the order of the samples."""

import torch

from gan_lightning.metrics.gathered import Rows


def test_rows_come_in_the_order_of_the_samples_whatever_the_batches():
    rows = Rows(2, torch.float32)
    rows.update(torch.tensor([4, 0]), torch.tensor([[4.0, 4.5], [0.0, 0.5]]))
    rows.update(torch.tensor([3]), torch.tensor([[3, 3]]))
    rows.update(torch.tensor([2, 1]), torch.tensor([[2.0, 2.5], [1.0, 1.5]], dtype=torch.float64))
    found = rows.compute()
    assert found.dtype == torch.float32
    assert found.tolist() == [[0.0, 0.5], [1.0, 1.5], [2.0, 2.5], [3.0, 3.0], [4.0, 4.5]]


def test_without_samples_there_are_no_rows_but_their_width_is_known():
    rows = Rows(3, torch.float64)
    rows.update(torch.tensor([0]), torch.ones(1, 3))
    rows.reset()
    rows.update(torch.zeros(0, dtype=torch.long), torch.zeros(0, 3))  # a share of no sample
    assert rows.compute().shape == (0, 3)
    assert rows.compute().dtype == torch.float64
