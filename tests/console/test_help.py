"""What --help lists of one's own configurations."""

from pathlib import Path

import pytest

from gan_lightning.console.help import help_of


@pytest.fixture(scope="module")
def plain() -> str:
    """The help of gan-train alone."""
    return help_of("train", [])


def test_options_of_ones_own_stand_beside_those_of_the_package_in_their_order(tmp_path: Path, plain: str) -> None:
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "aaa_mine.yaml").write_text("_target_: mine.Loss\n")
    (tmp_path / "my_group").mkdir()
    (tmp_path / "my_group" / "only.yaml").write_text("x: 1\n")
    (tmp_path / "train_mine.yaml").write_text("defaults: [train]\n")  # no group
    groups = [line for line in help_of("train", ["--config-dir", str(tmp_path)]).splitlines() if ": " in line]
    (losses,) = (line for line in groups if line.startswith("loss: "))
    assert losses.startswith("loss: aaa_mine, ")
    assert "hinge" in losses
    assert "my_group: only" in groups
    assert not [line for line in groups if line.startswith(("hydra", ".: "))]
    assert "aaa_mine" not in plain
    assert "my_group" not in plain


def test_settings_are_those_of_what_is_chosen_beside_it(plain: str) -> None:
    shown = help_of("train", ["dataset=folder", "dataset.source.path=here", "seed=17"])
    for setting in ("dataset.source.path=here", "seed=17"):
        assert f"\n  {setting}\n" in shown
        assert f"\n  {setting}\n" not in plain
    assert "\n  dataset.source.path=" not in plain  # of the usual data, which are in no folder of the user's
