"""Faces in many domains, and their true translations."""

import pytest
import torch

from gan_lightning.data import AvatarDomains, DomainsData
from gan_lightning.errors import SettingError

HAIR = ["hair_color", "#28150a", "#bd1700", "#009bbd"]
GLASSES = ["glasses", "none", "dark"]
ONE_KIND = {"glassesVariant": ["dark01"], "glassesColor": ["#191919"]}


def avatars(tmp_path, attributes, options=ONE_KIND, count=24) -> AvatarDomains:
    return AvatarDomains(str(tmp_path), "pixel-art", attributes, options, count, count)


def test_true_translations_of_avatars_differ_in_one_attribute_and_what_it_brings(tmp_path):
    source = avatars(tmp_path, [HAIR, GLASSES])
    assert source.sizes == [3, 1]
    assert source.domains == {
        "darkbrown": [1, 0, 0, None],
        "red": [0, 1, 0, None],
        "cyan": [0, 0, 1, None],
        "noglasses": [None, None, None, 0],
        "dark": [None, None, None, 1],
    }
    images, labels = source.load("test", (16, 16))
    assert (labels[:, :3].sum(1) == 1).all()
    assert (labels.sum(0) > 0).all()
    brought = {"red": {"hair_color"}, "dark": {"glasses", "glasses_color"}, "noglasses": {"glasses", "glasses_color"}}
    for domain, attributes in brought.items():
        truth = source.translated("test", (16, 16), domain)
        changed = {
            name for name, values in truth.attributes.items() if not torch.equal(values, images.attributes[name])
        }
        assert changed == attributes
        assert truth.label_name == min(attributes, key=len)
        there = DomainsData(source, 16, 4, 0).members("test", domain)
        assert torch.equal(truth.images[there], images.images[there])  # already as it should be
        assert (truth.images[~there] != images.images[~there]).flatten(1).any(1).all()


def test_one_attribute_of_avatars_takes_all_values_and_names_of_colours(tmp_path):
    single = avatars(tmp_path, [["hair_color", "red", "dark brown 3"]], {})
    assert single.domains == {"red": [0], "darkbrown": [1]}
    assert avatars(tmp_path, [["glasses"]], {}).sizes == [3]


@pytest.mark.parametrize(
    ("attributes", "options", "message"),
    [
        ([["wings", "none"]], {}, "wings is not an attribute of these faces; allowed are .*hair_color"),
        ([["hair_color", "red", "plaid"]], {}, r"hair_color has no value plaid; it has .*#bd1700 \(red\)"),
        ([["hair_color", "red"]], {}, "hair_color has the values #bd1700; two or more different"),
        ([], {}, "one or more are needed"),
        ([HAIR, HAIR], {}, "names an attribute twice"),
        ([GLASSES], {"glassesVariant": ["light01"]}, "leaves no choice for the glasses"),
    ],
)
def test_avatar_domains_that_cannot_be_are_refused(tmp_path, attributes, options, message):
    with pytest.raises(SettingError, match=message):
        avatars(tmp_path, attributes, options)
