"""Routes between named domains, as commands ask for them."""

import pytest
import torch

from gan_lightning.batch import Route
from gan_lightning.errors import SettingError
from gan_lightning.models.between_domains import BetweenDomains


class Adding(BetweenDomains):
    """Adds the number of its route, and the seed."""

    routes = (Route("a", "Blond_Hair"), Route("a", "dark"), Route("b", "dark"))
    channels = {"a": 1, "b": 1, "Blond_Hair": 1, "dark": 1}  # noqa: RUF012
    multiple, minimum = 4, 8

    @property
    def device(self):
        return torch.device("cpu")

    def translate_along(self, route, source, number, seed):
        return source + 10 * self.routes.index(route) + seed + number.view(-1, 1, 1, 1)


MODEL = Adding()
FIRST, SECOND, THIRD = MODEL.routes


def test_a_direction_is_the_name_of_a_route_and_the_first_is_the_usual_one():
    assert MODEL.route(None) is FIRST
    assert MODEL.route(THIRD.name) is THIRD
    with pytest.raises(
        SettingError, match=rf"^direction=c2d: this checkpoint has learnt {FIRST.name}, .*{THIRD.name} only"
    ):
        MODEL.route("c2d")


def test_domains_are_found_whatever_their_capitals_and_signs():
    assert MODEL.routes_into(["blond hair"]) == [FIRST]
    assert MODEL.routes_into(["DARK", "Blond-Hair"]) == [SECOND, FIRST]
    assert MODEL.routes_into(["all"]) == [FIRST, SECOND]  # the first route into each domain
    with pytest.raises(SettingError, match=r"^domain=red: this checkpoint translates into Blond_Hair, dark$"):
        MODEL.routes_into(["red"])


def test_pictures_have_numbers_that_key_their_noise():
    source = torch.zeros(3, 1, 8, 8)
    assert MODEL.translate(source, SECOND.name, seed=100)[:, 0, 0, 0].tolist() == [110, 111, 112]
    assert MODEL.translate(source, number=torch.tensor([5, 5, 7]))[:, 0, 0, 0].tolist() == [5, 5, 7]


def test_sizes_that_do_not_fit_are_refused():
    MODEL.check_size([8, 12])
    with pytest.raises(SettingError, match="Adding"):
        MODEL.check_size([8, 10])
    with pytest.raises(SettingError, match="Adding"):
        MODEL.check_size([4, 8])
