"""Values of settings as text that Hydra reads back."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from odd import ODD

from gan_lightning.console.quoting import is_path_setting, quoted


@pytest.mark.parametrize("text", ["a", "a b", "it's", "a\\", "a\\'", "null", "1e3", "{a}", "[a", "${x", "", ODD])
def test_quoted_text_is_read_back_as_it_was(text: str) -> None:
    if "$" in text and "{" in text and text != ODD:
        text = text.replace("{", "")  # an interpolation stays one
    assert OverridesParser.create().parse_override(f"x={quoted(text)}").value() == text


@pytest.mark.parametrize(
    ("name", "is_path"),
    [
        *[(name, True) for name in ("run_dir", "cache_dir", "checkpoint", "source", "output", "init", "resume")],
        *[(name, True) for name in ("hydra.run.dir", "dataset.source.path", "dataset.source.a", "logger.csv.run_dir")],
        *[(name, True) for name in ("callbacks.best.dirpath", "trainer.default_root_dir")],
        *[(name, False) for name in ("seed", "labels", "dataset.resolution", "model.path", "nothing.path")],
    ],
)
def test_settings_that_are_paths(name: str, is_path: bool) -> None:
    assert is_path_setting(name) == is_path
