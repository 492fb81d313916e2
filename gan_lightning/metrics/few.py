"""Scores of so few images that they mean little: what each score should have is compared here, and nowhere else."""

import logging
from collections.abc import Mapping

from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import Score

log = logging.getLogger(__name__)


def warn_of_few(scores: Mapping[str, Score], real: RealSide, where: str = "") -> None:
    """Warn, in one sentence, of all scores that will be of fewer images than they should be.

    Args:
        scores: by full name, not begun.
        real: what the images will be compared with.
        where: which direction of a translation this is about.
    """
    few = {
        name: (has, enough)
        for name, score in scores.items()
        if (has := score.count(real)) < (enough := score.enough(real))
    }
    if not few:
        return
    lacking = [f"{name} is of {has:,} and should be of {enough:,} or more" for name, (has, enough) in few.items()]
    log.warning(
        "%stoo few images for reliable scores: %s; compare such values only with "
        "values of as many images, and with those of real images",
        *(f"{where}: " if where else "", "; ".join(lacking)),
    )
