"""Data modules and the sources of their images."""

from gan_lightning.data.avatars import Avatars
from gan_lightning.data.contracts import DataSpec, Draw, Images, Source
from gan_lightning.data.fake import Fake
from gan_lightning.data.folder import FileImages, Folder
from gan_lightning.data.images import TensorImages
from gan_lightning.data.module import ImageData
from gan_lightning.data.sampler import EpochBatches
from gan_lightning.data.vision import Digits, Vision, fashion_mnist

__all__ = [
    "Avatars",
    "DataSpec",
    "Digits",
    "Draw",
    "EpochBatches",
    "Fake",
    "FileImages",
    "Folder",
    "ImageData",
    "Images",
    "Source",
    "TensorImages",
    "Vision",
    "fashion_mnist",
]
