"""Statistics of batch norm that are gathered before samples are scored."""

from typing import final

import lightning.pytorch as L

from gan_lightning.models import FromNoise
from gan_lightning.models.standing import renew_statistics


@final
class StandingStatistics(L.Callback):
    """Gives a generator new statistics before every validation (`renew_statistics`), on its device.

    All processes draw the same images, and so find the same statistics.

    Args:
        passes: batches of images.
        seed: of the noise.
        truncation: of the noise; None for none.
    """

    def __init__(self, passes: int, seed: int, truncation: float | None) -> None:
        self.passes, self.seed, self.truncation = passes, seed, truncation

    def on_validation_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        assert isinstance(pl_module, FromNoise)
        renew_statistics(pl_module, self.passes, self.seed, self.truncation)
