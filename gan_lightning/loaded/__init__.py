"""A trained model as Python has it: pictures of Pillow in and out."""

from gan_lightning.loaded.loading import load, of_checkpoint
from gan_lightning.loaded.model import TrainedModel
from gan_lightning.loaded.pictures import grid

__all__ = ["TrainedModel", "grid", "load", "of_checkpoint"]
