"""How often the discriminator is right."""

from typing import Any, final

import lightning.pytorch as L
import torch
from torch import Tensor

from gan_lightning.data import ImageData
from gan_lightning.errors import SettingError
from gan_lightning.models import AdversarialModule, FromNoise
from gan_lightning.ranges import Many, within

BATCH = 256


@final
class DiscriminatorAccuracy(L.Callback):
    """Logs the discriminator's accuracy on training, held-out and generated images after every validation.

    `accuracy_train`, `accuracy_held_out` and `accuracy_generated` are shares of images. A discriminator that has learnt
    the training images by heart takes held-out images for generated ones: the first stays high while the second falls
    (Brock et al. 2018, arXiv:1809.11096, section 4.2). Images are not augmented, and samples come from the generator's
    average.

    Args:
        images: of each kind, or all of a split with fewer.

    Raises:
        SettingError: a count below one; before training, a model that does not make images from noise, or an objective
            without a logit from which on an image is taken for real.
    """

    def __init__(self, images: Many) -> None:
        self.images = within("callbacks.discriminator_accuracy.images", Many, images)

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        from_noise = isinstance(pl_module, AdversarialModule) and isinstance(pl_module, FromNoise)
        if not (from_noise and isinstance(data, ImageData)) or pl_module.critic is None:
            raise SettingError(
                "callbacks=discriminator_accuracy: is for models that make images from noise and have a discriminator "
                "of images; leave it out"
            )
        if pl_module.loss.decision_threshold is None:
            raise SettingError(
                f"callbacks=discriminator_accuracy: {type(pl_module.loss).__name__} only compares scores, so no logit "
                "says from where on an image is real; leave it out, or choose another loss, as loss=hinge"
            )
        self.real = {"train": data.some("train", self.images), "held_out": data.held_out(self.images)}

    @torch.no_grad()
    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        taken = {name: self._taken_for_real(pl_module, *side) for name, side in self.real.items()}
        condition = pl_module.conditions(torch.arange(self.images))
        generated = pl_module.sample(self.images, condition)
        taken["generated"] = 1 - self._taken_for_real(pl_module, generated, condition)
        pl_module.record({f"accuracy_{name}": share for name, share in taken.items()}, shown=())

    def _taken_for_real(self, model: Any, image: Tensor, condition: Tensor) -> float:
        """The share of images (N, C, H, W) with conditions (N, ...) that the discriminator takes for real."""
        parts = zip(image.split(BATCH), condition.split(BATCH), strict=True)
        scores = [model.critic(*(part.to(model.device) for part in pair)).score for pair in parts]
        return float((torch.cat(scores) > model.loss.decision_threshold).double().mean())
