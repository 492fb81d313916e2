"""When a run begins: with its first step, its first checkpoint, or its end."""

import pytest

from gan_lightning.runs.beginning import Beginning


@pytest.mark.parametrize("event", ["on_train_batch_end", "on_save_checkpoint", "on_fit_end"])
def test_a_run_begins_once_with_whatever_comes_first(event):
    called: list[str] = []
    beginning = Beginning(lambda: called.append("mark"), lambda: called.append("begin"))
    arguments = {"on_train_batch_end": (None,) * 5, "on_save_checkpoint": (None,) * 3, "on_fit_end": (None,) * 2}
    beginning.on_fit_start(None, None)
    assert (called, beginning.begun) == (["mark"], False)
    getattr(beginning, event)(*arguments[event])
    assert (called, beginning.begun) == (["mark", "begin"], True)
    for later, given in arguments.items():
        getattr(beginning, later)(*given)
    assert called == ["mark", "begin"]


def test_a_run_that_could_not_begin_is_not_tried_again_by_the_same_process():
    """The error ends the run; what its end still calls does not hide it behind another one."""

    def full() -> None:
        raise OSError("disk full")

    beginning = Beginning(lambda: None, full)
    with pytest.raises(OSError, match="disk full"):
        beginning.on_train_batch_end(*(None,) * 5)
    beginning.on_fit_end(None, None)
