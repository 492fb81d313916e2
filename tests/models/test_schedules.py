"""Learning-rate schedules as functions of the progress."""

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.models import Constant, LinearDecay, StepDecay


@pytest.mark.parametrize("start", [0.0, 0.5, 0.9])
def test_a_linear_decay_is_straight_from_its_start_to_zero(start: float) -> None:
    schedule = LinearDecay(start)
    assert [schedule(start * share) for share in (0, 0.3, 1)] == [1, 1, 1]
    for share in (0.25, 0.5, 0.75, 1.0):
        assert schedule(start + share * (1 - start)) == pytest.approx(1 - share)
    assert schedule(1.5) == 0  # a run that goes on beyond its budget


def test_steps_multiply() -> None:
    schedule = StepDecay(at=[0.2, 0.4, 0.4, 0.8], factor=0.5)
    moments = {0: 1, 1: 1, 2: 1 / 2, 3: 1 / 2, 4: 1 / 8, 7: 1 / 8, 8: 1 / 16, 10: 1 / 16}
    assert {tenths: schedule(tenths / 10) for tenths in moments} == moments
    assert Constant()(0.7) == 1


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: LinearDecay(1.0), r"schedule\.start=1\.0: "),
        (lambda: StepDecay([0.5, 0.25]), r"schedule\.at=\[0\.5, 0\.25\]: allowed are shares of the run that rise"),
        (lambda: StepDecay([0.5, 1.5]), r"schedule\.at=1\.5: "),
        (lambda: StepDecay([0.5], factor=2.0), r"schedule\.factor=2\.0: "),
    ],
)
def test_moments_that_are_no_shares_are_refused(build, sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        build()
