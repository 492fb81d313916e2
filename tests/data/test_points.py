"""Points of a mixture as batches and queries."""

from unittest.mock import Mock

import pytest
import torch

from gan_lightning.data import Draw, EpochBatches, Mixture, PointData, Ring
from gan_lightning.errors import SettingError


def data(mixture: Mixture | None = None, **settings: int) -> PointData:
    defaults = {"num_train": 100, "batch_size": 10, "num_fake": 30, "seed": 0}
    return PointData(mixture or Ring(), **{**defaults, **settings})


def test_points_are_images_of_two_channels_and_one_pixel():
    mixture = Ring()
    points, mode = mixture.sample(100, seed=0)
    shown = data(mixture)
    batch = shown.points[Draw([3, 1], 0)]
    assert batch.image.shape == (2, 2, 1, 1)
    assert torch.equal(batch.image[:, :, 0, 0], points[[3, 1]])
    assert torch.equal(batch.condition, mode[[3, 1]])
    assert torch.equal(shown.examples(7).image, points[:7, :, None, None])


def test_spec_is_that_of_the_points():
    spec = data().spec()
    assert (spec.channels, spec.height, spec.width, spec.num_classes, spec.size) == (2, 1, 1, 8, 100)
    assert spec.class_names == [str(i) for i in range(8)]
    assert spec == data().spec()
    assert data(seed=1).spec().fingerprint == spec.fingerprint  # the same mixture
    assert data(Ring(std=0.1)).spec().fingerprint != spec.fingerprint


def test_an_epoch_shows_every_point_once_in_the_order_of_every_data_set():
    batches = list(data(seed=5).train_dataloader())
    points, _ = Ring().sample(100, seed=5)
    order = [draw.positions for draw in EpochBatches(100, 10, seed=5)]
    assert sorted(sum(order, [])) == list(range(100))
    for batch, positions in zip(batches, order, strict=True):
        assert torch.equal(batch.image.flatten(1), points[positions])


def test_training_points_and_queries_are_shared_out_exactly():
    whole = data()
    points, numbers, labels = [], [], []
    for rank in range(3):
        part = data(batch_size=5, num_fake=100)
        place = Mock(global_rank=rank, world_size=3, current_epoch=0)
        place.fit_loop.epoch_loop.batch_progress.current.processed = 0
        part.trainer = place
        points += [tuple(point) for batch in part.train_dataloader() for point in batch.image.flatten(1).tolist()]
        for query in part.val_dataloader():
            numbers += query.number.tolist()
            labels += query.condition.tolist()
    assert len(set(points)) == len(points) == 90  # what does not fill a batch on every process is left out
    assert set(points) <= {tuple(point) for point in whole.examples(100).image.flatten(1).tolist()}
    assert sorted(numbers) == list(range(100))
    assert sorted(labels) == sorted(whole.examples(100).condition.tolist())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_train": 0}, "dataset.num_train=0: a whole number from 1"),
        ({"evaluation_batch_size": 1.5}, "dataset.evaluation_batch_size=1.5"),
        ({"batch_size": 0}, "dataset.batch_size=0"),
    ],
)
def test_impossible_counts_are_refused(settings, message):
    with pytest.raises(SettingError, match=message):
        data(**settings).spec()
