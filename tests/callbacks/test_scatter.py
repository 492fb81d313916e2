"""Pictures of points."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from gan_lightning.batch import Verdict
from gan_lightning.callbacks import Scatter
from gan_lightning.data import PointData, Ring
from gan_lightning.errors import SettingError
from gan_lightning.training import train

TINY = ["experiment=toy_ring", "max_generator_steps=null", "dataset.num_train=1024", "metrics.num_fake=64"]
SIZE = (504, 480)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)


class Critic(nn.Module):
    """Believes in what lies to the right, and counts the batches it has learnt from."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(2)
        self.asked: list[Tensor] = []

    def forward(self, image: Tensor, label: Tensor) -> Verdict:
        self.norm(image)
        self.asked.append(label)
        return Verdict(image[:, 0, 0], image.flatten(1))


def drawn(tmp_path: Path, fake: Tensor) -> tuple[Tensor, Critic]:
    """A picture of generated points `fake` (n, 2), and the critic whose opinion it shows."""
    data: Any = PointData(Ring(), num_train=100, batch_size=10, num_fake=10, seed=0)
    critic = Critic()
    model = SimpleNamespace(
        critic=critic,
        images_seen=1234567,
        device=torch.device("cpu"),
        sample=lambda n: fake[torch.arange(n) % len(fake)][:, :, None, None],
    )
    trainer: Any = SimpleNamespace(datamodule=data)
    return Scatter(str(tmp_path), points=50, strip_pictures=3).draw(trainer, model), critic


def at(picture: Tensor, x: float, y: float) -> list[int]:
    """The colour at a place of the plane."""
    _, height, width = picture.shape
    left, bottom, across, up = 0.02 * width, 0.02 * height, 0.96 * width, 0.91 * height
    side = min(across, up)  # equal axes: the smaller extent decides, and the rest is left free on both sides
    column = left + (across - side) / 2 + (x + 1.05) / 2.1 * side
    row = height - bottom - (up - side) / 2 - (y + 1.05) / 2.1 * side
    return picture[:, int(row), int(column)].tolist()


def test_points_lie_where_they_should_on_the_critics_opinion(tmp_path):
    picture, _ = drawn(tmp_path, torch.tensor([[-0.4, 0.2]]))
    assert picture.dtype == torch.uint8
    assert picture.shape == (3, *SIZE)
    grey, orange = at(picture, 0.0, 0.8), at(picture, -0.4, 0.2)
    assert max(grey) - min(grey) < 12
    assert max(grey) < 120
    assert orange[0] > 220
    assert orange[2] < 60
    right, left = at(picture, 1.0, -0.1), at(picture, -1.0, -0.1)
    assert right[2] > right[0] + 20
    assert left[0] > left[2] + 20


def test_drawing_teaches_the_critic_nothing_and_asks_under_the_nearest_mode(tmp_path):
    _, critic = drawn(tmp_path, torch.zeros(1, 2))
    assert critic.training
    assert critic.norm.num_batches_tracked == 0
    corners = torch.stack(critic.asked)[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [5, 7, 3, 1]


def test_pictures_come_before_training_and_after_every_validation(composed, tmp_path):
    train(composed(*TINY, "trainer.max_epochs=4", "callbacks.samples.strip_pictures=3", "dataset.batch_size=256"))
    samples = sorted((tmp_path / "run" / "samples").iterdir())
    assert [path.stem for path in samples] == [f"{epoch * 1024:09}" for epoch in range(5)]
    strip = pixels(tmp_path / "run" / "training.png")
    assert strip.shape == (SIZE[0], 3 * SIZE[1], 3)
    for part, path in zip(np.split(strip, 3, axis=1), samples[::2], strict=True):
        assert np.array_equal(part, pixels(path))
    assert not np.array_equal(pixels(samples[0]), pixels(samples[-1]))


@pytest.mark.parametrize("name", ["points", "strip_pictures"])
def test_impossible_counts_are_refused(tmp_path, name):
    with pytest.raises(SettingError, match=rf"callbacks.samples.{name}=0: a whole number from 1"):
        Scatter(str(tmp_path), **{"points": 10, "strip_pictures": 3, name: 0})


def test_images_are_refused(composed):
    images = ["model=gan", "dataset=fake", "dataset.resolution=16", "metrics=none", "callbacks=toy"]
    with pytest.raises(SettingError, match=r"callbacks=toy: .*holds images; choose callbacks=default"):
        train(composed(*images))


def test_a_grid_of_points_is_refused(composed):
    with pytest.raises(SettingError, match=r"callbacks=default: .*points; choose callbacks=toy"):
        train(composed("experiment=toy_ring", "callbacks=default"))
