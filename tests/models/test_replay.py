"""The buffer in which Langevin chains go on."""

import pytest
import torch

from gan_lightning.models import ReplayBuffer

NOISE, CONDITION = torch.rand(4, 1, 2, 2), torch.tensor([0, 1, 2, 3])


def test_chains_go_on_where_they_were() -> None:
    torch.manual_seed(0)
    buffer = ReplayBuffer(size=1, fresh=0.0)
    buffer.draw(NOISE, CONDITION)
    buffer.keep(torch.full((4, 1, 2, 2), 0.5), torch.full((4,), 7))
    image, condition = buffer.draw(NOISE, CONDITION)
    assert torch.equal(image, torch.full((4, 1, 2, 2), 0.5))
    assert condition.tolist() == [7] * 4, "an image keeps its condition"


def test_a_share_of_the_chains_begins_at_noise() -> None:
    torch.manual_seed(0)
    buffer = ReplayBuffer(size=10, fresh=0.25)
    noise, condition = torch.full((4000, 1, 1, 1), 2.0), torch.full((4000,), 5)
    image, of_chain = buffer.draw(noise, condition)
    fresh = image.flatten() == 2
    assert abs(fresh.float().mean() - 0.25) < 0.03
    assert image[~fresh].abs().max() <= 1, "at first the buffer holds noise in [-1, 1]"
    assert (of_chain == 5).all()


def test_what_a_checkpoint_holds_goes_on_to_the_bit() -> None:
    torch.manual_seed(0)
    buffer, resumed = ReplayBuffer(size=6, fresh=0.1), ReplayBuffer(size=6, fresh=0.1)
    buffer.draw(NOISE, CONDITION)
    buffer.keep(NOISE / 3, CONDITION)
    resumed.restore(buffer.content())
    drawn = []
    for one in (buffer, resumed):
        torch.manual_seed(1)
        drawn.append(one.draw(NOISE, CONDITION))
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(*drawn, strict=True))


def test_a_buffer_that_was_never_used_is_saved_too() -> None:
    buffer = ReplayBuffer(size=3, fresh=1.0)
    buffer.restore(ReplayBuffer(size=3, fresh=1.0).content())
    assert torch.equal(buffer.draw(NOISE, CONDITION)[0], NOISE)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e5])
def test_an_end_that_is_not_finite_is_not_where_a_later_chain_begins(bad: float) -> None:
    torch.manual_seed(0)
    buffer = ReplayBuffer(size=4, fresh=0.0)
    buffer.draw(NOISE, CONDITION)
    buffer.drawn = torch.arange(4)
    buffer.keep(torch.full((4, 1, 2, 2), 0.5), CONDITION)
    ends = torch.full((4, 1, 2, 2), 0.25)
    ends[1, 0, 1, 1] = bad
    buffer.keep(ends, CONDITION + 10)
    images, conditions = buffer.content()
    assert images[:, 0, 0, 0].tolist() == [0.25, 0.5, 0.25, 0.25]
    assert conditions.tolist() == [10, 1, 12, 13], "the start stays with its condition"
    assert images.isfinite().all()
