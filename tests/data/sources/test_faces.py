"""The attributes of styles of avatars."""

import pytest

from gan_lightning.data.sources.faces import Faces


@pytest.mark.parametrize("style", ["open-peeps", "lorelei", "avataaars", "personas", "blobs"])
def test_attributes_of_every_style_are_known(style):
    faces = Faces(style, "dataset.source.style")
    drawn = faces.draw([f"{i}" for i in range(6)], {}, (8, 8))
    for name, values in drawn["attributes"].items():
        assert values.max() < len(faces.classes[name])
    assert drawn["images"].shape == (6, 3, 8, 8)


def test_only_what_a_drawing_may_lack_has_the_class_none():
    classes = Faces("personas", "dataset.source.style").classes
    assert classes["hair_color"][0] == "none"  # bald, though a bald head counts as hair
    assert "none" not in classes["hair"] + classes["skin_color"] + classes["clothing_color"]
    classes = Faces("pixel-art", "dataset.source.style").classes
    assert {name for name, kinds in classes.items() if "none" in kinds} == {
        *("accessories", "accessories_color", "beard", "glasses", "glasses_color", "hat", "hat_color")
    }
