"""What --help lists of one's own configurations."""

from pathlib import Path

from gan_lightning.console.help import help_of


def test_options_of_ones_own_stand_beside_those_of_the_package_in_their_order(tmp_path: Path) -> None:
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
