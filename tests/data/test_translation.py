"""Crops, orders, shares of processes, and the held-out batches of the translation data modules."""

from pathlib import Path
from unittest.mock import Mock

import pytest
import torch
import yaml
from omegaconf import OmegaConf
from PIL import Image
from torch import Tensor

from gan_lightning.batch import Labelled, Paired, Unpaired
from gan_lightning.console.config import CONF
from gan_lightning.data import (
    AlignedFolder,
    Draw,
    FakeSides,
    ImageData,
    PairedData,
    Sides,
    SidesSource,
    TensorImages,
    UnpairedData,
)
from gan_lightning.data.jitter import jitter
from gan_lightning.data.sampler import Place, TwoOrders
from gan_lightning.errors import SettingError


class Numbered(SidesSource):
    """The value of all pixels says which picture they are from: i in a, 100 + i in b."""

    def __init__(self, counts: dict[str, tuple[int, int]], channels: tuple[int, int] = (3, 1), paired: bool = False):
        self.counts, self.channels, self.paired = counts, channels, paired
        self.loads: list[tuple[str, tuple[int, int]]] = []

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        self.loads.append((split, size))
        a, b = (
            TensorImages(
                (torch.arange(count) + start).to(torch.uint8)[:, None, None, None].expand(-1, channels, *size),
                {},
                None,
                [],
            )
            for count, channels, start in zip(self.counts[split], self.channels, (0, 100), strict=True)
        )
        return Sides(a, b, b, a, True) if self.paired else Sides(a, b, None, None, False)


class Positions(SidesSource):
    """Pairs whose first channel is the row and whose second is the column; b has two more constant channels."""

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        rows, columns = torch.meshgrid(torch.arange(size[0]), torch.arange(size[1]), indexing="ij")
        a = torch.stack([rows, columns]).to(torch.uint8).expand(64, -1, -1, -1)
        b = torch.cat([a, torch.full((64, 2, *size), 7, dtype=torch.uint8)], 1)
        a, b = (TensorImages(images, {}, None, []) for images in (a, b))
        return Sides(a, b, b, a, True)


def paired(source: SidesSource, **settings: object) -> PairedData:
    return PairedData(source, **{"resolution": 16, "batch_size": 4, "seed": 0, **settings})


def unpaired(source: SidesSource, **settings: object) -> UnpairedData:
    return UnpairedData(source, **{"resolution": 16, "batch_size": 4, "seed": 0, **settings})


def numbers(image: Tensor) -> list[int]:
    """Which picture each of a batch (B, C, H, W) is, as `Numbered` says it."""
    return [round(value) for value in ((image[:, 0, 0, 0] + 1) * 127.5).tolist()]


def at(data: PairedData | UnpairedData, rank: int, world_size: int) -> PairedData | UnpairedData:
    data.trainer = Mock(global_rank=rank, world_size=world_size, current_epoch=0)
    data.trainer.fit_loop.epoch_loop.batch_progress.current.processed = 0
    return data


# --- crops and mirrors ---


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_windows_are_cut_out_and_mirrored_whole(channels):
    images = torch.randint(256, (32, channels, 7, 9), dtype=torch.uint8)
    for image, window in zip(images, jitter(images, (5, 6), flip=True, seed=1), strict=True):
        places = [image[:, top : top + 5, left : left + 6] for top in range(3) for left in range(4)]
        assert any(torch.equal(window, place) or torch.equal(window, place.flip(2)) for place in places)


def test_windows_reach_every_place_about_equally():
    rows, columns = torch.meshgrid(torch.arange(8), torch.arange(10), indexing="ij")
    images = torch.stack([rows, columns]).expand(4000, -1, -1, -1)
    corners = jitter(images, (5, 6), flip=False, seed=0)[:, :, 0, 0]
    counts = torch.bincount(corners[:, 0] * 5 + corners[:, 1], minlength=20)
    assert len(counts) == 4 * 5
    assert counts.min() > 130  # 200 expected
    assert counts.max() < 270


def test_mirrors_are_half_and_only_where_asked_for():
    images = torch.arange(4).expand(400, 1, 4, 4)
    mirrored = (jitter(images, (4, 4), flip=True, seed=0)[:, 0, 0, 0] == 3).sum()
    assert 150 < mirrored < 250
    assert torch.equal(jitter(images, (4, 4), flip=False, seed=0), images)


def test_jitter_is_keyed_by_its_seed_alone():
    images = torch.randint(256, (8, 3, 12, 12))
    first = jitter(images, (8, 8), True, seed=3)
    torch.manual_seed(99)
    assert torch.equal(jitter(images, (8, 8), True, seed=3), first)
    assert not torch.equal(jitter(images, (8, 8), True, seed=4), first)


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


def orders(sizes: tuple[int, int], seed: int = 0, epoch: int = 0, **settings: int) -> tuple[list[int], list[int]]:
    order = TwoOrders(sizes, seed=seed, **{"batch_size": 1, **settings})
    order.set_epoch(epoch)
    draws = list(order)
    return tuple(sum((draw[side].positions for draw in draws), []) for side in range(2))


def test_an_epoch_is_as_long_as_the_longer_side_and_the_shorter_comes_in_fresh_orders():
    a, b = orders((23, 7))
    assert sorted(a) == list(range(23))
    passes = [b[start : start + 7] for start in (0, 7, 14)]
    assert all(sorted(one) == list(range(7)) for one in passes)
    assert len(b) == 23
    assert len(set(map(tuple, passes))) == 3
    assert sorted(orders((7, 23))[1]) == list(range(23))


