"""What is told about scores, beside those of real and destroyed images."""

import pytest

from gan_lightning.metrics import caveats
from gan_lightning.metrics.judgement import score_table, why_uninformative

HIGHER = {"fid_x": False, "is_x": True, "swd": False, "l1": False}
NORMAL = {
    "real": {"fid_x": 4.0, "is_x": 5.5, "swd": 26.0},
    "shuffled": {"fid_x": 68.0, "is_x": 2.7, "swd": 280.0},
    "noise": {"fid_x": 52.0, "is_x": 2.8, "swd": 700.0},
}
EASY = {
    "real": {"fid_x": 0.17, "is_x": 1.99, "swd": 42.0},
    "shuffled": {"fid_x": 2.8, "is_x": 1.98, "swd": 211.0},
    "noise": {"fid_x": 78.0, "is_x": 1.03, "swd": 434.0},
}


def test_scores_between_noise_and_real_images_need_no_word():
    assert caveats({"fid_x": 20.0, "is_x": 4.0, "swd": 100.0, "l1": 0.2}, NORMAL, HIGHER) == []


def test_noise_that_scores_better_than_the_model_is_told():
    fid, inception, swd = caveats({"fid_x": 60.0, "is_x": 1.5, "swd": 300.0}, NORMAL, HIGHER)
    assert fid.startswith("fid_x: noise scores better (52.000) than this model (60.000)")
    assert inception.startswith("is_x: noise scores better (2.800) than this model (1.500)")
    assert swd.startswith("swd: real images with shuffled pixels score better (280.000)")


def test_scores_that_do_not_see_destroyed_images_are_told():
    fid, inception = caveats({"fid_x": 1.0, "is_x": 1.9, "swd": 90.0}, EASY, HIGHER)
    assert fid.startswith("fid_x says little about these data: real images with shuffled pixels score 2.800, real")
    assert inception.startswith("is_x says little about these data: real images with shuffled pixels score 1.980")
    assert "look at the pictures" in fid


def test_better_than_real_images_may_be_a_copy_of_them():
    (told,) = caveats({"fid_x": 3.0, "is_x": 5.8, "swd": 90.0}, NORMAL, HIGHER)
    assert told.startswith("fid_x: this model (3.000) scores better than other real images do (4.000)")
    assert "repeats training images" in told


def test_a_low_mifid_is_no_sign_of_copies_which_raise_it():
    assert caveats({"mifid_x": 7.0}, {"real": {"mifid_x": 10.5}}, {"mifid_x": False}) == []
    assert "repeats training images" in caveats({"kid_x": 0.1}, {"real": {"kid_x": 0.2}}, {"kid_x": False})[0]


def test_a_translation_that_scores_better_than_other_real_pictures_is_no_copy():
    known = {"real": {"swd": 120.0}}, {"swd": False}
    assert caveats({"swd": 100.0}, *known, translated=True) == []
    assert caveats({"swd": 100.0}, *known) != []


def test_classes_are_no_sign_of_copies_and_a_model_without_labels_guesses_them():
    kl, accuracy = "class_kl_x", "class_accuracy_x"
    found = {
        "real": {kl: 0.05, accuracy: 0.98},
        "shuffled": {kl: 0.9, accuracy: 0.11},
        "noise": {kl: 2.0, accuracy: 0.1},
    }
    (told,) = caveats({kl: 0.001, accuracy: 0.097}, found, {kl: False, accuracy: True})
    assert told.endswith("than this model (0.097), which guesses the class if it takes no labels")


@pytest.mark.parametrize(
    ("score", "real", "shuffled", "noise", "little"),
    [
        ("fid_x", 4, 19, 50, True),
        ("fid_x", 4, 21, 50, False),
        ("fid_x", 0.1, 4, 50, True),
        ("is_x", 5, 2, 4.1, True),
        ("is_x", 5, 2, 3.9, False),
        ("swd", 100, 190, 900, True),
        ("swd", 100, 210, 900, False),
        ("swd", 0, 0, 900, True),
    ],
)
def test_where_a_score_says_little(score, real, shuffled, noise, little):
    found = {"real": {score: real}, "shuffled": {score: shuffled}, "noise": {score: noise}}
    assert (why_uninformative(score, found, HIGHER[score]) is not None) == little


def test_without_destroyed_images_nothing_is_said():
    assert why_uninformative("fid_x", {"real": {"fid_x": 1.0}}, False) is None
    assert caveats({"fid_x": 2.0}, {}, HIGHER) == []


def test_table_has_a_column_for_each_reference():
    head, *rows = score_table({"model": {"fid_x": 20.0, "l1": 0.25}}, NORMAL).splitlines()
    assert head.split() == ["model", "real", "shuffled", "noise"]
    assert [row.split() for row in rows] == [
        ["fid_x", "20.0000", "4.0000", "68.0000", "52.0000"],
        ["l1", "0.2500", "-", "-", "-"],
    ]
    assert len({len(line) for line in (head, *rows)}) == 1
    assert score_table({"model": {"modes": 8.0}}, {}) == "modes  8.0000"
