"""Scores of classes against SciPy and counts by hand; what they see of dropped classes, and where they are refused."""

from pathlib import Path

import pytest
import torch
from extractors import Brightest, Linear
from scipy.stats import entropy
from torch import Tensor

from gan_lightning.batch import Generated
from gan_lightning.data import Draw, ImageData, Source, TensorImages
from gan_lightning.errors import SettingError
from gan_lightning.metrics import (
    ClassAccuracy,
    ClassDivergence,
    ClassesReached,
    ClassifierExtractor,
    FrechetDistance,
    GenerationScores,
    IntraFrechet,
    Score,
)
from gan_lightning.metrics.contracts import quantise
from gan_lightning.metrics.scores.gaussians import Gaussian, frechet

NAMES = ["red", "green", "blue"]


def coloured(label: Tensor, seed: int) -> Tensor:
    """Noise whose brightest channel is the class."""
    images = torch.randint(150, (len(label), 3, 16, 16), generator=torch.Generator().manual_seed(seed))
    images[torch.arange(len(label)), label] += 100
    return images.to(torch.uint8)


class Coloured(Source):
    """Half of the images are red, 3 of 10 green, the others blue; or all of them without a class."""

    def __init__(self, labelled: bool = True) -> None:
        self.labelled = labelled

    def load(self, split: str, resolution: int) -> TensorImages:
        label = torch.tensor([0, 0, 0, 0, 0, 1, 1, 1, 2, 2]).repeat(20)
        pixels = coloured(label, 0 if split == "train" else 1)
        return (
            TensorImages(pixels, {"label": label}, "label", NAMES)
            if self.labelled
            else TensorImages(pixels, {}, None, [])
        )


EVERY: dict[str, Score] = {
    "reached": ClassesReached(0.1),
    "kl": ClassDivergence(),
    "accuracy": ClassAccuracy(),
    "intra_fid": IntraFrechet(),
}


def prepared(folder: Path, scores: dict[str, Score], extractor: Linear, labelled: bool = True, n: int = 200) -> tuple:
    data = ImageData(Coloured(labelled), resolution=16, batch_size=4, num_fake=n, seed=0, evaluation_batch_size=64)
    made = GenerationScores(str(folder), "train", 1, n, None, scores, extractor)
    made.prepare(data)
    return made, data


def scored(made: GenerationScores, data: ImageData, shown: dict[int, int], batch: int = 64) -> dict[str, float]:
    """Of samples that show `shown[label]` where they were asked for `label`."""
    made.reset(torch.device("cpu"))
    data.trainer = None
    asked = torch.cat([query.condition for query in ImageData.val_dataloader(data).dataset])
    image = coloured(torch.tensor([shown[int(label)] for label in asked]), 5).float() / 127.5 - 1
    for number in torch.arange(len(asked)).split(batch):
        made.update(Generated(number, image[number], asked[number]))
    return {name.removesuffix("_brightest"): value for name, value in made.compute().items()}


def test_samples_of_all_classes_and_samples_of_two(tmp_path):
    made, data = prepared(tmp_path, EVERY, Brightest())
    values = scored(made, data, {0: 0, 1: 1, 2: 2})
    assert values["reached"] == 3
    assert values["kl"] == pytest.approx(0)  # as often as in the data
    assert values["accuracy"] == 1
    assert made.detail["reached_dropped"] == []
    assert values["intra_fid"] < 3 * made.references["real"]["intra_fid_brightest"]
    dropped = scored(made, data, {0: 0, 1: 1, 2: 1}, batch=7)
    assert dropped["reached"] == 2
    assert made.detail["reached_dropped"] == ["blue"]
    assert dropped["kl"] == pytest.approx(entropy([0.5, 0.5, 0], [0.5, 0.3, 0.2]))
    assert made.detail["kl_shares"] == {"red": 0.5, "green": 0.5, "blue": 0}
    assert dropped["accuracy"] == pytest.approx(0.8)
    assert made.detail["accuracy_by_class"] == {"red": 1, "green": 1, "blue": 0}
    assert dropped["intra_fid"] > 3 * values["intra_fid"]


