"""Whether a class of the user's own keeps a contract, and what is asked of it."""

from abc import ABC, abstractmethod

import pytest

from gan_lightning.contracts import check_contract, check_contracts
from gan_lightning.errors import SettingError


class Contract(ABC):
    weight: float
    name: str = "given"

    @abstractmethod
    def __call__(self, real, fake):
        """A loss."""


# As those of this package, whose contracts alone are read.
Contract.__module__ = "gan_lightning.losses.contracts"


class Good(Contract):
    weight = 1.0

    def __call__(self, real, fake, scale=2):
        return scale * (real - fake)


class Short(Contract):
    weight = 1.0

    def __call__(self, real):
        return real


class Weightless(Contract):
    def __call__(self, real, fake):
        return real


def test_a_part_that_keeps_its_contract_passes():
    check_contract("loss", Good(), Contract)
    check_contracts("penalty", {"one": Good(), "two": Good()}, Contract)


@pytest.mark.parametrize(
    ("part", "told"),
    [
        (object(), "loss: object does not derive from Contract; gan_lightning.losses.Contract asks for"),
        (Short(), "loss: Short has a call(real); gan_lightning.losses.Contract asks for"),
        (Weightless(), "loss: Weightless does not set weight; gan_lightning.losses.Contract asks for"),
    ],
)
def test_what_is_missing_is_named_beside_all_that_is_asked(part, told):
    with pytest.raises(SettingError) as error:
        check_contract("loss", part, Contract)
    assert str(error.value) == f"{told} the attribute weight and a call(real, fake)"


def test_several_parts_need_names():
    with pytest.raises(SettingError, match=r"^penalty: an option of this group holds parts by name.*mine: {_target_"):
        check_contracts("penalty", Good(), Contract)
    with pytest.raises(SettingError, match=r"^penalty.two: Weightless does not set weight"):
        check_contracts("penalty", {"one": Good(), "two": Weightless()}, Contract)
