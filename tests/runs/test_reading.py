"""Files of a folder that a stranger may have filled: what is read of them, and what is not."""

import pytest

from gan_lightning.runs.reading import UnreadableError, parsed_json, parsed_yaml, read_inside


def test_whole_files_are_read_as_their_parsers_would():
    assert parsed_yaml("a: [1, 2.5, yes, null, '3', {b: c}]\nd: ''\n1: x\n") == {
        "a": [1, 2.5, True, None, "3", {"b": "c"}],
        "d": "",
        "1": "x",
    }
    assert parsed_yaml("") is None
    assert parsed_json('{"a": [1, -2.5, true, null]}') == {"a": [1, -2.5, True, None]}
    assert parsed_json("1" + "0" * 30) == 1e30
    assert parsed_yaml(f"a: 0x{'F' * 8000}\nb: -0x{'F' * 8000}\nc: 0x{'F' * 30}\nd: 0xFF\n") == {
        "a": float("inf"),
        "b": float("-inf"),
        "c": float(16**30),
        "d": 255,
    }


def test_file_of_another_folder_is_not_read(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "beside").write_text("x")
    with pytest.raises(UnreadableError, match="leads out"):
        read_inside(tmp_path / "run", "../beside", 10)
