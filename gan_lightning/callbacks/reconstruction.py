"""How far held-out images are from what an encoder and a generator make of them."""

from typing import Any, final

import lightning.pytorch as L
import torch

from gan_lightning.data import ImageData
from gan_lightning.errors import SettingError
from gan_lightning.models import Encoding
from gan_lightning.ranges import Many, within

BATCH = 256


@final
class ReconstructionError(L.Callback):
    """Logs `reconstruction_error` after every validation: the mean squared error, over pixels and channels in [-1, 1],
    of the reconstructions of images that training did not see. Encoder and generator are those that samples come from.

    Args:
        images: how many, or all that are held out.

    Raises:
        SettingError: a count below one; before training, a model without an encoder.
    """

    def __init__(self, images: Many) -> None:
        self.images = within("callbacks.reconstruction.images", Many, images)

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        if not isinstance(pl_module, Encoding) or not isinstance(data, ImageData):
            raise SettingError(
                "callbacks=reconstruction, as in callbacks=encoder: is for models with an encoder, such as model=vae; "
                "leave it out"
            )
        self.held_out = data.held_out(self.images)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        total = torch.zeros((), dtype=torch.float64)
        for image, condition in zip(*(part.split(BATCH) for part in self.held_out), strict=True):
            given = image.to(pl_module.device)
            error = (pl_module.reconstruct(given, condition.to(pl_module.device)).float() - given).square()
            total += error.double().sum().cpu()
        pl_module.record({"reconstruction_error": total / self.held_out.image.numel()}, shown=())
