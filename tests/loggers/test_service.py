"""Calls of a tracking service, which a run survives, and which process makes them."""

import pytest

from gan_lightning.loggers import service
from gan_lightning.loggers.service import Service, is_rank_zero


def broken(error: BaseException) -> object:
    raise error


@pytest.mark.parametrize(
    ("error", "reason"), [(OSError("no\n route"), "no route"), (BrokenPipeError(), "BrokenPipeError")]
)
def test_the_first_call_that_fails_is_told_and_no_other_is_made(caplog, error, reason):
    called: list[int] = []
    report = Service("MLflow")
    report(lambda: called.append(1))
    report(lambda: broken(error))
    report(lambda: called.append(2))
    assert called == [1]
    (told,) = caplog.messages
    assert told == f"MLflow does not answer any more ({reason}); the run goes on, and logs/metrics.csv has everything"


def test_a_request_to_end_is_not_a_failure_of_the_service():
    with pytest.raises(KeyboardInterrupt):
        Service("MLflow")(lambda: broken(KeyboardInterrupt()))


@pytest.mark.parametrize(("rank", "node", "first"), [(0, None, True), (0, "0", True), (1, "0", False), (0, "1", False)])
def test_the_first_process_of_the_first_machine_writes(monkeypatch, rank, node, first):
    monkeypatch.setattr(service.rank_zero_only, "rank", rank, raising=False)
    if node is None:
        monkeypatch.delenv("NODE_RANK", raising=False)
    else:
        monkeypatch.setenv("NODE_RANK", node)
    assert is_rank_zero() == first
