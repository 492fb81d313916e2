"""A start that failed takes back what it has written, and nothing else."""

from gan_lightning.runs.leftovers import remove_new, results, written


def test_only_new_files_of_a_run_are_removed(tmp_path):
    (tmp_path / "wandb" / "earlier").mkdir(parents=True)
    (tmp_path / "mine.txt").touch()
    before = written(tmp_path)
    (tmp_path / "wandb" / "new" / "files").mkdir(parents=True)
    (tmp_path / "wandb" / "new" / "files" / "config.yaml").touch()
    (tmp_path / "logs").mkdir()
    (tmp_path / "also_mine").mkdir()
    remove_new(tmp_path, before)
    assert {path.name for path in tmp_path.iterdir()} == {"wandb", "mine.txt", "also_mine"}
    assert {path.name for path in (tmp_path / "wandb").iterdir()} == {"earlier"}
    assert results(tmp_path) == []


def test_link_to_elsewhere_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    run = tmp_path / "run"
    run.mkdir()
    (run / "logs").symlink_to(tmp_path / "elsewhere")
    remove_new(run, set())
    assert not (run / "logs").exists()
    assert (tmp_path / "elsewhere" / "kept").exists()
