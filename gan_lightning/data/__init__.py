"""Data modules and the sources of their images."""

from gan_lightning.data.authors import download
from gan_lightning.data.avatars import AvatarAttribute, Avatars, AvatarStyles
from gan_lightning.data.contracts import (
    DataSpec,
    Draw,
    Images,
    PairedSpec,
    Sides,
    SidesSource,
    Source,
    UnpairedSpec,
)
from gan_lightning.data.fake import Fake, FakeSides
from gan_lightning.data.files import FileImages
from gan_lightning.data.folder import Folder
from gan_lightning.data.images import TensorImages
from gan_lightning.data.joined import JoinedImages
from gan_lightning.data.loader import loader
from gan_lightning.data.mixtures import Grid, Mixture, Ring
from gan_lightning.data.module import ImageData
from gan_lightning.data.openmoji import OpenMojiOutline
from gan_lightning.data.pictures import find_pictures, picture_files, read_picture
from gan_lightning.data.points import PointData
from gan_lightning.data.sampler import EpochBatches, Place
from gan_lightning.data.sides import AlignedFolder, PairedFolder, UnpairedFolder
from gan_lightning.data.translation import PairedData, UnpairedData
from gan_lightning.data.vision import Digits, Vision, fashion_mnist

__all__ = [
    "AlignedFolder",
    "AvatarAttribute",
    "AvatarStyles",
    "Avatars",
    "DataSpec",
    "Digits",
    "Draw",
    "EpochBatches",
    "Fake",
    "FakeSides",
    "FileImages",
    "Folder",
    "Grid",
    "ImageData",
    "Images",
    "JoinedImages",
    "Mixture",
    "OpenMojiOutline",
    "PairedData",
    "PairedFolder",
    "PairedSpec",
    "Place",
    "PointData",
    "Ring",
    "Sides",
    "SidesSource",
    "Source",
    "TensorImages",
    "UnpairedData",
    "UnpairedFolder",
    "UnpairedSpec",
    "Vision",
    "download",
    "fashion_mnist",
    "find_pictures",
    "loader",
    "picture_files",
    "read_picture",
]
