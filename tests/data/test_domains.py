"""Pictures of many domains: who lies where, routes, truths, and what is refused."""

from collections.abc import Mapping, Sequence

import pytest
import torch

from gan_lightning.batch import Attributed, Route
from gan_lightning.data import DomainsData, DomainsSource, Images, LabelledPictures, TensorImages
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