def test_the_same_numbers_of_held_out_images_stand_beside_them(tmp_path):
    made, _ = prepared(tmp_path, EVERY, Brightest())
    assert made.references["real"]["reached_brightest"] == 3
    assert made.references["real"]["accuracy_brightest"] == 1
    assert made.references["real"]["kl_brightest"] == pytest.approx(0)


def test_intra_fid_is_the_mean_of_the_distances_within_classes_and_sees_confusion_that_fid_does_not(tmp_path):
    extractor = Brightest()
    made, data = prepared(tmp_path, {"fid": FrechetDistance(), "intra_fid": IntraFrechet()}, extractor)
    right = scored(made, data, {0: 0, 1: 1, 2: 2})
    images = data.images("train")
    asked = torch.cat([query.condition for query in ImageData.val_dataloader(data).dataset])
    real = extractor(images.images).features.double()
    fake = extractor(quantise(coloured(asked, 5).float() / 127.5 - 1)).features.double()
    by_hand = [frechet(Gaussian.of(real[images.labels == c]), Gaussian.of(fake[asked == c])) for c in range(3)]
    assert right["intra_fid"] == pytest.approx(sum(by_hand) / 3)
    confused = scored(made, data, {0: 0, 1: 2, 2: 1})
    assert confused["fid"] < 0.2 * confused["intra_fid"]
    assert confused["intra_fid"] > 10 * right["intra_fid"]


@pytest.mark.parametrize(
    ("name", "extractor", "labelled", "n", "told"),
    [
        ("reached", Brightest(), False, 200, "reached needs labels of two or more classes, and the data have none"),
        (
            "kl",
            Linear(),
            True,
            200,
            "kl needs a network that knows the classes .* extractor=linear knows others",
        ),
        ("accuracy", Brightest(), False, 200, "accuracy needs labels of two or more classes"),
        ("intra_fid", Brightest(), False, 200, "intra_fid needs one class of two or more as the condition"),
        ("intra_fid", Brightest(), True, 20, r"needs 7 samples of each class, .* choose num_fake=\d+ or more"),
    ],
)
def test_what_the_data_lack_is_told_before_anything_is_generated(tmp_path, name, extractor, labelled, n, told):
    with pytest.raises(SettingError, match=told):
        prepared(tmp_path, {name: EVERY[name]}, extractor, labelled, n)


class Renamed(Coloured):
    """Held-out images whose classes stand in another order."""

    def load(self, split: str, resolution: int) -> TensorImages:
        images = super().load(split, resolution)
        images.class_names = NAMES if split == "train" else NAMES[::-1]
        return images


def test_classes_in_another_order_than_the_classifiers_are_refused(tmp_path):
    data = ImageData(Renamed(), resolution=16, batch_size=4, num_fake=200, seed=0)
    for split in ("train", "test"):
        classifier = ClassifierExtractor(str(tmp_path), images=500, seed=0)
        made = GenerationScores(str(tmp_path), split, 1, 200, None, {"kl": ClassDivergence()}, classifier)
        if split == "train":
            assert made.prepare(data)
            continue
        with pytest.raises(
            SettingError, match=r"order: .* are blue, green, red, .* fitted on red, green, blue; choose"
        ):
            made.prepare(data)


def test_labels_of_samples_follow_the_queries(tmp_path):
    data = ImageData(Coloured(), resolution=16, batch_size=4, num_fake=450, seed=0)
    data.trainer = None
    made = GenerationScores(str(tmp_path), "train", 1, 450, None, {"accuracy": ClassAccuracy()}, Brightest())
    made.prepare(data)
    assert scored(made, data, {0: 0, 1: 1, 2: 2})["accuracy"] == 1  # more samples than training images
    assert data.images("train")[Draw([0], 0)].condition.tolist() == [0]
