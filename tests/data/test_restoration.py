"""Pairs made on the fly: of the same place, the same at every call, and of photographs that are large enough."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.utils import instantiate
from PIL import Image

from gan_lightning.batch import Route
from gan_lightning.data import (
    Grey,
    LowResolution,
    Noise,
    PhotographFolder,
    RestorationData,
    read_picture,
)
from gan_lightning.data.sampler import ALONE, Place
from gan_lightning.data.sources import photographs as wallpapers
from gan_lightning.errors import SettingError

FOUR_TIMES = LowResolution(4)
SIZES = {"a.png": (40, 64), "b.png": (33, 47), "c.png": (32, 32), "d.jpg": (90, 50)}  # (height, width)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = torch.Generator().manual_seed(0)
    for name, (height, width) in SIZES.items():
        small = torch.randint(256, (height // 4, width // 4, 3), dtype=torch.uint8, generator=random)
        Image.fromarray(small.numpy()).resize((width, height), Image.Resampling.BICUBIC).save(tmp_path / name)
    return tmp_path


@pytest.fixture
def made(folder: Path) -> Callable[..., RestorationData]:
    def make(degradation: Any = FOUR_TIMES, size: Any = 32, **settings: Any) -> RestorationData:
        source = PhotographFolder(str(folder), **settings.pop("source", {}))
        return RestorationData(source, degradation, size, **{"batch_size": 2, "seed": 0, **settings})

    return make


def batches(data: RestorationData, place: Place = ALONE) -> list[Any]:
    order = data.train_dataloader()
    order.sampler.place = place
    return list(order)


def test_pairs_show_the_same_place_of_a_training_photograph(made, folder):
    data = made(size=[32, 32], flip=True, turn=True)
    assert data.routes == [Route("a", "b", 4)]
    photographs = [read_picture(folder / name, 3) for name in ("b.png", "c.png", "d.jpg")]  # a.png is held out
    found = batches(data)
    assert len(found) == data.spec().size // 2 == (1 + 1 + 2) // 2
    for source, target in found:
        assert source.shape == (2, 3, 8, 8)
        for small, window in zip(source, target, strict=True):
            pixels = ((window + 1) * 127.5).round().byte()
            assert torch.equal(LowResolution(4)(pixels, torch.Generator()), ((small + 1) * 127.5).round().byte())
            every = [
                w for w in itertools.chain.from_iterable(turned(pixels)) if any(contains(p, w) for p in photographs)
            ]
            assert len(every) >= 1


def turned(pixels: torch.Tensor) -> list[list[torch.Tensor]]:
    """A window as it may have been before it was mirrored and turned."""
    return [[way, way.flip(2)] for way in (pixels, pixels.rot90(1, (1, 2)), pixels.rot90(3, (1, 2)))]


def contains(photograph: torch.Tensor, window: torch.Tensor) -> bool:
    places = photograph.unfold(1, 32, 1).unfold(2, 32, 1)
    return bool((places == window[:, None, None]).flatten(3).all(3).all(0).any())


def test_the_same_seed_makes_the_same_pairs_also_in_the_middle_of_an_epoch(made):
    one, same, other = (batches(made(Noise(), seed=seed, flip=True)) for seed in (3, 3, 4))
    assert all(torch.equal(a.source, b.source) for a, b in zip(one, same, strict=True))
    assert not all(torch.equal(a.source, b.source) for a, b in zip(one, other, strict=True))
    rest = batches(made(Noise(), seed=3, flip=True), Place(batch=1))
    assert all(torch.equal(a.source, b.source) for a, b in zip(one[1:], rest, strict=True))


def test_photographs_read_while_training_are_those_in_memory(made):
    held, read = batches(made(Noise())), batches(made(Noise(), source={"memory_limit": 0}))
    assert all(torch.equal(a.target, b.target) for a, b in zip(held, read, strict=True))
    assert made(source={"memory_limit": 0}).photographs("train").held is None


def test_held_out_windows_lie_side_by_side_and_keep_their_degradation(made):
    data = made(Noise(), size=16)
    domains, route = data.domains("test"), data.routes[0]
    assert len(domains["b"]) == (40 // 16) * (64 // 16)
    one, other = domains["a"].pixels([3]), made(Noise(), size=16).domains("test")["a"].pixels([1, 3])
    assert torch.equal(one[0], other[1])
    assert torch.equal(data.truth("test", route).pixels([0, 5]), domains["b"].pixels([0, 5]))
    assert data.pictures("test").fingerprint == domains["b"].fingerprint
    few = made(Noise(), size=16, held_out=3)
    assert len(few.domains("test")["a"]) == 3
    assert few.domains("test")["b"].fingerprint != domains["b"].fingerprint


def test_facts_are_those_of_both_sides(made):
    facts = made(Grey(), size=[16, 24], source={"halvings": 0}).spec()
    assert (facts.source_channels, facts.target_channels, facts.scale) == (1, 3, 1)
    assert (facts.height, facts.width, facts.direction) == (16, 24, "a2b")
    assert made(LowResolution(2)).spec().scale == 2
    assert made(LowResolution(2)).spec().fingerprint != made(LowResolution(4)).spec().fingerprint
    halved = made(LowResolution(2), size=16, source={"halvings": 1})
    assert halved.photographs("test").sizes == [(20, 32)]
    assert halved.photographs("test")[0].shape == (3, 20, 32)
    text = " ".join(note.text for note in made().summary())
    assert "3 photographs with 4 windows side by side, 1 photograph held out with 2 windows" in text
    assert "undo LowResolution(scale=4)" in text


def test_what_cannot_work_is_a_sentence(made, folder, monkeypatch, tmp_path):
    for make, message in (
        (lambda: made(size=48).spec(), r"dataset\.resolution=48 x 48: b\.png has only 33 x 47 pixels"),
        (lambda: made(size=30), r"dataset\.resolution=30: allowed are multiples of dataset\.degradation\.scale=4"),
        (lambda: made(size=[16, 32], turn=True), r"dataset\.turn=true turns squares only"),
        (lambda: made(Grey(), source={"channels": 1}).spec(), r"needs pictures of 3 channels"),
        (lambda: PhotographFolder(str(folder / "none")), "this folder does not exist"),
    ):
        with pytest.raises(SettingError, match=message):
            make()
    for name in ("b.png", "c.png", "d.jpg"):
        (folder / name).unlink()
    with pytest.raises(SettingError, match="its split train holds no photograph; at least 2 are needed"):
        made().spec()
    monkeypatch.setattr(wallpapers, "WALLPAPERS", tmp_path / "none")
    with pytest.raises(SettingError, match="apt install lomiri-wallpapers-16"):
        wallpapers.Wallpapers()


def test_the_options_of_data_and_degradations_go_together(composed, folder):
    for dataset, degradation, kind in (
        ("restoration", None, "Grey"),
        ("restoration", "jpeg", "Jpeg"),
        ("super_resolution", None, "LowResolution"),
        ("super_resolution", "holes", "Holes"),
    ):
        chosen = [] if degradation is None else [f"degradation={degradation}"]
        data = instantiate(
            composed(f"dataset={dataset}", f"dataset.source.path={folder}", *chosen, "dataset.resolution=16").dataset
        )
        assert type(data.degradation).__name__ == kind
        assert data.spec().scale == data.degradation.scale
