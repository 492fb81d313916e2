"""Which held-out pictures translators are validated on."""

import pytest
import torch
from numbered import Numbered, at, numbers, paired, unpaired

from gan_lightning.errors import SettingError


@pytest.mark.parametrize("known", [True, False])
def test_domains_are_asked_for_in_both_directions(known):
    source = Numbered({"train": (4, 4), "test": (5, 3)}, paired=False)
    if known:
        source = Numbered({"train": (4, 4), "test": (5, 5)}, paired=True)
    asked = list(unpaired(source, evaluation_batch_size=3).val_dataloader())
    assert [held.route.name for held in asked] == ["a2b", "a2b", *(["b2a", "b2a"] if known else ["b2a"])]
    assert numbers(asked[0].source) == [0, 1, 2]
    assert numbers(asked[2].source) == [100, 101, 102]
    assert (asked[0].target is not None) == known
    if known:
        assert numbers(asked[0].target) == [100, 101, 102]
        assert numbers(asked[2].target) == [0, 1, 2]


@pytest.mark.parametrize("make", [paired, unpaired])
def test_processes_ask_for_exact_shares(make):
    source = Numbered({"train": (12, 12), "test": (11, 11)}, paired=make is paired)
    shares = [list(at(make(source, evaluation_batch_size=2), rank, 3).val_dataloader()) for rank in range(3)]
    for direction in ["a2b"] if make is paired else ["a2b", "b2a"]:
        start = 100 if direction == "b2a" else 0
        asked = [held for share in shares for held in share if held.route.name == direction]
        assert sorted(torch.cat([held.number for held in asked]).tolist()) == list(range(11))
        assert all(numbers(held.source) == [start + i for i in held.number.tolist()] for held in asked)


def test_more_processes_than_pictures_of_a_direction_are_an_error():
    source = Numbered({"train": (12, 12), "test": (3, 2)})
    with pytest.raises(SettingError, match=r"held-out pictures \(b2a\): 2 for 3 processes"):
        at(unpaired(source), 0, 3).val_dataloader()


def test_examples_are_the_first_of_each_direction_on_every_process():
    source = Numbered({"train": (8, 8), "test": (5, 3)})
    for rank in range(2):
        a2b, b2a = at(unpaired(source), rank, 2).examples(4)
        assert (a2b.route.name, numbers(a2b.source)) == ("a2b", [0, 1, 2, 3])
        assert (b2a.route.name, numbers(b2a.source)) == ("b2a", [100, 101, 102])
        assert a2b.target is None
    (held,) = paired(Numbered({"train": (4, 4), "test": (3, 3)}, paired=True), direction="b2a").examples(2)
    assert (held.route.name, numbers(held.source), numbers(held.target)) == ("b2a", [100, 101], [0, 1])
