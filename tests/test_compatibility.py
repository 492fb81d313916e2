"""What makes no sense together is refused with the reason, and all else is not."""

import inspect
import logging
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from gan_lightning.compatibility import Parts, compare, compare_with_data, warn
from gan_lightning.errors import SettingError
from gan_lightning.losses import (
    DRAGAN,
    R1,
    R2,
    AdversarialLoss,
    Consistency,
    Constraint,
    EnergyBased,
    GradientPenalty,
    Hinge,
    LabelFlips,
    LeCam,
    Penalty,
    RelativisticAverage,
    TopK,
    Wasserstein,
    WeightClipping,
    WrappedLoss,
)


def critic(norm: str) -> nn.Module:
    """Of the three kinds that matter, with what matters below the surface."""
    layer = nn.Conv2d(3, 3, 3)
    if norm == "spectral":
        layer = spectral_norm(layer)
    return nn.ModuleDict({"a": nn.Sequential(layer, nn.BatchNorm2d(3) if norm == "batch" else nn.GroupNorm(1, 3))})


PENALTIES = {
    "gradient": GradientPenalty(),
    "one_sided": GradientPenalty(one_sided=True),
    "dragan": DRAGAN(),
    "r1": R1(),
    "r2": R2(),
    "consistency": Consistency(),
    "lecam": LeCam(),
}


@pytest.mark.parametrize(
    ("norm", "penalty", "constraints"),
    [*product(["batch", "layer", "spectral"], PENALTIES, [{}, {"clipping": WeightClipping()}])],
)
def test_contradictions_alone_are_refused(norm: str, penalty: str, constraints: dict[str, Constraint]) -> None:
    expected = None
    if norm == "batch" and penalty not in ("consistency", "lecam"):
        expected = f"penalty={penalty} constrains the score of one image.*critic_norm=layer"
    elif constraints and norm == "spectral":
        expected = r"constraint=clipping bounds weights that spectral norm.*constraint=none"
    elif constraints and penalty in ("gradient", "dragan"):
        expected = rf"penalty={penalty} asks the discriminator for slopes of one.*constraint=clipping.*constraint=none"
    given = Parts(Hinge(), critic(norm), {penalty: PENALTIES[penalty]}, constraints)
    if expected is None:
        compare(given)
    else:
        with pytest.raises(SettingError, match=expected):
            compare(given)


def test_the_guilty_one_of_several_penalties_is_named() -> None:
    with pytest.raises(SettingError, match="penalty=r1,dragan constrains"):
        compare(Parts(Hinge(), critic("batch"), {"r1": R1(), "lecam": LeCam(), "dragan": DRAGAN()}))


def test_points_are_not_moved() -> None:
    parts = Parts(Hinge(), critic("layer"), {"lecam": LeCam(), "consistency": Consistency()})
    compare_with_data(parts, {"height": 1, "kind": "images"})
    compare_with_data(parts, {"height": 2})  # of a translator
    with pytest.raises(SettingError, match=r"penalty=consistency: moves or colours pixels, .* holds points"):
        compare_with_data(parts, {"height": 1, "kind": "points"})


class Declares(AdversarialLoss):
    """Every declaration of a loss, with a value that none has by default."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return fake.mean()


for number, name in enumerate(AdversarialLoss.__annotations__):
    setattr(Declares, name, f"declared {number}")


def kinds_of(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from kinds_of(below)


def is_wrapper(kind: type) -> bool:
    return any("AdversarialLoss" in str(one.annotation) for one in inspect.signature(kind).parameters.values())


WRAPPERS = [kind for kind in kinds_of(AdversarialLoss) if not inspect.isabstract(kind) and is_wrapper(kind)]


def test_every_loss_of_a_loss_is_a_wrapped_loss() -> None:
    assert {kind.__name__ for kind in WRAPPERS} >= {"RelativisticAverage", "LabelFlips", "TopK"}
    assert all(issubclass(kind, WrappedLoss) for kind in WRAPPERS)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("name", AdversarialLoss.__annotations__)
def test_wrappers_declare_what_they_wrap_but_for_what_they_set(wrapper: Any, name: str) -> None:
    numbers = [0.25 for _ in inspect.signature(wrapper).parameters][1:]
    made = wrapper(wrapper(Declares(), *numbers), *numbers)  # also of one another
    assert getattr(made, name) == vars(wrapper).get(name, getattr(Declares, name))


@pytest.mark.parametrize(
    ("loss", "norm", "penalties", "constraints", "warned"),
    [
        (Wasserstein(), "batch", [], [], True),
        (Wasserstein(), "layer", [LeCam(), Consistency()], [], True),
        (TopK(LabelFlips(Wasserstein(), 0.1), 0.5), "batch", [], [], True),
        (RelativisticAverage(Wasserstein()), "batch", [], [], True),
        (Wasserstein(), "spectral", [], [], False),
        (Wasserstein(), "batch", [], [WeightClipping()], False),
        *((Wasserstein(), "layer", [PENALTIES[name]], [], False) for name in ("gradient", "one_sided", "dragan")),
        *((Wasserstein(), "layer", [penalty], [], False) for penalty in (R1(), R2())),
        (Hinge(), "batch", [], [], False),
        (TopK(Hinge(), 0.5), "batch", [], [], False),
    ],
)
def test_a_loss_that_needs_a_lipschitz_critic_warns_without_one(
    caplog: pytest.LogCaptureFixture,
    loss: AdversarialLoss,
    norm: str,
    penalties: list[Penalty],
    constraints: list[Constraint],
    warned: bool,
) -> None:
    with caplog.at_level(logging.WARNING):
        named = [{str(i): part for i, part in enumerate(parts)} for parts in (penalties, constraints)]
        warn(Parts(loss, critic(norm), *named, gives_energy=True))
    assert len(caplog.messages) == warned
    assert all("critic_norm=spectral" in message for message in caplog.messages)


@pytest.mark.parametrize(
    "loss",
    [
        EnergyBased(0.1),
        TopK(LabelFlips(EnergyBased(0.1), 0.1), 0.5),
        RelativisticAverage(EnergyBased(0.1)),
        Hinge(),
    ],
)
@pytest.mark.parametrize("gives_energy", [False, True])
def test_a_loss_of_energies_warns_where_there_are_none(
    caplog: pytest.LogCaptureFixture, loss: AdversarialLoss, gives_energy: bool
) -> None:
    with caplog.at_level(logging.WARNING):
        warn(Parts(loss, critic("layer"), gives_energy=gives_energy))
    assert ["network=autoencoder" in message for message in caplog.messages] == [True] * (
        not gives_energy and not isinstance(loss, Hinge)
    )


@pytest.mark.parametrize("penalty", [GradientPenalty, DRAGAN, Consistency, LeCam])
def test_a_negative_weight_of_a_penalty_is_refused(penalty: Any) -> None:
    with pytest.raises(SettingError, match=r"penalty\.\*\.weight=-0\.1: a number from 0"):
        penalty(weight=-0.1)


@pytest.mark.parametrize("penalty", [R1, R2])
@pytest.mark.parametrize("gamma", [-1.0, float("nan")])
def test_a_gamma_that_is_not_at_least_zero_is_refused(penalty: Any, gamma: float) -> None:
    with pytest.raises(SettingError, match=rf"penalty\.\*\.gamma={gamma}: a number from 0"):
        penalty(gamma=gamma)
