"""What models offer to those that sample from them: codes, reconstructions and translations; and a scale that fits."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from gan_lightning.batch import HeldOut, Route
from gan_lightning.errors import SettingError
from gan_lightning.models import Constant, Training
from gan_lightning.models.contracts import Encoding, Translating, check_scale
from gan_lightning.models.posteriors import DiagonalGaussian
from gan_lightning.networks import NoNorm, SRResNet, UNet


class Doubling(Encoding):
    """Images are w, and codes are half of an image; the mapping adds 0.25."""

    latent_dim, num_classes = 2, 0
    posterior = DiagonalGaussian()

    @property
    def averaged(self) -> Any:
        return SimpleNamespace(
            synthesise=lambda w, condition: 2 * w[:, :, None, None],
            map=lambda z, condition: z + 0.25,
            mean_w=lambda: torch.full((2,), 0.25),
        )

    @property
    def averaged_encoder(self) -> Any:
        return lambda image, condition: torch.cat([image.flatten(1) / 2, torch.full((len(image), 2), 9.0)], 1)

    def step(self, batches: list[Any]) -> None:
        """Nothing is trained."""


def test_an_image_goes_through_the_mean_of_its_latent_and_stays_in_range() -> None:
    model = Doubling(Training(schedule=Constant()))
    image, condition = torch.tensor([[0.2, -0.4], [0.9, -0.9]])[:, :, None, None], torch.zeros(2)
    torch.testing.assert_close(model.encode(image, condition), image.flatten(1) / 2)  # whatever the variances
    again = model.reconstruct(image, condition)
    torch.testing.assert_close(again, (image + 0.5).clamp(-1, 1))
    assert again.max() == 1
    assert model.critic is None


class Shifting(Translating):
    """Along a route, adds its number and that of the picture."""

    multiple = minimum = 1

    def __init__(self, *routes: Route) -> None:
        super().__init__(Training(schedule=Constant(), seed=100))
        self.routes = routes

    def translate_along(self, route: Route, source: Tensor, number: Tensor, seed: int) -> Tensor:
        return source + 10 * (1 + self.routes.index(route)) + number.view(-1, 1, 1, 1) + seed

    def step(self, batches: list[Any]) -> None:
        """Nothing is trained."""


def test_a_held_out_picture_is_translated_back_where_there_is_a_way_back() -> None:
    there, back = Route("a", "b"), Route("b", "a")
    batch = HeldOut(there, torch.tensor([3]), torch.zeros(1, 1, 1, 1), None)
    both = Shifting(there, back).validation_step(batch, 0)
    assert (both.output.item(), both.back.item()) == (113, 113 + 123)
    alone = Shifting(there).validation_step(batch, 0)
    assert alone.output.item() == 113
    assert alone.back is None


def test_networks_and_targets_have_the_same_scale() -> None:
    keeps, enlarges = UNet(3, 3, (32, 32), width=1, norm=NoNorm()), SRResNet(3, 3, 2, NoNorm(), width=4, blocks=1)
    check_scale(keeps, 1)
    check_scale(enlarges, 2)
    with pytest.raises(SettingError, match=r"4 times larger .* this UNet keeps the size; use network=srresnet or"):
        check_scale(keeps, 4)
    with pytest.raises(SettingError, match=r"as large as their sources, .* 2 times larger; leave .*scale out"):
        check_scale(enlarges, 1)
