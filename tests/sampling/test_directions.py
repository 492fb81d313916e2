"""Directions of the noise that change a generator's first layer most."""

import numpy as np
import pytest
import torch
from shown import saved

from gan_lightning.data import quantise
from gan_lightning.errors import SettingError
from gan_lightning.sampling.directions import Directions, reading_weights, semantic_directions
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run


def test_directions_are_those_that_change_the_first_layer_most():
    weights = torch.randn(20, 4) * torch.tensor([1.0, 3.0, 0.5, 2.0])
    directions, lengths = semantic_directions(weights)
    _, values, vectors = torch.linalg.svd(weights)
    assert torch.allclose(lengths, values, atol=1e-4)
    assert torch.allclose((directions * vectors).sum(1).abs(), torch.ones(4), atol=1e-4)


def test_the_layer_that_reads_the_noise_is_found_in_a_conditional_network(task):
    asked = task()
    w, condition = asked.latent(torch.tensor([0]), "it")
    model = asked.model("it")
    layer = model.ema.module.layers[0]
    weights = reading_weights(model, w, condition)
    assert weights.shape == (layer.weight[0].numel(), 6)  # the embedding of the class comes behind
    assert torch.equal(weights.T, layer.weight[:6].flatten(1))


def test_a_row_moves_a_sample_along_a_direction(task):
    asked = task(columns=3)
    run(Directions(count=2, extent=2.0, sample=5), asked, Plain())
    directions = torch.from_numpy(np.loadtxt(asked.folder / "directions.csv", delimiter=",")).float()
    assert torch.allclose(directions @ directions.T, torch.eye(2), atol=1e-4)
    w, condition = asked.latent(torch.tensor([5]), "it")
    assert torch.equal(saved(asked)[4], saved(asked)[1])  # in the middle is the sample itself
    moved = asked.model("it").synthesise(w + 2 * directions[1], condition)
    assert (saved(asked)[5].float() - quantise(moved)[0].float()).abs().max() <= 1
    with pytest.raises(SettingError, match=r"show.count=7: the latent has 6 numbers"):
        run(Directions(7, 1.0), task(folder=asked.folder / "other"), Plain())
