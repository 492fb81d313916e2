"""Scores of images from noise: which there are, what chooses the best checkpoint, protocol, references, refusals."""

import json
from pathlib import Path

import pytest
import torch
from extractors import Linear
from generation_scoring import data, everything, fakes, prepared, scored
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from torch import Tensor

from gan_lightning.console.config import CONF, from_yaml
from gan_lightning.data import Fake, ImageData, Images, NoSplitError, PointData, Ring, Source, TensorImages
from gan_lightning.errors import SettingError
from gan_lightning.metrics import (
    ClassifierExtractor,
    Extraction,
    Extractor,
    FrechetDistance,
    GenerationScores,
    InceptionScore,
    KernelDistance,
    Score,
    SlicedWasserstein,
)


@pytest.mark.parametrize("splits", [0, 201, 1.5])
def test_splits_that_cannot_be_are_refused_before_training(tmp_path, splits):
    with pytest.raises(SettingError, match="metrics.is_splits="):
        GenerationScores(str(tmp_path), "train", splits, 200, None, extractor=Linear())


def test_scores_do_not_depend_on_the_batch_size_or_on_earlier_images(tmp_path):
    scores = prepared(tmp_path, Linear(), is_splits=4)
    first = scored(scores, fakes(), batch=200)
    scored(scores, fakes() * 0.1, batch=50)
    torch.manual_seed(99)
    assert scored(scores, fakes(), batch=7) == pytest.approx(first, rel=1e-6)


def test_protocol_says_what_the_score_depends_on(tmp_path):
    protocol = prepared(tmp_path, Linear(), is_splits=4).protocol
    assert {
        "extractor",
        "weights_sha256",
        "num_real",
        "num_fake",
        "split",
        "resize",
        "classes",
        "is_splits",
    } <= protocol.keys()
    assert (protocol["num_real"], protocol["num_fake"], protocol["is_splits"]) == (300, 200, 4)
    assert protocol["swd"]["levels"] == ["16x16"]
    json.dumps(protocol)


@pytest.mark.parametrize(
    ("num_fake", "size", "message"),
    [(6, 300, "metrics.num_fake=6.*at least 7"), (200, 6, "the data.*at least 7")],
)
def test_too_few_images_for_the_features_are_refused(tmp_path, num_fake, size, message):
    scores = GenerationScores(str(tmp_path), "train", 1, num_fake, "fid_linear", extractor=Linear())
    with pytest.raises(SettingError, match=message):
        scores.prepare(data(size=size))


def test_monitor_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(SettingError, match="metrics.monitor=fid: allowed are fid_linear, is_linear, swd"):
        GenerationScores(str(tmp_path), "train", 1, 100, "fid", extractor=Linear())
    with pytest.raises(SettingError, match="metrics.monitor=fid_linear: allowed are swd"):
        GenerationScores(str(tmp_path), "train", 1, 100, "fid_linear")


def test_monitor_says_which_way_is_better(tmp_path):
    best = {"fid_linear": "min", "is_linear": "max", "swd": "min"}
    modes = {name: GenerationScores(str(tmp_path), "train", 1, 100, name, extractor=Linear()).mode for name in best}
    assert modes == best
    assert GenerationScores(str(tmp_path), "train", 1, 100, None, extractor=Linear()).monitor == "fid_linear"


# --- which scores go with which extractor ---


def chosen(tmp_path: Path, names: str, extractor: Extractor | None) -> GenerationScores:
    every = {
        "fid": FrechetDistance(),
        "is": InceptionScore(4),
        "kid": KernelDistance(3, 20),
        "swd": SlicedWasserstein(),
    }
    scores = {name: every[name] for name in names.split()}
    return GenerationScores(str(tmp_path), "train", 1, 200, None, scores, extractor)


