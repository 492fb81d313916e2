"""Captions as conditions: which combinations of options are new."""

import torch

from gan_lightning.data import Asked, Captions, Option
from gan_lightning.data.captions import combined
from gan_lightning.vocabulary import Vocabulary


def test_a_combination_needs_all_of_its_values():
    options = [Option("shade", ["dark", "bright"], [0, 1]), Option("size", ["large", "small"], [0, 0, 1])]
    values = torch.tensor([[0, 0], [0, 1], [1, 0]])
    assert combined(options, values, [{"shade": "dark", "size": "large"}]).tolist() == [True, False, False]
    asked = Asked(options, values, torch.zeros(3, dtype=torch.bool))
    captions = Captions(Vocabulary(["x"], 1), torch.ones(3, 1, 1).long(), asked, [{"size": "small"}])
    shown = captions.shown_in({"shade": torch.tensor([1, 0]), "size": torch.tensor([1, 2])})
    assert shown.said.tolist() == [[1, 0], [0, 1]]
    assert shown.unseen.tolist() == [False, True]
