"""Python values as words of a command line, which Hydra reads back as the same values."""

from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from gan_lightning.console.arguments import prepared
from gan_lightning.errors import SettingError
from gan_lightning.interactive.words import words

VALUES = [
    *("hinge", "1e3", "null", "true", "a b,c=d", "it's", "back\\slash", "[x]", "", "f_gan/kl"),
    *(1, -2, 0.5, 1e-12, True, False, None),
    *([1, 2.5, "a,b"], [], ["null", None], {"hours": 1}, {"a": [1, {"b": "x y"}]}),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_hydra_reads_the_same_value(value):
    (word,) = prepared(words({"setting.name": value}))
    override = OverridesParser.create().parse_override(word)
    assert override.key_or_group == "setting.name"
    assert override.value() == value
    assert type(override.value()) is type(value) or isinstance(value, str)


def test_paths_are_text_and_tilde_removes():
    assert words({"dataset.source.path": Path("a b")}) == words({"dataset.source.path": "a b"})
    assert prepared(words({"dataset.source.path": Path("a b")})) == ["dataset.source.path='a b'"]
    assert words({"~callbacks.curves": None}) == ["~callbacks.curves"]


def test_other_values_are_refused():
    with pytest.raises(SettingError, match="lr=.*settings are text, numbers, .* not object"):
        words({"lr": object()})