@pytest.mark.parametrize(
    ("given", "extractor", "names"),
    [
        ("", "classifier", "fid is swd"),
        ("metrics=classifier", "classifier", "fid is swd"),
        ("metrics=inception", "inception", "fid is swd"),
        ("extractor=inception", "inception", "fid is swd"),
        ("metrics=[kid,swd]", "classifier", "kid swd"),
        ("metrics=is extractor=inception", "inception", "is"),
        ("metrics=swd", None, "swd"),
        ("model=pix2pix", None, ""),
        ("model=pix2pix extractor=inception", "inception", ""),
        ("model=cyclegan", "classifier", ""),
        ("experiment=toy_ring", None, ""),
    ],
)
def test_options_choose_scores_and_the_extractor_that_they_need(composed, given, extractor, names):
    metrics = composed(*given.split()).metrics
    assert list(metrics.get("scores", {})) == names.split()
    target = f"gan_lightning.metrics.{(extractor or '').capitalize()}Extractor"
    assert metrics.get("extractor", {}).get("_target_") == (target if extractor else None)


def test_no_score_at_all_is_refused(composed):
    with pytest.raises(InstantiationException, match="metrics: names no score; say for example metrics=fid"):
        instantiate(composed("metrics=base").metrics)


class FeaturesOnly(Linear):
    name = "bare"
    offers = ("features",)

    def forward(self, image: Tensor) -> Extraction:
        return Extraction(super().forward(image).features)


def test_scores_of_a_list_share_one_pass_and_the_first_chooses_the_best(tmp_path, monkeypatch):
    passes = []
    forward = Linear.forward
    monkeypatch.setattr(Linear, "forward", lambda self, image: passes.append(len(image)) or forward(self, image))
    every = chosen(tmp_path, "kid is fid swd", Linear())
    every.prepare(data())
    passes.clear()
    values = scored(every, fakes(), batch=50)
    assert passes == [50] * 4
    assert list(values) == every.names == ["kid_linear", "is_linear", "fid_linear", "swd"]
    assert (every.monitor, every.mode) == ("kid_linear", "min")
    assert {"is_splits", "kid", "swd", "extractor"} <= every.protocol.keys()
    assert every.detail["kid_deviation"] > 0
    assert every.references["real"].keys() == values.keys()
    assert every.detail["reference_images"] == {"scored": 200, "against": 300}
    usual = scored(prepared(tmp_path, Linear(), is_splits=4), fakes(), batch=64)
    assert {name: values[name] for name in usual} == pytest.approx(usual, rel=1e-6)
    alone = chosen(tmp_path, "is", Linear())
    alone.prepare(data())
    assert (alone.monitor, alone.mode) == ("is_linear", "max")
    assert scored(alone, fakes(), batch=9) == pytest.approx({"is_linear": usual["is_linear"]}, rel=1e-6)


def test_a_score_of_features_alone_needs_no_logits(tmp_path):
    scores = chosen(tmp_path, "fid kid", FeaturesOnly())
    scores.prepare(data())
    assert scored(scores, fakes(), batch=64).keys() == {"fid_bare", "kid_bare"}


@pytest.mark.parametrize(
    ("names", "extractor", "told"),
    [
        ("fid is", None, r"metrics=\[fid,is\]: fid needs the features of an extractor; add extractor=classifier or"),
        ("swd", Linear(), "extractor=linear: no score of metrics=swd uses an extractor; leave it out"),
        ("fid is", FeaturesOnly(), r"metrics=\[fid,is\]: is needs logits, but extractor=bare offers only features; "),
        ("", Linear(), "metrics: names no score; say for example metrics=fid"),
    ],
)
def test_scores_and_extractors_that_do_not_go_together_are_refused(tmp_path, names, extractor, told):
    with pytest.raises(SettingError, match=told):
        chosen(tmp_path, names, extractor)


def test_without_labels_scores_of_a_classifier_alone_are_refused(tmp_path):
    extractor = ClassifierExtractor(str(tmp_path), images=1000, seed=0)
    with pytest.raises(
        SettingError, match=r"metrics=\[fid,kid\]: .*needs labels .* data have no labels; .*metrics=swd"
    ):
        chosen(tmp_path, "fid kid", extractor).prepare(data(num_classes=0))


# --- labels ---


