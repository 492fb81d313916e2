"""Networks as plain data, which names no class but those of the package."""

import pytest

from gan_lightning.errors import SettingError
from gan_lightning.loaded.description import CLASSES, built, described


def test_classes_of_ones_own_are_not_described():
    own = {"_target_": "mine.Generator", "width": 3}
    with pytest.raises(SettingError, match="^format: mine.Generator is a class of yours"):
        described(own)
    assert all(isinstance(one, type) for one in CLASSES.values())
    assert described({"a": [{"_target_": "gan_lightning.networks.OneHot", "num_classes": 3}]}) == {
        "a": [{"class": "OneHot", "num_classes": 3}]
    }
    assert built({"class": "OneHot", "num_classes": 3}).features == 3
