"""Pairs of settings that make no sense together, refused before training with the reason."""

import logging
from collections.abc import Iterable, Mapping

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrizations import _SpectralNorm

from gan_lightning.errors import SettingError
from gan_lightning.losses.contracts import AdversarialLoss, Constraint, Penalty

log = logging.getLogger(__name__)


def refuse_contradictions(
    discriminator: nn.Module, penalties: Mapping[str, Penalty], constraints: Mapping[str, Constraint]
) -> None:
    """Check that penalties, constraints and norm of a discriminator do not contradict each other.

    Raises:
        SettingError: a penalty on the score of one image and batch normalisation; bounds on weights and spectral
            norm, or a penalty that asks for slope one.
    """
    per_sample = ",".join(name for name, penalty in penalties.items() if penalty.per_sample)
    if per_sample and _has(discriminator, _BatchNorm):
        raise SettingError(
            f"penalty={per_sample} constrains the score of one image, but the discriminator has batch "
            "normalisation, which mixes the batch; use critic_norm=instance, critic_norm=layer, "
            "critic_norm=none or critic_norm=spectral"
        )
    bounding = ",".join(name for name, constraint in constraints.items() if constraint.bounds_weights)
    if bounding and _has(discriminator, _SpectralNorm):
        raise SettingError(
            f"constraint={bounding} bounds weights that spectral norm then divides by their norm, so the bound "
            "has no effect; use another critic_norm, or constraint=none"
        )
    slope_one = ",".join(name for name, penalty in penalties.items() if penalty.asks_slope_one)
    if bounding and slope_one:
        raise SettingError(
            f"penalty={slope_one} asks the discriminator for slopes of one, which weights within the bounds of "
            f"constraint={bounding} cannot reach; use penalty=none, or constraint=none"
        )


def warn_without_lipschitz(
    loss: AdversarialLoss, discriminator: nn.Module, penalties: Iterable[Penalty], constraints: Iterable[Constraint]
) -> None:
    """Warn if a loss needs a Lipschitz discriminator and nothing makes it one. The run goes on, but D's loss does not
    measure a distance, and may fall without limit."""
    limited = any(penalty.limits_slope for penalty in penalties)
    bounded = any(constraint.bounds_weights for constraint in constraints)
    if loss.needs_lipschitz and not limited and not bounded and not _has(discriminator, _SpectralNorm):
        log.warning(
            "This loss needs a Lipschitz discriminator, but nothing enforces that; consider critic_norm=spectral, "
            "penalty=gradient critic_norm=layer, or constraint=weight_clipping"
        )


def warn_without_energy(loss: AdversarialLoss, gives_energy: bool) -> None:
    """Warn if a loss needs energies and the discriminator's logits may be positive: D's loss has no lower
    bound then."""
    if loss.needs_energy and not gives_energy:
        log.warning(
            "The loss takes minus a logit for an energy, which is never negative, and this discriminator's may be: "
            "consider network=autoencoder, as in model=ebgan"
        )


def _has(network: nn.Module, kind: type[nn.Module]) -> bool:
    return any(isinstance(module, kind) for module in network.modules())
