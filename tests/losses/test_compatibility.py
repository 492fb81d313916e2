"""What makes no sense together is refused with the reason, and all else is not."""

import logging
from itertools import product
from typing import Any

import pytest
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

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
    refuse_contradictions,
    warn_without_energy,
    warn_without_lipschitz,
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
    given = critic(norm), {penalty: PENALTIES[penalty]}, constraints
    if expected is None:
        refuse_contradictions(*given)
    else:
        with pytest.raises(SettingError, match=expected):
            refuse_contradictions(*given)


def test_the_guilty_one_of_several_penalties_is_named() -> None:
    with pytest.raises(SettingError, match="penalty=r1,dragan constrains"):
        refuse_contradictions(critic("batch"), {"r1": R1(), "lecam": LeCam(), "dragan": DRAGAN()}, {})


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
        warn_without_lipschitz(loss, critic(norm), penalties, constraints)
    assert len(caplog.messages) == warned
    assert all("critic_norm=spectral" in message for message in caplog.messages)


@pytest.mark.parametrize("loss", [EnergyBased(0.1), TopK(LabelFlips(EnergyBased(0.1), 0.1), 0.5), Hinge()])
@pytest.mark.parametrize("gives_energy", [False, True])
def test_a_loss_of_energies_warns_where_there_are_none(
    caplog: pytest.LogCaptureFixture, loss: AdversarialLoss, gives_energy: bool
) -> None:
    with caplog.at_level(logging.WARNING):
        warn_without_energy(loss, gives_energy)
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
