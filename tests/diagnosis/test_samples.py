"""What scores say of samples, beside those of real images."""

from dataclasses import replace

import pytest
from recorded_runs import found, names

from gan_lightning.diagnosis.page import RULES


@pytest.mark.parametrize(
    ("scores", "real", "expected"),
    [
        ({"recall_x": 0.4, "coverage_x": 0.8}, {"recall_x": 0.6, "coverage_x": 0.9}, []),
        ({"recall_x": 0.2}, {"recall_x": 0.6}, ["dropped modes"]),
        ({"coverage_x": 0.05}, {"coverage_x": 0.9}, ["mode collapse"]),
        ({"copied_x": 0.05, "nn_ratio_x": 0.9, "ct_x": 1.0, "authenticity_x": 70}, {"authenticity_x": 75}, []),
        ({"copied_x": 0.5}, {}, ["copies of training images"]),
        ({"copied_x": 0.5}, {"copied_x": 0.3}, []),  # metrics.scores.copied.share=0.3
        ({"nn_ratio_x": 0.3}, {}, ["copies of training images"]),
        ({"ct_x": -9.0}, {}, ["copies of training images"]),
        ({"authenticity_x": 20}, {"authenticity_x": 75}, ["copies of training images"]),
        ({"fid_x": 1.0}, {"fid_x": 4.0}, ["copies of training images"]),
        ({"swd": 30.0}, {"swd": 26.0}, []),
        ({"swd": 500.0, "recall_x": 0.0}, {"swd": 26.0, "recall_x": 0.6}, ["samples no better than noise"]),
    ],
)
def test_scores_beside_those_of_real_images(scores, real, expected):
    history = {name: {1000: value} for name, value in scores.items()}
    numbers = replace(found("healthy"), history=history, real=real, curves={}, training_images=32)
    assert names(numbers) == expected


def test_a_good_translation_is_no_copy():
    translates = replace(found("healthy"), history={"swd": {1000: 10.0}}, real={"swd": 26.0}, images_from_noise=False)
    assert names(replace(translates, curves={})) == []
    assert names(replace(translates, curves={}, images_from_noise=True)) == ["copies of training images"]


def test_samples_that_are_more_than_the_held_out_images_are_nearer_without_being_copies():
    many = replace(found("healthy"), history={"fid_x": {1000: 1.3}}, real={"fid_x": 4.0}, curves={}, perfect=0.3)
    assert names(many) == []
    assert names(replace(many, history={"fid_x": {1000: 0.9}})) == ["copies of training images"]


def test_dropped_classes_are_named():
    history, real = {"classes_reached_x": {1000: 8.0}}, {"classes_reached_x": 10.0}
    detail = {"classes_reached_dropped": ["cats", "dogs"]}
    numbers = replace(found("healthy"), history=history, real=real, curves={}, detail=detail)
    (finding,) = filter(None, (rule(numbers) for rule in RULES))
    assert finding.numbers == "Samples show 8 classes, and real images 10; missing are cats, dogs."
    few = replace(numbers, history={"classes_reached_x": {1000: 2.0}})
    assert names(few) == ["mode collapse"]
