"""A network between two trained ones (Wang et al. 2018, arXiv:1809.00219, section 3.4)."""

import torch

from gan_lightning.errors import SettingError
from gan_lightning.models.contracts import Translating
from gan_lightning.ranges import Probability, within


@torch.no_grad()
def blend(first: Translating, second: Translating, share: float) -> Translating:
    """The second model, whose averaged weights become (1 - share) of the first one's and `share` of its own.

    Of a first stage on pixels and a second one with a discriminator that began with its weights, this chooses between
    few errors (0) and much detail (1).

    Args:
        first, second: of the same network.
        share: of the second.

    Raises:
        SettingError: their networks differ.
    """
    within("blend", Probability, share)
    ours, theirs = _averages(second), _averages(first)
    fits = ours.keys() == theirs.keys() and all(theirs[name].shape == value.shape for name, value in ours.items())
    if not fits or [route.name for route in first.routes] != [route.name for route in second.routes]:
        raise SettingError(
            f"blend={share}: the two checkpoints have different networks, whose weights cannot be mixed; take two "
            "stages of the same network"
        )
    for name, value in ours.items():
        if value.is_floating_point():
            value.lerp_(theirs[name].to(value.device), 1 - share)
    return second


def _averages(model: Translating) -> dict[str, torch.Tensor]:
    """The averaged weights and statistics of a model, by name."""
    averages = [player.average for player in model.players.values() if player.average is not None]
    return {
        f"{i}.{name}": value
        for i, average in enumerate(averages)
        for name, value in average.module.state_dict().items()
    }
