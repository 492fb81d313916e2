"""Two folders of images: scores that agree with another program's, and what is wrong with a folder, in one sentence."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch_fidelity
from composing import composed
from extractors import Linear
from numpy.typing import NDArray
from omegaconf import OmegaConf
from PIL import Image
from torch import Tensor
from torch_fidelity.feature_extractor_base import FeatureExtractorBase

from gan_lightning.data import Unchanged
from gan_lightning.errors import SettingError
from gan_lightning.jobs import evaluate
from gan_lightning.metrics import (
    Coverage,
    FrechetDistance,
    GenerationScores,
    InceptionScore,
    KernelDistance,
    PathLengthZ,
)
from gan_lightning.runs.scoring import compare_folders
from gan_lightning.sampling.folders import prepare_for_folders, score_of


class Projection(FeatureExtractorBase):
    """The extractor `Linear` as torch-fidelity takes one."""

    def __init__(self, name: str, features_list: list[str], **_: object) -> None:
        super().__init__(name, features_list)
        self.linear = Linear()
        images: object = None
        self.linear.prepare(images, images)  # which looks at none

    @staticmethod
    def get_provided_features_list() -> tuple[str, ...]:
        return ("features", "logits")

    @staticmethod
    def get_default_feature_layer_for_metric(metric: str) -> str:
        return "logits" if metric == "isc" else "features"

    @staticmethod
    def can_be_compiled() -> bool:
        return False

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        found = self.linear(image)._asdict()
        return tuple(found[name].double() for name in self.features_list)


def save(folder: Path, images: NDArray[np.uint8]) -> Path:
    folder.mkdir()
    for i, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{i:03}.png")
    return folder


def pictures(count: int, seed: int, high: int = 256, size: tuple[int, ...] = (16, 16, 3)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, high, (count, *size), dtype=np.uint8)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folders")
    save(folder / "real", pictures(60, seed=0))
    save(folder / "fake", pictures(40, seed=1, high=200))
    return folder


torch_fidelity.register_feature_extractor("projection", Projection)


def theirs(fake: Path, real: Path) -> dict[str, float]:
    """FID, IS and KID by torch-fidelity; each subset of the KID takes 40 images of either side."""
    quiet = {"cuda": False, "cache": False, "verbose": False, "save_cpu_ram": True}
    parts = {"kid_subsets": 1, "kid_subset_size": 40, "isc_splits": 1, "feature_extractor": "projection"}
    found = torch_fidelity.calculate_metrics(
        input1=str(fake), input2=str(real), fid=True, kid=True, isc=True, **quiet, **parts
    )
    names = {"fid": "frechet_inception_distance", "is": "inception_score_mean", "kid": "kernel_inception_distance_mean"}
    return {f"{name}_linear": found[theirs] for name, theirs in names.items()}


def ours(fake: Path, real: Path, cache_dir: Path) -> dict[str, float]:
    chosen = {"fid": FrechetDistance(), "is": InceptionScore(splits=1), "kid": KernelDistance(1, 40)}
    scores = GenerationScores(str(cache_dir), "train", 1, 40, None, chosen, Linear())
    return score_of(prepare_for_folders(scores, Unchanged("real", real), Unchanged("fake", fake)), scores)


def test_scores_agree_with_torch_fidelity_on_the_same_folders(folders, tmp_path):
    fake, real = folders / "fake", folders / "real"
    expected, found = theirs(fake, real), ours(fake, real, tmp_path)
    for name in ("fid_linear", "is_linear"):
        assert found[name] == pytest.approx(expected[name], rel=1e-6)
    # With as many images on both sides as a subset takes, the two programs cannot draw different ones.
    real = save(tmp_path / "as_many", pictures(40, seed=0))
    assert ours(fake, real, tmp_path) == pytest.approx(theirs(fake, real), rel=1e-5)
    assert ours(fake, real, tmp_path)["fid_linear"] != pytest.approx(found["fid_linear"], rel=0.01)


def test_scores_that_look_at_the_first_samples_see_pictures_of_every_folder(tmp_path):
    for side, count, seed in (("real", 60, 0), ("fake", 120, 1)):
        (tmp_path / side).mkdir()
        for name, high in (("bright", 256), ("dark", 40)):
            save(tmp_path / side / name, pictures(count // 2, seed, high))
    scores = GenerationScores(str(tmp_path / "cache"), "train", 1, 120, None, {"coverage": Coverage(5)}, Linear())
    real, fake = (Unchanged(side, tmp_path / side) for side in ("real", "fake"))
    found = score_of(prepare_for_folders(scores, real, fake), scores)
    assert found["coverage_linear"] > 0.75  # 0.5 if the first 60, all of them bright, stood for all


@pytest.fixture
def call(monkeypatch, capfd) -> Callable[..., str]:
    """Runs gan-evaluate in this process and returns what it printed."""

    def called(*arguments: str, cwd: Path) -> str:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", ["gan-evaluate", *arguments])
        monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
        evaluate.main()
        return capfd.readouterr().out

    return called


def test_two_folders_give_a_table_with_self_score_and_protocol(folders, tmp_path, call):
    told = call(f"real={folders}/real", f"fake={folders}/fake", "hydra.run.dir=scored", cwd=tmp_path)
    head, row, *_ = told.splitlines()
    assert head.split() == ["model", "real", "shuffled", "noise"]
    (written,) = json.loads((tmp_path / "scored" / "scores.json").read_text())
    assert row.split()[:2] == ["swd", f"{written['swd']:.4f}"]
    assert written["scored"] == f"{folders}/fake"
    assert (written["protocol"]["num_real"], written["protocol"]["num_fake"]) == (60, 40)
    assert written["protocol"]["size"] == [16, 16]
    table = (tmp_path / "scored" / "scores.md").read_text()
    assert f"| `{folders}/fake` | {written['swd']:.4g} |" in table
    assert f"| {written['references']['real']['swd']:.4g} |" in table
    assert "num_fake 40" in table
    assert "num_fake 40" in told
    # Nothing is cut or resized, whatever the shape, and subfolders may be classes.
    for side, seed in (("real", 0), ("fake", 1)):
        (tmp_path / side).mkdir()
        for name in ("a", "b"):
            save(tmp_path / side / name, pictures(40, seed, size=(20, 34)))
    classifier = ["metrics=fid", "metrics.extractor.images=200"]
    call("real=real", "fake=fake", *classifier, "hydra.run.dir=wide", cwd=tmp_path)
    (written,) = json.loads((tmp_path / "wide" / "scores.json").read_text())
    assert written["protocol"]["size"] == [20, 34]
    assert written["fid_classifier"] > 0


def spoiled(folder: Path) -> None:
    """Folders beside `real` and `fake`, each wrong in another way."""
    (folder / "none").mkdir()
    (folder / "none" / "notes.txt").write_text("no picture")
    save(folder / "one", pictures(1, seed=0))
    save(folder / "small", pictures(40, seed=0, size=(8, 8, 3)))
    save(folder / "grey", pictures(40, seed=0, size=(16, 16)))
    save(folder / "clear", pictures(40, seed=0, size=(16, 16, 4)))
    save(folder / "mixed", pictures(2, seed=0))
    Image.fromarray(pictures(1, seed=0, size=(16, 24, 3))[0]).save(folder / "mixed" / "wide.png")
    save(folder / "shades", pictures(2, seed=0))
    Image.fromarray(pictures(1, seed=0, size=(16, 16))[0]).save(folder / "shades" / "grey.png")
    save(folder / "deep", pictures(2, seed=0))
    Image.fromarray(np.zeros((16, 16), np.uint16)).save(folder / "deep" / "deep.png")
    save(folder / "broken", pictures(2, seed=0))
    whole = (folder / "broken" / "000.png").read_bytes()
    (folder / "broken" / "half.png").write_bytes(whole[: len(whole) // 2])
    (folder / "broken_head").mkdir()
    (folder / "broken_head" / "no.png").write_bytes(b"not a picture")


MISTAKES = [
    (["real=real"], "real=real: is given without fake; name both"),
    (["fake=fake"], "fake=fake: is given without real; name both"),
    (["real=real", "fake=nowhere"], "fake=nowhere: this folder does not exist"),
    (["real=real/000.png", "fake=fake"], "real=real/000.png: is one picture"),
    (["real=none", "fake=fake"], "real=none: holds no image that Pillow can open; .*notes.txt"),
    (["real=real", "fake=small"], "fake=.*small: has pictures of 8 x 8 pixels with 3 channels, but real=.* of 16 x 16"),
    (["real=real", "fake=grey"], "fake=.*grey: has pictures of 16 x 16 pixels with 1 channel, .* with 3 channels"),
    (["real=clear", "fake=fake"], "fake=.*: has pictures of 16 x 16 pixels with 3 channels, .* with 4 channels"),
    (["real=real", "fake=mixed"], "fake=.*mixed: its pictures differ: 000.png has 16 x 16 .*, wide.png 16 x 24"),
    (["real=shades", "fake=fake"], "real=.*: its pictures differ: 000.png has .* 3 channels, grey.png .* 1 channel"),
    (["real=real", "fake=deep"], "deep/deep.png: has more than 8 bits a channel; save it with 8"),
    (["real=real", "fake=broken"], "half.png cannot be read as an image .*; take it out of the folder"),
    (["real=broken_head", "fake=fake"], "no.png cannot be read as an image .*"),
    (["real=.", "fake=fake"], "fake=.*fake: lies in real=.*, where pictures in subfolders count"),
    (["real=real", "fake=."], "real=.*real: lies in fake=.*, where pictures in subfolders count"),
    (["real=real", "fake=fake", "checkpoint=run"], "checkpoint=run: names a model, but real and fake name finished"),
    (["real=real", "fake=fake", "dataset.resolution=8"], "dataset=...: is the data of a checkpoint"),
    (["real=real", "fake=fake", "num_fake=9"], "num_fake=9: all pictures in fake are scored"),
    (["real=real", "fake=fake", "seed=1"], "seed=1: nothing is drawn"),
    (["real=real", "fake=fake", "trainer.devices=2"], "trainer, devices: two folders are scored by one process"),
    (["real=real", "fake=fake", "metrics.split=test"], "split=test: real=.* is one split, train"),
]
OF_SCORES = [
    (["metrics=none"], "metrics: no scores are chosen"),
    (["metrics=paired"], "metrics: TranslationScores scores translations of pictures"),
    (["metrics=modes"], "metrics=modes: counts the modes of a toy mixture"),
    (["extractor=inception"], "real=.*: has 60 pictures, but these scores need at least 2,049"),
    (["metrics=kid"], "extractor=classifier needs labels of two or more classes, and the data have no labels"),
    (
        ["metrics=kid", "extractor=inception", "metrics.extractor.weights=gone.pth"],
        r"metrics\.extractor\.weights=gone\.pth: there is no such file; fetch https://",
    ),
]


@pytest.fixture(scope="module")
def mistaken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mistaken")
    spoiled(folder)
    for name, count in (("real", 60), ("fake", 40)):
        save(folder / name, pictures(count, seed=count))
    return folder


def test_mistakes_with_folders_end_in_one_sentence_before_anything_is_scored(mistaken, monkeypatch):
    monkeypatch.chdir(mistaken)
    plain = composed("evaluate", "run_dir=scored")
    OmegaConf.set_struct(plain, False)
    for arguments, expected in MISTAKES:
        given = OmegaConf.from_dotlist([argument.lstrip("+") for argument in arguments])
        with pytest.raises(SettingError) as told:
            compare_folders(OmegaConf.merge(plain, given))
        assert re.search(expected, str(told.value)), (arguments, str(told.value))
    assert not list(mistaken.rglob("scores.*"))


def test_mistakes_with_scores_of_folders_end_in_one_sentence(mistaken, call, capfd):
    for arguments, expected in [([], "checkpoint: say what to score, checkpoint=RUN or two folders"), *OF_SCORES]:
        both = ["real=real", "fake=fake"] if arguments else []
        with pytest.raises(SystemExit):
            call(*both, *arguments, "hydra.run.dir=scored", cwd=mistaken)
        told = capfd.readouterr().err
        assert "Traceback" not in told
        (line,) = [line for line in told.splitlines() if line.startswith("gan-evaluate: ")]
        assert re.search(expected, line), (arguments, line)
    assert not list(mistaken.rglob("scores.*"))


@pytest.mark.parametrize("only_possible", [True, False])
def test_scores_of_a_generator_have_no_place_between_folders(folders, tmp_path, only_possible):
    real, fake = (Unchanged(side, folders / side) for side in ("real", "fake"))
    chosen = {"kid": KernelDistance(1, 40), "ppl_z": PathLengthZ(4, 0.01)}
    scores = GenerationScores(str(tmp_path), "train", 1, 40, None, chosen, Linear(), only_possible)
    if only_possible:
        assert list(score_of(prepare_for_folders(scores, real, fake), scores)) == ["kid_linear"]
        return
    with pytest.raises(SettingError, match="metrics: ppl_z looks at a generator, and folders hold pictures alone"):
        prepare_for_folders(scores, real, fake)
