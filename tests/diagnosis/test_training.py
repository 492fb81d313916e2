"""What curves and scores say of the course of a run."""

from dataclasses import replace
from typing import Any

import pytest
from recorded_runs import found, names

from gan_lightning.diagnosis.page import RULES


def test_a_run_that_became_worse_is_told_its_best_moment():
    numbers = replace(found("healthy"), history={"fid_x": {1000: 9.0, 2000: 4.0, 3000: 5.0, 4000: 8.0}}, curves={})
    (finding,) = filter(None, (rule(numbers) for rule in RULES))
    assert finding.numbers == "`fid_x` was 4.000 after 2,000 images and is 8.000 at the end."


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([9, 8, 7, 6, 5, 4, 3, 2], ["the run still improves"]),
        ([9, 6, 4, 3, 3, 3, 3, 2.8], []),  # by less than a tenth
        ([9, 4, 5, 5, 5, 5, 5, 5], []),
        ([9, 4, 8, 4, 8, 4, 8, 4], ["training oscillates"]),
        ([9, 4, 4.5, 4, 4.5, 4, 4.5, 4], []),  # up and down by less than three tenths of the median
    ],
)
def test_the_course_of_a_distance(values: list[float], expected: list[str]) -> None:
    history = {"fid_x": {1000 * i: float(value) for i, value in enumerate(values)}}
    assert names(replace(found("healthy"), history=history, curves={}, destroyed={}, real={})) == expected


@pytest.mark.parametrize(
    ("config", "larger"),
    [
        ({}, "`max_images`"),
        ({"max_images": None, "max_generator_steps": 900, "trainer": {"max_epochs": -1}}, "`max_generator_steps`"),
        ({"max_images": 900, "trainer": {"max_epochs": 5}}, "`max_images` and `trainer.max_epochs`"),
        ({"max_time": "00:08:00:00", "trainer": 3}, "`max_time`"),
    ],
)
def test_a_longer_run_needs_more_of_every_budget_that_it_has(config: dict[str, Any], larger: str) -> None:
    history = {"fid_x": {1000 * i: 9.0 - i for i in range(8)}}
    numbers = replace(found("healthy"), history=history, curves={}, destroyed={}, real={}, config=config)
    (finding,) = filter(None, (rule(numbers) for rule in RULES))
    assert finding.advice == (f"`resume=RUN` with a larger {larger}",)


@pytest.mark.parametrize("name", ["ct_x", "kid_x", "fid_infinity_x", "class_kl_x", "copied_x"])
def test_what_chance_moves_around_zero_does_not_oscillate(name: str) -> None:
    values = [0.1, -0.4, 0.7, -0.2, 0.5, -0.6, 0.3, -0.1, 0.4, -0.3]
    history = {name: {1000 * i: value for i, value in enumerate(values)}}
    assert names(replace(found("healthy"), history=history, curves={}, destroyed={}, real={})) == []


@pytest.mark.parametrize(
    ("loss", "fake", "value", "won"),
    [
        ("NonSaturating", -5.0, 0.1, True),
        ("NonSaturating", -3.0, 0.1, False),  # takes 5 % of them for real
        ("Hinge", -1.0, 0.05, True),
        ("Hinge", -9.0, 0.2, False),  # the logits of a hinge loss have no scale
        ("Wasserstein", -99.0, -99.0, False),
    ],
)
def test_a_discriminator_has_won_where_it_takes_hardly_any_sample_for_real(loss, fake, value, won) -> None:
    ends = {"logit_real": 5.0, "logit_fake": fake, "loss_discriminator": value}
    curves = {name: {float(i): end for i in range(40)} for name, end in ends.items()}
    flat = {"fid_x": {1000 * i: 9.0 for i in range(8)}}
    numbers = replace(found("healthy"), loss=loss, curves=curves, history=flat, destroyed={}, real={})
    assert names(numbers) == ["the discriminator has won"] * won
    unscored = [rule(replace(numbers, history={})) for rule in RULES]
    assert ["scores" in finding.numbers for finding in unscored if finding is not None] == [False] * won
    improving = {"fid_x": {1000 * i: 9.0 - i for i in range(8)}}
    assert "the discriminator has won" not in names(replace(numbers, history=improving))


def test_a_run_diverged_if_its_status_says_so() -> None:
    numbers = replace(
        found("healthy"), state="diverged", problem="the loss is NaN after 5 images", curves={}, history={}
    )
    (finding,) = filter(None, (rule(numbers) for rule in RULES))
    assert (finding.name, finding.numbers) == ("the run diverged", "the loss is NaN after 5 images.")