def test_sides_of_one_size_have_unrelated_orders():
    a, b = orders((1000, 1000))
    agreeing = sum(x == y for x, y in zip(a, b, strict=True))
    assert agreeing < 10  # 1 expected
    assert orders((1000, 500))[0] == a  # the order of a does not depend on b
    assert orders((1000, 1000), epoch=1)[0] != b  # nor is the one a later order of the other


@pytest.mark.parametrize("side", [0, 1])
def test_orders_follow_from_seed_and_epoch(side):
    assert orders((50, 20))[side] == orders((50, 20))[side]
    assert orders((50, 20), epoch=1)[side] != orders((50, 20))[side]
    assert orders((50, 20), seed=1)[side] != orders((50, 20))[side]


def test_sides_draw_seeds_of_their_own():
    seeds = [seed for draws in TwoOrders((40, 40), 4, seed=0) for seed in (draws[0].seed, draws[1].seed)]
    assert len(set(seeds)) == len(seeds) == 20


def test_processes_together_draw_what_one_with_their_joint_batch_draws():
    alone = list(TwoOrders((22, 9), batch_size=6, seed=3))
    ranks = [TwoOrders((22, 9), batch_size=2, seed=3, place=Place(rank, 3)) for rank in range(3)]
    assert len(alone) == len(ranks[0]) == 3
    for one, several in zip(alone, zip(*ranks, strict=True), strict=True):
        for side in range(2):
            assert one[side].positions == sum((draws[side].positions for draws in several), [])


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


# --- sizes and facts ---


def test_training_pictures_are_loaded_larger_and_others_at_the_resolution():
    source = Numbered({"train": (8, 8), "test": (3, 3)}, paired=True)
    data = paired(source, load=[20, 30], resolution=[16, 24])
    assert next(iter(data.train_dataloader())).source.shape == (4, 3, 16, 24)
    assert next(iter(data.val_dataloader())).source.shape == (3, 3, 16, 24)
    assert data.sides("train").a.size == data.sides("test").a.size == (16, 24)
    assert sorted(set(source.loads)) == [("test", (16, 24)), ("train", (16, 24)), ("train", (20, 30))]


def test_sizes_are_taken_as_hydra_gives_them():
    data = paired(
        FakeSides(4, 1, 1, paired=True), load=OmegaConf.create([20, 30]), resolution=OmegaConf.create([16, 24])
    )
    assert (data.spec().height, data.spec().width) == (16, 24)


@pytest.mark.parametrize("load", [None, 16])
def test_each_split_is_loaded_once_without_a_crop(load):
    source = Numbered({"train": (8, 8), "test": (3, 3)})
    data = unpaired(source, load=load)
    data.spec()
    next(iter(data.train_dataloader()))
    data.examples(1)
    assert data.sides("train") is data.sides("train")
    assert sorted(source.loads) == [("test", (16, 16)), ("train", (16, 16))]


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


def test_fake_sides_are_the_same_at_every_call_and_others_in_the_other_split():
    source = FakeSides(4, 3, 1, paired=True)
    train, again, test = (source.load(split, (8, 10)) for split in ("train", "train", "test"))
    assert train.a.fingerprint == again.a.fingerprint != test.a.fingerprint
    assert train.a2b is train.b
    assert train.b2a is train.a
    assert train.b[Draw([0], 0)].image.shape == (1, 1, 8, 10)


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


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"train": (8, 8), "test": (0, 3)}, "side a of its split test holds no picture"),
        ({"train": (8, 8), "test": (3, 0)}, "side b of its split test holds no picture"),
        ({"train": (0, 8), "test": (3, 3)}, "side a of its split train holds no picture"),
    ],
)
def test_an_empty_side_is_named(counts, message):
    with pytest.raises(SettingError, match=message):
        unpaired(Numbered(counts)).spec()


def test_pairs_of_unequal_number_are_refused():
    with pytest.raises(SettingError, match="split test there are 3 of a and 4 of b"):
        paired(Numbered({"train": (8, 8), "test": (3, 4)}, paired=True)).spec()


def test_splits_of_unequal_channels_are_refused():
    class Uneven(SidesSource):
        def load(self, split: str, size: tuple[int, int]) -> Sides:
            return FakeSides(8, 3, 3 if split == "train" else 1, paired=False).load(split, size)

    with pytest.raises(SettingError, match="side b has 3 channels in its split train, but 1 in its split test"):
        unpaired(Uneven()).spec()


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


def test_one_picture_is_too_few(tmp_path):
    (tmp_path / "a").mkdir()
    Image.new("RGB", (16, 8)).save(tmp_path / "a" / "0.png")
    with pytest.raises(SettingError, match="side a holds one picture, which is held out.*at least 2 are needed"):
        PairedData(AlignedFolder(str(tmp_path)), 8, 1, seed=0).spec()


def test_windows_much_smaller_than_the_pictures_are_warned_of():
    for load, warned in ((72, False), (90, False), (286, True)):
        notes = PairedData(FakeSides(8, 3, 3, paired=True), 64, 4, 0, load=load).summary()
        told = [note.text for note in notes if "windows" in note.text]
        assert bool(told) == warned
    assert told == [
        "training sees windows of 22% of a side of 286 x 286, validation whole pictures; the papers' load is 286 for "
        "256, here 72 x 72"
    ]
