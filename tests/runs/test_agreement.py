"""Processes that have read other data than the first are named."""

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.nested import leaves
from gan_lightning.runs import agreement
from gan_lightning.runs.agreement import Agreement

FACTS = {"data": {"train": [300, "abc"]}, "scores": {"num_real": 300}, "checkpoint": -1}


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ({**FACTS, "data": {"train": [299, "abd"]}}, "data train 299 (abd) instead of 300 (abc)"),
        ({**FACTS, "checkpoint": 64}, "checkpoint 64 instead of -1"),
        ({**FACTS, "scores": {}}, "scores num_real nothing instead of 300"),
        ({**FACTS, "data": {**FACTS["data"], "test": [10, "x"]}}, "data test 10 (x) instead of nothing"),
    ],
)
def test_what_differs_is_named(monkeypatch, theirs, told):
    def gathered(mine):
        return [mine, mine, ("elsewhere", 7, {" ".join(path): value for path, value in leaves(theirs)})]

    monkeypatch.setattr(agreement, "gather", gathered)
    with pytest.raises(SettingError) as refused:
        Agreement(FACTS).setup(None, None, "fit")
    assert "process 2 of 3 (number 7 on elsewhere) reads other data than process 0" in str(refused.value)
    assert told in str(refused.value)


def test_equal_data_are_no_error():
    Agreement(FACTS).setup(None, None, "fit")
