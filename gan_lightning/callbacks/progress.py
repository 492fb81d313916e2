"""The progress bar of training."""

from typing import final

from lightning.pytorch.callbacks import RichProgressBar

from gan_lightning.models import AdversarialModule


@final
class Progress(RichProgressBar):
    """Lightning's rich bar, headed by the share of the run's budget that is spent.

    Lightning would head it "Epoch 3/11", which says nothing where steps or images limit the run.
    """

    def _get_train_description(self, current_epoch: int) -> str:
        module = self.trainer.lightning_module
        assert isinstance(module, AdversarialModule)
        # As wide as the name of the validation bar, so that the two do not flicker.
        return f"{module.progress:4.0%} epoch {current_epoch}".ljust(len(self.validation_description))
