"""What processes that train one model exchange, in two of them and in one alone, and the words for a lost one."""

from typing import Any

import pytest
import torch
from exchanged import exchanged, own, together

from gan_lightning import distributed
from gan_lightning.errors import FaultError


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    return together(tmp_path_factory.mktemp("two"))


def test_sums_and_means_are_those_of_all_and_own_values_stay(found):
    for rank, one in enumerate(found):
        assert torch.equal(one["total"], own(0) + own(1))
        assert torch.equal(one["mean"], (own(0) + own(1)) / 2)
        assert torch.equal(one["kept"], own(rank))


def test_tensors_are_averaged_in_place_or_those_of_the_first_process(found):
    for one in found:
        assert torch.equal(one["averaged"][0], (own(0) + own(1)) / 2)
        assert torch.equal(one["averaged"][1], (own(0) + own(1))[0] / 2 + 1)
        assert torch.equal(one["copied"][0], own(0))
        assert one["copied"][1] == 0


def test_what_is_gathered_is_in_the_order_of_the_ranks_and_shares_make_the_whole(found):
    assert [one["gathered"] for one in found] == [[{"rank": 0}, {"rank": 1}]] * 2
    assert [one["share"].tolist() for one in found] == [[0, 2, 4], [1, 3]]
    assert [one["is_first"] for one in found] == [True, False]


def test_a_process_that_trains_alone_keeps_its_own_values():
    one = exchanged(0)
    for name in ("total", "mean", "kept"):
        assert torch.equal(one[name], own(0))
    assert torch.equal(one["averaged"][0], own(0))
    assert torch.equal(one["copied"][0], own(0))
    assert (one["gathered"], one["share"].tolist(), one["is_first"]) == ([{"rank": 0}], [0, 1, 2, 3, 4], True)
    value = own(0)
    assert distributed.total(value) is not value  # a new tensor, as in several processes


@pytest.mark.parametrize(
    ("error", "together", "told"),
    [
        (torch.distributed.DistStoreError("wait timeout"), False, "not all processes were ready within 30 s"),
        (torch.distributed.DistNetworkError("connection"), False, "not all processes were ready within 30 s"),
        (RuntimeError("[gloo] Timed out waiting 1000ms for recv"), True, "another process did not answer within 30 s"),
        (RuntimeError("Connection closed by peer [127.0.0.1]"), True, distributed.LEFT_ALONE),
        (RuntimeError("write: Broken pipe"), True, distributed.LEFT_ALONE),
        (RuntimeError("Timed out"), False, None),  # it does not wait for others
        (RuntimeError("DataLoader timed out after 5 seconds"), True, None),  # a reader, not a process that trains
        (RuntimeError("a mistake in a loss"), True, None),
    ],
)
def test_a_process_that_waited_in_vain_says_for_what(monkeypatch, error, together, told):
    monkeypatch.setattr(torch.distributed, "is_initialized", lambda: together)
    found = distributed.lost_touch(error, 30)
    assert (found is None) == (told is None)
    assert found is None or (isinstance(found, FaultError) and str(found).startswith(told))
