"""Whether parts fit each other: the only file that compares what some parts declare with what others do.

Training steps call `compare` when they are built, in Python as well as by Hydra; scores and callbacks call the other
functions before training. What only a configuration shows is compared in `composition.py`.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.parametrizations import _SpectralNorm

from gan_lightning.errors import SettingError

log = logging.getLogger(__name__)


class Objective(Protocol):
    """What an adversarial loss declares and is compared here; see `losses.AdversarialLoss`."""

    needs_lipschitz: bool
    needs_energy: bool
    decision_threshold: float | None


class Kind(Protocol):
    """What a kind of samples declares and is compared here; see `data.SampleKind`."""

    name: ClassVar[str]
    options: ClassVar[Mapping[str, str]]


class Parts(NamedTuple):
    """What meets in a training step with discriminators. The contracts of `losses` and `augment` say what each part
    declares.

    Attributes:
        loss: the adversarial objective.
        discriminator: the network or networks that it trains.
        penalties, constraints, augments, auxiliaries: by name, all that act on the discriminators.
        gives_energy: whether the discriminators' logits are minus energies, and so never positive.
        sees_pairs: whether a discriminator sees a picture together with its source.
        draw_labels: whether generated images have other classes than the real ones of their batch.
        uses_logits: whether the generator learns from the discriminators' logits.
        gives_vectors: whether conditions are vectors, as those of captions.
    """

    loss: Objective
    discriminator: nn.Module
    penalties: Mapping[str, Any] = {}
    constraints: Mapping[str, Any] = {}
    augments: Mapping[str, Any] = {}
    auxiliaries: Mapping[str, Any] = {}
    gives_energy: bool = False
    sees_pairs: bool = False
    draw_labels: bool = False
    uses_logits: bool = True
    gives_vectors: bool = False


def compare(parts: Parts) -> None:
    """Check that the parts of a training step do not contradict each other.

    Raises:
        SettingError: two of them do; the message names both.
    """
    per_sample = _names(parts.penalties, "per_sample")
    if per_sample and _has(parts.discriminator, _BatchNorm):
        raise SettingError(
            f"penalty={per_sample} constrains the score of one image, but the discriminator has batch "
            "normalisation, which mixes the batch; use critic_norm=instance, critic_norm=layer, "
            "critic_norm=none or critic_norm=spectral"
        )
    bounding = _names(parts.constraints, "bounds_weights")
    if bounding and _has(parts.discriminator, _SpectralNorm):
        raise SettingError(
            f"constraint={bounding} bounds weights that spectral norm then divides by their norm, so the bound "
            "has no effect; use another critic_norm, or constraint=none"
        )
    slope_one = _names(parts.penalties, "asks_slope_one")
    if bounding and slope_one:
        raise SettingError(
            f"penalty={slope_one} asks the discriminator for slopes of one, which weights within the bounds of "
            f"constraint={bounding} cannot reach; use penalty=none, or constraint=none"
        )
    if parts.sees_pairs and parts.augments:
        raise SettingError(
            f"augment={','.join(parts.augments)}: this step's discriminator sees source and target together, which "
            "would have to be changed alike, and no augmentation does that yet; use augment=none"
        )
    moving = _names(parts.penalties, "moves_pixels")
    if parts.sees_pairs and moving:
        raise SettingError(
            f"penalty={moving}: moves the target of a pair but not its source, and this step's discriminator sees "
            "both together; choose another penalty"
        )
    if parts.loss.decision_threshold is None and _names(parts.augments, "needs_decision_threshold"):
        raise SettingError(
            "augment=ada follows how often the discriminator takes real images for real, and this loss has no "
            "score that separates the two; choose another loss, or augment.ada.target=null for a constant p"
        )
    if parts.draw_labels and (parts.penalties or parts.auxiliaries):
        raise SettingError(
            "model.draw_labels=true: penalties and auxiliary tasks are given one class for the i-th real and the "
            "i-th generated image, which would then differ; use penalty=none auxiliary=none, or "
            "model.draw_labels=false"
        )
    on_vectors = _names(parts.penalties, "needs_vectors")
    if on_vectors and not parts.gives_vectors:
        raise SettingError(
            f"penalty={on_vectors}: limits the slope in the vectors of captions, and this model reads no captions; "
            "choose penalty=r1, or a model that reads them, such as model=dfgan"
        )
    if not parts.uses_logits and not parts.auxiliaries:
        raise SettingError(
            "model.adversarial_weight=0: needs an auxiliary task, such as auxiliary=feature_matching, or the generator "
            "would have nothing to learn"
        )


def compare_with_data(parts: Parts, spec: Mapping[str, Any]) -> None:
    """Check that the parts of a training step are made for its data.

    Args:
        spec: of the data.

    Raises:
        SettingError: the data hold no images, and a part moves pixels; or the images are smaller than a penalty needs.
    """
    for group, members in (("penalty", parts.penalties), ("augment", parts.augments)):
        moving = _names(members, "moves_pixels")
        kind = spec.get("kind", "images")  # only data of samples from noise can be of another kind
        if moving and kind != "images":
            raise SettingError(
                f"{group}={moving}: moves or colours pixels, but this data set holds {kind}; leave it out, or choose "
                "augment=instance_noise"
            )
    if not {"height", "width"} <= spec.keys():
        return
    side = min(spec["height"], spec["width"])
    for name, penalty in parts.penalties.items():
        if side < penalty.least_side:
            raise SettingError(
                f"penalty={name}: needs images of {penalty.least_side} pixels or more on each side, and these have "
                f"{side}; choose larger ones, or a setting of penalty.{name} that asks for less, such as its shift"
            )


def warn(parts: Parts) -> None:
    """Warn of what is possible but seldom right: a loss that needs a Lipschitz discriminator where nothing makes it
    one, and a loss that needs energies where logits may be positive. Either may fall without limit."""
    limited = _names(parts.penalties, "limits_slope") or _names(parts.constraints, "bounds_weights")
    if parts.loss.needs_lipschitz and not limited and not _has(parts.discriminator, _SpectralNorm):
        log.warning(
            "This loss needs a Lipschitz discriminator, but nothing enforces that; consider critic_norm=spectral, "
            "penalty=gradient critic_norm=layer, or constraint=weight_clipping"
        )
    if parts.loss.needs_energy and not parts.gives_energy:
        log.warning(
            "This loss uses minus the logit as an energy, which must not be negative, but here it may be; "
            "consider network=autoencoder, as in model=ebgan"
        )


def compare_scores(typed: str, needs: Mapping[str, str], extractor: str | None, offers: Sequence[str]) -> None:
    """Check that an extractor gives what scores need.

    Args:
        typed: the scores as a user types them.
        needs: what each score needs of an image.
        extractor: its name; None without one.
        offers: what it gives.

    Raises:
        SettingError: a score lacks what it needs, or no score needs the extractor.
    """
    needs = {name: need for name, need in needs.items() if need != "pixels"}
    if extractor is None:
        for name, need in needs.items():
            raise SettingError(
                f"metrics={typed}: {name} needs the {need} of an extractor; add extractor=classifier or "
                "extractor=inception"
            )
        return
    if not needs:
        raise SettingError(
            f"extractor={extractor}: no score of metrics={typed} uses an extractor; leave it out, or "
            "add one that does, such as fid"
        )
    for name, need in needs.items():
        if need not in offers:
            raise SettingError(
                f"metrics={typed}: {name} needs {need}, but extractor={extractor} offers only "
                f"{' and '.join(offers)}; choose another extractor or leave {name} out"
            )


def compare_kind(part: str, made_for: str, held: Kind, group: str) -> None:
    """Check that data hold what a part is made for.

    Args:
        part: what it does, with its setting before it.
        made_for: the name of a kind of samples, such as `images`.
        held: the kind that the data hold.
        group: of options, which the part belongs to.

    Raises:
        SettingError: the data hold another kind; the message says which option of the group suits it.
    """
    if held.name != made_for:
        raise SettingError(f"{part}, and this data set holds {held.name}; choose {held.options[group]}")


def _names(parts: Mapping[str, Any], declaration: str) -> str:
    """The names of those parts that declare something."""
    return ",".join(name for name, part in parts.items() if getattr(part, declaration))


def _has(network: nn.Module, kind: type[nn.Module]) -> bool:
    return any(isinstance(module, kind) for module in network.modules())
