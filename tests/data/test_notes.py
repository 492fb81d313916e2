"""Notes: names, lists and counts on one line."""

import os

from gan_lightning.data.notes import by_class, listed, shown


def test_names_are_shown_on_one_line():
    assert shown("new\nline") == r"new\nline"
    assert shown(os.fsdecode(b"caf\xe9")) == r"caf\udce9"
    assert shown("Gärten") == "Gärten"
    assert len(shown("x" * 300)) == 60


def test_lists_end_with_how_many_more_there_are():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed([str(i) for i in range(1203)]) == "0, 1, 2 and 1,200 more"
    assert listed(["a", "b"], most=1) == "a and 1 more"


def test_classes_are_counted_in_their_order_also_those_without_images():
    assert by_class([1, 0, 1, 1], ["cats", "dogs", "birds"]) == "cats 1, dogs 3, birds 0"
    many = by_class([0] * 1500 + [9], [f"class{i}" for i in range(10)])
    assert many.startswith("class0 1,500, class1 0, ")
    assert many.endswith("class7 0 and 2 more")
