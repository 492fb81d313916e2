"""Which sizes networks take, and what messages about others propose."""

import re

import pytest
import torch
from torch import Tensor

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.losses import Wasserstein
from gan_lightning.networks import Discriminator, Generator
from gan_lightning.networks.contracts import as_setting, channels_at, check_size, doublings, enlargements
from gan_lightning.networks.sequence_critics import SequenceDiscriminator


def test_doublings_undo_powers_of_two_and_other_resolutions_are_refused() -> None:
    powers = {start * 2**times: times for start in (4, 8) for times in range(9)}
    assert [doublings(side, start=4) for side in (16, 32, 256, 1024)] == [2, 3, 6, 8]
    for resolution in range(2, 200):
        if resolution in powers and resolution >= 16:
            assert 4 * 2 ** doublings(resolution, start=4) == 8 * 2 ** doublings(resolution, start=8) == resolution
        else:
            with pytest.raises(SettingError, match=f"dataset.resolution={resolution}: .* power of two, at least 16"):
                doublings(resolution, start=4)
    with pytest.raises(SettingError, match="dataset.resolution=1: these data are points"):
        doublings(1, start=4)


def test_maps_hold_as_many_numbers_a_row_from_32_pixels_on() -> None:
    assert {side * channels_at(side, 512) for side in (32, 64, 128, 256, 512, 1024)} == {32 * 512}
    assert [channels_at(side, 8) for side in (4, 8, 16, 1024)] == [8, 8, 8, 1]


def test_pictures_become_larger_by_doubling() -> None:
    assert [2 ** enlargements(scale, "a network") for scale in (1, 2, 4, 8)] == [1, 2, 4, 8]
    with pytest.raises(SettingError, match=r"scale=6: a network makes pictures 1, 2, 4 or 8 times larger"):
        enlargements(6, "a network")


@pytest.mark.parametrize(("multiple", "minimum"), [(4, 8), (16, 16), (1, 24)])
def test_a_refusal_names_the_nearest_sizes_that_fit(multiple: int, minimum: int) -> None:
    fitting = [side for side in range(200) if side % multiple == 0 and side >= minimum]
    for side in range(1, 100):
        if side in fitting:
            check_size((side, side), multiple, minimum, "this network")
            continue
        with pytest.raises(SettingError, match=f"dataset.resolution={side}: this network takes") as refusal:
            check_size((side, side), multiple, minimum, "this network")
        below, above = [n for n in fitting if n < side][-1:], next(n for n in fitting if n > side)
        nearest = str(refusal.value).split("the nearest")[1]
        assert [int(number) for number in re.findall(r"\d+", nearest)] == [*below, above]


def test_sizes_are_written_as_they_are_typed() -> None:
    assert (as_setting((64, 64)), as_setting((64, 96))) == ("64", "[64,96]")


class Plain(Generator):
    latent_dim = 2

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return z[:, :, None, None] + condition[:, None, None, None]


class Constant(Discriminator):
    def forward(self, image: Tensor, condition: Tensor) -> Verdict:
        return Verdict(image.flatten(1)[:, :1], image.flatten(1))


class ConstantReader(SequenceDiscriminator):
    def forward(self, token: Tensor) -> Verdict:
        return Verdict(token[:, :1], token)


@pytest.mark.parametrize(
    ("given", "wide"), [(torch.bfloat16, torch.float32), (torch.float32, torch.float32), (torch.float64, torch.float64)]
)
def test_logits_have_at_least_the_digits_of_float32(given: torch.dtype, wide: torch.dtype) -> None:
    image = torch.randn(3, 1, 2, 2, dtype=given)
    for verdict in (Constant()(image, torch.zeros(3)), ConstantReader()(image.flatten(1))):
        assert (verdict.logits.dtype, verdict.features.dtype) == (wide, given)
        assert torch.equal(verdict.logits, image.flatten(1)[:, :1].to(wide))


def test_a_distance_of_large_logits_is_exact_in_bfloat16() -> None:
    """Those of a critic, which have no bound: the means 300 and 301 are the same number in bfloat16."""
    critic, condition = Constant(), torch.zeros(4)
    real, fake = torch.tensor([300.0, 300.0, 304.0, 300.0]), torch.tensor([300.0, 300.0, 300.0, 300.0])
    on_real, on_fake = (critic(side.bfloat16().view(4, 1, 1, 1), condition).logits for side in (real, fake))
    assert Wasserstein().discriminator(on_real, on_fake) == -1
    assert Wasserstein().discriminator(real.bfloat16(), fake.bfloat16()) != -1


def test_without_a_mapping_w_is_the_noise() -> None:
    generator, z, condition = Plain(), torch.randn(3, 2), torch.arange(3.0)
    made = generator(z, condition)
    assert torch.equal(generator.synthesise(generator.map(z, condition), condition), made)
    assert generator.mean_w() is None
    assert generator.gaussian(condition) is None
    assert generator.counterparts(made) is made