def test_unlabelled_data_are_scored_by_swd_and_the_log_says_so(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    unlabelled = data(num_classes=0)
    extractor = ClassifierExtractor(str(tmp_path), images=1000, seed=0)
    scores = GenerationScores(str(tmp_path), "train", 1, 200, None, extractor=extractor)
    assert scores.prepare(unlabelled)
    assert (scores.names, scores.monitor, scores.mode) == (["swd"], "swd", "min")
    assert "no labels" in caplog.text
    assert "swd" in caplog.text
    values = scored(scores, fakes(), batch=64)
    assert list(values) == ["swd"]
    own = GenerationScores(str(tmp_path), "train", 1, 200, "swd")
    assert own.prepare(unlabelled)
    assert scored(own, fakes(), batch=7) == pytest.approx(values, rel=1e-6)
    wanted = GenerationScores(str(tmp_path), "train", 1, 200, "fid_classifier", extractor=extractor)
    with pytest.raises(SettingError, match="metrics.monitor=fid_classifier: allowed are swd"):
        wanted.prepare(unlabelled)


def coloured(n: int, seed: int, classes: int = 2) -> TensorImages:
    """Discs on grounds whose colour is the class: red, blue and so on."""
    random = torch.Generator().manual_seed(seed)
    label = torch.arange(n) % classes
    images = torch.randint(40, (n, 3, 16, 16), generator=random)
    images[torch.arange(n), label] += 160
    y, x = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    centre = torch.randint(4, 12, (n, 2, 1, 1), generator=random)
    disc = (y - centre[:, 0]) ** 2 + (x - centre[:, 1]) ** 2 < 12
    images = torch.where(disc[:, None], images // 2, images)
    return TensorImages(images.to(torch.uint8), {"label": label}, "label", [str(c) for c in range(classes)])


class Coloured(Source):
    """Coloured discs; with a held-out split or without."""

    def __init__(self, n: int, classes: int, splits: tuple[str, ...] = ("train", "test")) -> None:
        self.n, self.classes, self.splits = n, classes, splits

    def load(self, split: str, resolution: int) -> Images:
        if split not in self.splits:
            raise NoSplitError("no such split")
        return coloured(self.n, self.splits.index(split), self.classes)


def fitted_on(
    source: Source, tmp_path: Path, monitor: str | None = None, scores: dict[str, Score] | None = None
) -> GenerationScores:
    held = ImageData(source, resolution=16, batch_size=4, num_fake=200, seed=0)
    extractor = ClassifierExtractor(str(tmp_path), images=6000, seed=0)
    made = GenerationScores(str(tmp_path), "train", 1, 200, monitor, scores, extractor)
    assert made.prepare(held)
    return made


def test_one_class_is_no_label(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    scores = fitted_on(Coloured(200, classes=1), tmp_path)
    assert (scores.names, scores.monitor) == (["swd"], "swd")
    assert "pictures of one class only" in caplog.text
    assert "of the labels of" not in caplog.text


def test_where_colours_tell_the_classes_noise_wins_by_fid_and_swd_chooses_the_best(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    scores = fitted_on(Coloured(200, classes=2), tmp_path)
    found = scores.references
    assert set(found) == {"real", "shuffled", "noise"}
    assert found["shuffled"]["fid_classifier"] < 0.1 * found["noise"]["fid_classifier"]
    assert found["real"]["swd"] < 0.5 * min(found["shuffled"]["swd"], found["noise"]["swd"])
    assert (scores.monitor, scores.mode) == ("swd", "min")
    assert "fid_classifier says little about these data: real images with shuffled pixels score" in caplog.text
    assert "predicts 100.0 % of the labels of 200 held-out images" in caplog.text
    for told in ("200 real images (held out)", "real images, pixels shuffled", "noise"):
        assert told in caplog.text
    caplog.clear()
    asked = fitted_on(Coloured(200, classes=2), tmp_path, monitor="fid_classifier")
    assert asked.monitor == "fid_classifier"
    assert "metrics.monitor=fid_classifier still chooses the best checkpoint, but swd would be better\n" in caplog.text
    caplog.clear()
    fitted_on(Coloured(200, classes=2), tmp_path, scores={"fid": FrechetDistance()})
    assert "but swd would be better: add it with 'metrics=[fid,swd]'\n" in caplog.text


def test_references_are_scores_like_any_other(tmp_path):
    scores = fitted_on(Coloured(200, classes=2), tmp_path)
    held = everything(ImageData(Coloured(200, 2), resolution=16, batch_size=4, num_fake=200, seed=0), "test")
    assert scored(scores, held, batch=64) == pytest.approx(scores.references["real"], rel=1e-4)


def test_without_a_held_out_split_halves_are_compared_and_the_classifier_is_tried_on_a_tenth(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    scores = fitted_on(Coloured(300, classes=2, splits=("train",)), tmp_path)
    assert "of the labels of 30 held-out images" in caplog.text
    assert "150 real images (half of them, against the other half)" in caplog.text
    assert 0 < scores.references["real"]["swd"] < scores.references["shuffled"]["swd"]


def test_a_single_image_is_compared_with_itself(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    scores = fitted_on(Coloured(1, classes=1, splits=("train",)), tmp_path)
    assert "1 real image (the only one, against itself)" in caplog.text
    assert scores.references["real"]["swd"] < 0.5 * scores.references["noise"]["swd"]


def test_labels_that_cannot_be_learned_are_told_and_do_not_choose_the_best(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    scores = fitted_on(Fake(200, 3, 5), tmp_path)
    assert scores.monitor == "swd"
    assert "always predicting the most frequent class would be right for" in caplog.text


def test_few_labelled_pictures_are_scored_by_swd(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    scores = fitted_on(Coloured(40, classes=2), tmp_path)
    assert (scores.names, scores.monitor) == (["swd"], "swd")
    assert "have 40 images, and 65 are needed" in caplog.text
    with pytest.raises(SettingError, match=r"metrics=classifier: the data have 40 images.*at least 65.*metrics=swd"):
        fitted_on(Coloured(40, classes=2), tmp_path, monitor="fid_classifier")


def test_every_advice_can_be_followed_before_a_classifier_is_fitted(tmp_path, caplog):
    """Nobody is told to choose what is in use."""
    caplog.set_level("INFO", "gan_lightning")
    few = ImageData(Coloured(200, classes=2), resolution=16, batch_size=4, num_fake=30, seed=0)
    extractor = ClassifierExtractor(str(tmp_path), images=600, seed=0)
    with pytest.raises(SettingError) as raised:
        GenerationScores(str(tmp_path), "train", 1, 30, None, extractor=extractor).prepare(few)
    assert "or metrics=classifier" not in str(raised.value)
    assert "take at least 65, or metrics=swd" in str(raised.value)
    assert "Fitting" not in caplog.text


# --- everything that is possible ---


class OfPainters(InceptionScore):
    """A score that needs what no data have."""

    def lacks(self, real: object) -> str:
        return "needs the names of the painters"


def test_scores_that_data_do_not_allow_are_left_out_only_if_that_is_asked_for(tmp_path, caplog):
    def scores(only_possible: bool) -> GenerationScores:
        chosen = {"fid": FrechetDistance(), "kid": KernelDistance(1, 5), "painters": OfPainters(1)}
        whole = {**chosen, "swd": SlicedWasserstein()}
        return GenerationScores(str(tmp_path), "train", 1, 5, None, whole, Linear(), only_possible)

    few = data(size=12, num_fake=5)
    with pytest.raises(SettingError, match="metrics=full: looks at images"):
        scores(only_possible=True).prepare(PointData(Ring(), num_train=8, batch_size=4, num_fake=5, seed=0))
    with pytest.raises(SettingError, match="too few images"):
        scores(only_possible=False).prepare(few)
    caplog.set_level("INFO")
    left = scores(only_possible=True)
    assert left.prepare(few)
    assert left.names == ["kid_linear", "swd"]
    assert "fid_linear is left out: it needs 7 images, and there are 5" in caplog.text
    assert "painters_linear is left out: it needs the names of the painters" in caplog.text
    assert set(scored(left, fakes(5), 5)) == {"kid_linear", "swd"}
    assert set(left.references["real"]) == {"kid_linear", "swd"}


def test_full_holds_every_score_of_images():
    """A new score takes part as soon as its name is in this file."""
    folder = Path(CONF, "metrics")
    defaults = {path.stem: from_yaml(path).get("defaults", []) for path in folder.glob("*.yaml")}
    single = {name for name, parts in defaults.items() if "base" in parts}
    assert single == {part for part in defaults["full"] if isinstance(part, str)} - {"_self_"}
