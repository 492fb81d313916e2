"""Colour codes and what people call them."""

import re

from gan_lightning.data import Avatars, colour_names, with_colour_names
from gan_lightning.data.sources.avatars import AvatarAttribute


def test_codes_have_names_and_other_classes_keep_theirs():
    codes = ["#000000", "#ffffff", "#808080", "#bd1700", "#91cb15", "#28150a", "#2663A3", "none", "cats", "#12"]
    assert colour_names(codes) == [
        *("black", "white", "grey", "red", "green", "dark brown", "blue"),
        *("none", "cats", "#12"),
    ]
    assert with_colour_names(["#bd1700", "cats"]) == ["#bd1700 (red)", "cats"]


def test_alike_colours_are_numbered_and_classes_are_never_renamed():
    assert colour_names(["#603a14", "red", "#603015", "#bd1700"]) == ["dark brown 1", "red", "dark brown 2", "red 2"]


def test_every_colour_of_the_avatars_has_a_name_of_its_own(tmp_path):
    for attribute, classes in Avatars(str(tmp_path), "pixel-art", "hair_color", 1, 1).classes.items():
        names = colour_names(classes)
        assert len(set(names)) == len(classes), attribute
        assert not any(re.match("#", name) for name in names)


def test_a_domain_may_be_chosen_by_the_name_of_its_colour(tmp_path):
    source = AvatarAttribute(str(tmp_path), "pixel-art", "hair_color", "dark brown 3", "red", 1, 1)
    assert source.values == {"a": "#28150a", "b": "#bd1700"}
