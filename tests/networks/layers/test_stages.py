"""When the second of two stages begins, and the sizes of the first one's pictures."""

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.networks import Stages
from gan_lightning.networks.layers.stages import first_side


def test_the_second_stage_is_a_phase_that_a_checkpoint_keeps():
    stages, loaded = Stages(second_at=0.25), Stages(second_at=0.25)
    assert stages.phase == 0
    stages.follow(0.25)
    assert stages.phase == 1
    loaded.load_state_dict(stages.state_dict())
    assert loaded.refining
    stages.follow(0.0)
    loaded.load_state_dict(stages.state_dict())
    assert not loaded.refining


def test_a_first_stage_alone_never_ends():
    stages = Stages(second_at=1)
    stages.follow(0.999)
    assert not stages.refining


def test_the_first_stage_has_a_share_of_the_pixels():
    assert [first_side(32, 2), first_side(256, 4), first_side(64, 8)] == [16, 64, 8]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Stages(second_at=0), r"network.second_at=0"),
        (lambda: first_side(32, 8), r"network.scale=8: .* dataset.resolution=32 choose 2 or 4, which leaves"),
        (lambda: first_side(64, 3), r"network.scale=3: .* choose 2 or 4 or 8"),
        (lambda: first_side(48, 2), r"dataset.resolution=48: this network takes a power of two"),
    ],
)
def test_what_cannot_work_is_refused(make, said):
    with pytest.raises(SettingError, match=said):
        make()
