"""Settings for tables, which have no levels."""

from gan_lightning.loggers.flat import flat


def test_numbers_stay_numbers_and_everything_else_is_text_under_names_with_slashes():
    settings = {"a": {"b": 1, "c": {"d": 0.5}}, "e": True, "f": None, "g": [1, {"h": 2}], "i": "text", "j": {}}
    found = dict(flat(settings))
    assert found == {
        "a/b": 1,
        "a/c/d": 0.5,
        "e": True,
        "i": "text",
        "f": "None",
        "g": "[1, {'h': 2}]",
        "j": "{}",
    }
    assert found["e"] is True
