"""The translation data modules: crops that belong together, orders, directions, and measured facts."""

from pathlib import Path

import pytest
import torch
import yaml
from numbered import Numbered, Positions, at, numbers, paired, unpaired

from gan_lightning.batch import Labelled, Paired, Unpaired
from gan_lightning.console.config import CONF
from gan_lightning.data import FakeSides, ImageData, PairedData, UnpairedData
from gan_lightning.errors import SettingError

# --- crops and mirrors ---


@pytest.mark.parametrize("direction", ["a2b", "b2a"])
def test_pairs_move_together(direction):
    data = paired(Positions(), load=[20, 24], resolution=[16, 18], flip=True, batch_size=64, direction=direction)
    (batch,) = data.train_dataloader()
    a, b = batch if direction == "a2b" else (batch.target, batch.source)
    assert a.shape == (64, 2, 16, 18)
    assert b.shape == (64, 4, 16, 18)
    assert torch.equal(a, b[:, :2])
    left_to_right = a[:, 1, 0, -1] > a[:, 1, 0, 0]
    assert 16 < left_to_right.sum() < 48
    assert a[:, 0, 0, 0].unique().numel() == 5
    assert a[:, 1, 0].amin(1).unique().numel() == 7


def test_sides_move_independently():
    data = unpaired(Positions(), load=20, flip=True, batch_size=64)
    (batch,) = data.train_dataloader()
    mirrored = [image[:, 1, 0, -1] < image[:, 1, 0, 0] for image in batch]
    assert 16 < (mirrored[0] == mirrored[1]).sum() < 48


def test_batches_are_scaled_and_the_same_every_time():
    data = paired(FakeSides(16, 3, 1, paired=True), load=20, flip=True)
    first, second = list(data.train_dataloader()), list(data.train_dataloader())
    assert all(torch.equal(a.source, b.source) for a, b in zip(first, second, strict=True))
    assert isinstance(first[0], Paired)
    assert first[0].source.dtype == torch.float32
    everything = torch.cat([batch.source for batch in first])
    assert (everything.min(), everything.max()) == (-1, 1)
    raw = data.sides("test").b.pixels([0, 1]).float() / 127.5 - 1
    assert torch.allclose(next(iter(data.val_dataloader())).target[:2], raw)


# --- order ---


@pytest.mark.parametrize("make", [paired, unpaired])
def test_processes_train_on_disjoint_shares(make):
    source = Numbered({"train": (24, 24), "test": (1, 1)}, paired=make is paired)
    seen = [numbers(batch[0]) for rank in range(3) for batch in at(make(source), rank, 3).train_dataloader()]
    assert sorted(sum(seen, [])) == list(range(24))


@pytest.mark.parametrize("make", [paired, unpaired])
def test_lightning_can_set_the_epoch_of_the_loader(make):
    loader = make(Numbered({"train": (40, 40), "test": (1, 1)}, paired=make is paired)).train_dataloader()
    before = [numbers(batch[0]) for batch in loader]
    loader.sampler.set_epoch(1)
    after = [numbers(batch[0]) for batch in loader]
    assert before != after
    assert sorted(sum(before, [])) == sorted(sum(after, [])) == list(range(40))


def test_pairs_stay_pairs_and_domains_do_not():
    counts = {"train": (64, 64), "test": (1, 1)}
    pairs = list(paired(Numbered(counts, paired=True)).train_dataloader())
    assert all(numbers(p.target) == [number + 100 for number in numbers(p.source)] for p in pairs)
    mixed = list(unpaired(Numbered(counts, paired=True)).train_dataloader())
    together = [(x, y - 100) for batch in mixed for x, y in zip(numbers(batch.a), numbers(batch.b), strict=True)]
    assert sum(x == y for x, y in together) < 8
    assert isinstance(mixed[0], Unpaired)


def test_workers_deliver_the_same_batches():
    source = FakeSides(12, 3, 3, paired=False)
    alone = list(unpaired(source, load=20, flip=True).train_dataloader())
    helped = list(unpaired(source, load=20, flip=True, num_workers=1).train_dataloader())
    assert len(alone) == 3
    for one, other in zip(alone, helped, strict=True):
        assert torch.equal(one.a, other.a)
        assert torch.equal(one.b, other.b)


# --- validation ---


@pytest.mark.parametrize("direction", ["a2b", "b2a"])
def test_pairs_are_asked_for_in_one_direction(direction):
    source = Numbered({"train": (4, 4), "test": (10, 10)}, paired=True)
    data = paired(source, direction=direction, evaluation_batch_size=4)
    asked = list(data.val_dataloader())
    assert [len(held.number) for held in asked] == [4, 4, 2]
    assert {held.route.name for held in asked} == {direction}
    number = torch.cat([held.number for held in asked])
    assert number.dtype == torch.long
    assert number.tolist() == list(range(10))
    sources, targets = (sum((numbers(held[place]) for held in asked), []) for place in (2, 3))
    start = 0 if direction == "a2b" else 100
    assert sources == [start + i for i in range(10)]
    assert targets == [100 - start + i for i in range(10)]
    assert asked[0].source.shape[1] == (3 if direction == "a2b" else 1)


