"""Pictures of many domains: who lies where, routes, truths, and what is refused."""

from collections.abc import Mapping, Sequence

import pytest
import torch

from gan_lightning.batch import Attributed, Route
from gan_lightning.data import (
    AvatarDomains,
    DomainsData,
    DomainsSource,
    FakeDomains,
    Images,
    LabelledPictures,
    TensorImages,
)
from gan_lightning.errors import SettingError


class Painted(DomainsSource):
    """Pictures whose grey level is ten times their number; the translation into a domain is one level brighter."""

    sizes: Sequence[int] = [1]
    domains: Mapping[str, Sequence[int | None]] = {"odd": [1], "even": [0]}

    def __init__(self, labels: dict[str, list[int]]) -> None:
        self.labels = labels

    def load(self, split: str, size: tuple[int, int]) -> LabelledPictures:
        labels = torch.tensor(self.labels[split])
        grey = 10 * torch.arange(len(labels))
        images = grey.byte().view(-1, 1, 1, 1).expand(-1, 3, *size).contiguous()
        return LabelledPictures(TensorImages(images, {"odd": labels}, "odd", ["no", "yes"]), labels[:, None])

    def translated(self, split: str, size: tuple[int, int], domain: str) -> Images:
        images = self.load(split, size).images
        return TensorImages(images.pixels(list(range(len(images)))) + 1, {}, None, [])


def data(train: list[int], test: list[int], **settings: object) -> DomainsData:
    chosen = {"resolution": [4, 8], "batch_size": 2, "seed": 0, **settings}
    return DomainsData(Painted({"train": train, "test": test}), **chosen)


def test_routes_lead_from_pictures_that_are_not_in_the_domain_yet_to_their_truths():
    module = data([0, 1, 1], [1, 0, 0, 1])
    assert module.routes == [Route("any", "odd"), Route("any", "even")]
    held = {one.route.target: one for one in module.examples(8)}
    assert held["odd"].source.shape == (2, 3, 4, 8)
    grey = ((held["odd"].source[:, 0, 0, 0] + 1) * 127.5).round().tolist()
    assert grey == [10, 20]
    torch.testing.assert_close((held["odd"].target + 1) * 127.5, (held["odd"].source + 1) * 127.5 + 1)
    assert ((held["even"].source[:, 0, 0, 0] + 1) * 127.5).round().tolist() == [0, 30]
    assert {name: len(images) for name, images in module.domains("train").items()} == {"any": 3, "odd": 2, "even": 1}


def test_training_batches_have_the_labels_of_their_pictures():
    (batch,) = data([0, 1, 1, 0], [1, 0], batch_size=4).train_dataloader()
    assert isinstance(batch, Attributed)
    number = ((batch.image[:, 0, 0, 0] + 1) * 12.75).round().long()
    assert torch.equal(batch.label[:, 0], torch.tensor([0.0, 1.0, 1.0, 0.0])[number])


def test_spec_is_measured_and_its_fingerprint_follows_the_labels():
    spec = data([0, 1, 1], [1, 0]).spec()
    assert (spec.channels, spec.height, spec.width, spec.sizes, spec.planes, spec.size) == (3, 4, 8, [1], 1, 3)
    assert spec.domains == {"odd": [1], "even": [0]}
    assert spec.fingerprint != data([1, 0, 1], [1, 0]).spec().fingerprint


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ([1, 1], [0, 1], "no picture of its split train lies in the domain even"),
        ([0, 1], [0, 0], "no picture of its split test lies in the domain odd"),
    ],
)
def test_a_domain_without_pictures_is_refused(train, test, message):
    with pytest.raises(SettingError, match=message):
        data(train, test).spec()


def test_fake_domains_are_the_same_at_every_call_and_all_have_pictures():
    module = DomainsData(FakeDomains(8, 1, 3), 4, 2, 0)
    assert module.spec() == DomainsData(FakeDomains(8, 1, 3), 4, 2, 0).spec()
    assert module.spec().sizes == [3, 1]
    assert [*module.spec().domains] == ["kind0", "kind1", "kind2", "yes", "no"]


# --- avatars ---

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
        ([["wings", "none"]], {}, "there is no wings; allowed are .*hair_color"),
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
