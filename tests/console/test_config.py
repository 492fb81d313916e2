"""Configurations as files, and the classes that they name."""

from gan_lightning.console.config import from_yaml, to_yaml


def test_configuration_files_give_back_what_was_written(tmp_path):
    whole = {
        "text": ["1e3", "1_0", "-", "~", "yes", "2024-01-01", "0x1f", "é", "${x}"],
        "numbers": [1e-5, 3, True, None],
    }
    (tmp_path / "config.yaml").write_bytes(to_yaml(whole))
    assert from_yaml(tmp_path / "config.yaml") == whole
