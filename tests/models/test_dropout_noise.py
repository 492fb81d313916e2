"""Noise of a translation is its own."""

import torch
from translations import PAIRED


def test_noise_of_a_picture_does_not_depend_on_its_batch(composed, build):
    model, _ = build(composed(*PAIRED, "dataset.resolution=64"))
    source = torch.rand(4, 3, 64, 64) * 2 - 1
    state = torch.get_rng_state()
    whole = model.translate(source, seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    alone = model.translate(source[2:3], seed=3, number=torch.tensor([2]))
    assert torch.equal(whole[2:3], alone)
