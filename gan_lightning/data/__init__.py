"""Data modules and the sources of their images."""

from gan_lightning.data.captioned import captioned_rows
from gan_lightning.data.captions import NOT_SAID, Asked, Captions, CaptionSpec, Option
from gan_lightning.data.contracts import (
    DataSpec,
    Draw,
    Images,
    NoSplitError,
    PairedSpec,
    Sides,
    SidesSource,
    Source,
    UnpairedSpec,
    quantise,
    scaled,
)
from gan_lightning.data.degradations import Degradation, Grey, Holes, Jpeg, LowResolution, Noise
from gan_lightning.data.domains import DomainsData, DomainsSource, DomainsSpec, LabelledPictures, domain_name
from gan_lightning.data.files import FileImages
from gan_lightning.data.found import NOWHERE, UNREADABLE, Found, check_folder, find_pictures, is_picture, picture_files
from gan_lightning.data.grids import FRAME, PADDING, framed, grid, in_colour, read_png, save_png
from gan_lightning.data.held_out import TranslationData
from gan_lightning.data.images import TensorImages
from gan_lightning.data.kinds import ImageKind, PointKind, SampleKind, kind_named, kind_of
from gan_lightning.data.levels import ValueRange, measure
from gan_lightning.data.loader import READER_LOST, loader, reader_fault, readers_ended
from gan_lightning.data.module import ImageData
from gan_lightning.data.notes import WARNING, Note, listed, shown
from gan_lightning.data.photographs import Photographs, PhotographSource
from gan_lightning.data.pictures import deep_values, picture_pixels, read_picture, save_values
from gan_lightning.data.points import PointData
from gan_lightning.data.queries import in_turn
from gan_lightning.data.restoration import RestorationData
from gan_lightning.data.sampler import EpochBatches, Place, place
from gan_lightning.data.sequence_kind import SequenceKind
from gan_lightning.data.sequences import OF_SEQUENCES, SequenceData, SequenceSource, SequenceSpec
from gan_lightning.data.sources.authors import download
from gan_lightning.data.sources.avatar_captions import AvatarCaptions
from gan_lightning.data.sources.avatar_domains import AvatarDomains
from gan_lightning.data.sources.avatars import AvatarAttribute, Avatars, AvatarStyles
from gan_lightning.data.sources.colours import colour_names, with_colour_names
from gan_lightning.data.sources.enlarged import EnlargedImages
from gan_lightning.data.sources.expressions import Expressions
from gan_lightning.data.sources.fake import Fake, FakeCaptions, FakeDomains, FakeSides
from gan_lightning.data.sources.folder import Folder
from gan_lightning.data.sources.joined import JoinedImages
from gan_lightning.data.sources.label_table import LabelTable
from gan_lightning.data.sources.mixtures import Grid, Mixture, Ring
from gan_lightning.data.sources.names import Surnames
from gan_lightning.data.sources.openmoji import OpenMojiOutline
from gan_lightning.data.sources.photographs import PhotographFolder, Wallpapers
from gan_lightning.data.sources.random_lstm import RandomLSTM
from gan_lightning.data.sources.selected import SelectedImages, shuffled_positions, spread, without_pattern
from gan_lightning.data.sources.sentences import Sentences
from gan_lightning.data.sources.sides import AlignedFolder, PairedFolder, UnpairedFolder
from gan_lightning.data.sources.streamed import Streamed
from gan_lightning.data.sources.unchanged import Unchanged
from gan_lightning.data.sources.vision import Digits, Vision, fashion_mnist
from gan_lightning.data.translation import PairedData, UnpairedData

__all__ = [
    "FRAME",
    "NOT_SAID",
    "NOWHERE",
    "OF_SEQUENCES",
    "PADDING",
    "READER_LOST",
    "UNREADABLE",
    "WARNING",
    "AlignedFolder",
    "Asked",
    "AvatarAttribute",
    "AvatarCaptions",
    "AvatarDomains",
    "AvatarStyles",
    "Avatars",
    "CaptionSpec",
    "Captions",
    "DataSpec",
    "Degradation",
    "Digits",
    "DomainsData",
    "DomainsSource",
    "DomainsSpec",
    "Draw",
    "EnlargedImages",
    "EpochBatches",
    "Expressions",
    "Fake",
    "FakeCaptions",
    "FakeDomains",
    "FakeSides",
    "FileImages",
    "Folder",
    "Found",
    "Grey",
    "Grid",
    "Holes",
    "ImageData",
    "ImageKind",
    "Images",
    "JoinedImages",
    "Jpeg",
    "LabelTable",
    "LabelledPictures",
    "LowResolution",
    "Mixture",
    "NoSplitError",
    "Noise",
    "Note",
    "OpenMojiOutline",
    "Option",
    "PairedData",
    "PairedFolder",
    "PairedSpec",
    "PhotographFolder",
    "PhotographSource",
    "Photographs",
    "Place",
    "PointData",
    "PointKind",
    "RandomLSTM",
    "RestorationData",
    "Ring",
    "SampleKind",
    "SelectedImages",
    "Sentences",
    "SequenceData",
    "SequenceKind",
    "SequenceSource",
    "SequenceSpec",
    "Sides",
    "SidesSource",
    "Source",
    "Streamed",
    "Surnames",
    "TensorImages",
    "TranslationData",
    "Unchanged",
    "UnpairedData",
    "UnpairedFolder",
    "UnpairedSpec",
    "ValueRange",
    "Vision",
    "Wallpapers",
    "captioned_rows",
    "check_folder",
    "colour_names",
    "deep_values",
    "domain_name",
    "download",
    "fashion_mnist",
    "find_pictures",
    "framed",
    "grid",
    "in_colour",
    "in_turn",
    "is_picture",
    "kind_named",
    "kind_of",
    "listed",
    "loader",
    "measure",
    "picture_files",
    "picture_pixels",
    "place",
    "quantise",
    "read_picture",
    "read_png",
    "reader_fault",
    "readers_ended",
    "save_png",
    "save_values",
    "scaled",
    "shown",
    "shuffled_positions",
    "spread",
    "with_colour_names",
    "without_pattern",
]