# --- sizes and facts ---


def test_spec_of_pairs_is_measured_in_their_direction():
    source = Numbered({"train": (8, 8), "test": (3, 3)}, channels=(3, 1), paired=True)
    spec = paired(source, load=30, resolution=[16, 24]).spec()
    assert (spec.source_channels, spec.target_channels, spec.height, spec.width) == (3, 1, 16, 24)
    assert (spec.direction, spec.size) == ("a2b", 8)
    turned = paired(source, direction="b2a").spec()
    assert (turned.source_channels, turned.target_channels, turned.direction) == (1, 3, "b2a")


def test_spec_of_domains_is_measured():
    source = Numbered({"train": (8, 6), "test": (3, 3)}, channels=(4, 2))
    spec = unpaired(source, load=20, resolution=16).spec()
    assert (spec.a_channels, spec.b_channels, spec.height, spec.width) == (4, 2, 16, 16)
    assert (spec.a_size, spec.b_size) == (8, 6)


@pytest.mark.parametrize("make", [paired, unpaired])
def test_fingerprint_changes_with_either_side(make):
    def fingerprint(counts: tuple[int, int]) -> str:
        return make(Numbered({"train": counts, "test": (3, 3)}, paired=make is paired)).spec().fingerprint

    assert fingerprint((8, 8)) == fingerprint((8, 8))
    assert fingerprint((9, 9)) != fingerprint((8, 8))
    if make is unpaired:
        assert len({fingerprint((8, 8)), fingerprint((9, 8)), fingerprint((8, 9))}) == 3


def test_modules_say_what_they_deliver():
    assert (ImageData.delivers, PairedData.delivers, UnpairedData.delivers) == (Labelled, Paired, Unpaired)


# --- errors ---


@pytest.mark.parametrize("make", [paired, unpaired])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"resolution": 0}, r"dataset.resolution=0: a whole number from 1, or \[height, width\]"),
        ({"resolution": 16.5}, "dataset.resolution=16.5"),
        ({"resolution": True}, "dataset.resolution=True"),
        ({"resolution": "64"}, "dataset.resolution=64"),
        ({"resolution": [16]}, r"dataset.resolution=\[16\]"),
        ({"resolution": [16, -1]}, r"dataset.resolution=\[16, -1\]"),
        ({"load": 0}, "dataset.load=0"),
        ({"load": [20, 20, 3]}, r"dataset.load=\[20, 20, 3\]"),
        ({"load": 15}, "dataset.load=15: allowed is at least dataset.resolution=16"),
        ({"load": [20, 15]}, r"dataset.load=\[20, 15\]: allowed is at least dataset.resolution=16"),
        ({"batch_size": 2.5}, "dataset.batch_size=2.5: a whole number"),
        ({"evaluation_batch_size": 0}, "dataset.evaluation_batch_size=0: a whole number"),
    ],
)
def test_settings_that_cannot_work_are_named(make, settings, message):
    with pytest.raises(SettingError, match=message):
        make(FakeSides(8, 3, 3, paired=True), **settings)


def test_only_two_directions_are_allowed():
    with pytest.raises(SettingError, match="dataset.direction=b: allowed are a2b and b2a"):
        paired(FakeSides(8, 3, 3, paired=True), direction="b")


def test_pairs_need_a_source_of_pairs():
    with pytest.raises(SettingError, match="FakeSides are not paired.*UnpairedData"):
        paired(FakeSides(8, 3, 3, paired=False)).spec()


def test_a_batch_larger_than_the_data_is_filled_with_repetitions():
    (pairs,) = at(paired(FakeSides(3, 3, 3, paired=True), batch_size=8), 0, 1).train_dataloader()
    assert len(pairs.source) == 8
    source = Numbered({"train": (6, 2), "test": (1, 1)})
    (sides,) = at(unpaired(source, batch_size=5), 1, 2).train_dataloader()
    assert len(sides.a) == len(sides.b) == 5


# --- the size before the crop ---

JITTERED = ["aligned_folder", "authors_paired", "authors_unpaired", "paired_folder", "unpaired_folder"]


@pytest.mark.parametrize("dataset", JITTERED)
def test_crops_follow_the_resolution_unless_their_size_is_given(composed, dataset):
    model = "cyclegan" if "unpaired" in dataset else "pix2pix"

    def load(*settings: str) -> object:
        return composed(f"model={model}", f"dataset={dataset}", *settings).dataset.load

    assert load() == 286
    assert load("dataset.resolution=64") == 72
    assert load("dataset.resolution=[192,320]") == [215, 358]
    assert load("dataset.resolution=64", "dataset.load=64") == 64
    assert load("dataset.resolution=64", "dataset.load=null") is None
    assert load("dataset.resolution=abc") == "abc"  # which the data refuse by the name of the resolution


def test_no_data_set_fixes_the_size_before_the_crop():
    for file in Path(CONF, "dataset").glob("*.yaml"):
        load = yaml.safe_load(file.read_text()).get("load")
        assert load in (None, "${jittered:${.resolution}}"), file.name
