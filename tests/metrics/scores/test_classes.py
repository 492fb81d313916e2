"""Scores of classes against SciPy and counts by hand; what they see of dropped classes, and where they are refused."""

import pytest
from classes import EVERY, NAMES, Coloured, prepared, scored
from extractors import Brightest, Linear
from scipy.stats import entropy

from gan_lightning.data import Draw, ImageData, TensorImages
from gan_lightning.errors import SettingError
from gan_lightning.metrics import ClassAccuracy, ClassDivergence, ClassifierExtractor, GenerationScores


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
