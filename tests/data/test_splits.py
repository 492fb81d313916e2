"""The splits of two domains: the sizes at which each is loaded, and what is refused."""

import pytest
from numbered import Numbered, paired, unpaired
from omegaconf import OmegaConf
from PIL import Image

from gan_lightning.data import AlignedFolder, FakeSides, PairedData, Sides, SidesSource
from gan_lightning.errors import SettingError


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
