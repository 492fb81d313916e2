"""Collections that do not fit a disk: read shard by shard with LitData, from a folder or from a store of objects."""

import hashlib
import os
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_lightning.data.contracts import Images, NoSplitError, Source
from gan_lightning.data.images import square
from gan_lightning.data.levels import is_deep, range_of_format
from gan_lightning.data.notes import Note, shown
from gan_lightning.data.pictures import check_channels, picture_pixels
from gan_lightning.data.sampler import TOGETHER
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Few, PathText


@final
class Streamed(Source):
    """Pictures in the shards of LitData (`litdata.optimize` writes them), local or at an address such as s3://...

    Only the shards that are being read are on this machine; LitData deletes others when they take more than
    `max_cache_size`. Images are shuffled within a few shards at a time. Which image comes when still depends on the
    seed and the epoch alone, so a resumed run goes on inside an epoch.

    Args:
        path: folder or address with a subfolder for each split, train and test; or of the split train alone.
        image: key of the picture in each sample: an encoded file as bytes, a Pillow image, or (C, H, W) uint8. Of 16
            bits, 0 to 65535 become 0 to 255; 32 bits and signed numbers are refused.
        labels: a file `.npy` with the class (N,) of each training image, counted from 0 and in the order of the
            shards; None without labels. Validation needs them before the pictures have been read.
        channels: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); pictures are converted.
        max_cache_size: of the shards that are kept on this machine, such as 50GB.

    Raises:
        SettingError: LitData is not installed; there are no shards; a sample without such a key; labels of another
            number.
    """

    def __init__(
        self,
        path: PathText,
        image: str = "image",
        labels: PathText | None = None,
        channels: Few = 3,
        max_cache_size: str = "50GB",
    ) -> None:
        check_channels("channels", channels)
        self.path = str(path) if "://" in str(path) else os.path.abspath(os.path.expanduser(path))
        self.image, self.labels = image, labels
        self.channels, self.max_cache_size = channels, max_cache_size

    def load(self, split: str, resolution: int) -> Images:
        folder = self._folders.get(split)
        if folder is None:
            raise NoSplitError(
                f"split={split}: dataset.source.path={self.path} has the splits {', '.join(self._folders)}; shards in "
                f"a subfolder `{split}` would add one"
            )
        labels = self._read_labels() if split == "train" and self.labels is not None else None
        return StreamedImages(folder, self.image, self.channels, resolution, self.max_cache_size, labels)

    @cached_property
    def _folders(self) -> Mapping[str, str]:
        """The folders or addresses of the splits that there are."""
        below = {split: f"{self.path}/{split}" for split in ("train", "test")}
        there = {split: folder for split, folder in below.items() if _has_shards(folder, self.max_cache_size)}
        if "train" in there:
            return there
        if _has_shards(self.path, self.max_cache_size):
            return {"train": self.path}
        raise SettingError(
            f"dataset.source.path={self.path}: holds no shards of LitData (a file index.json), nor does a subfolder "
            "train; litdata.optimize writes them"
        )

    def _read_labels(self) -> Tensor:
        try:
            labels = np.load(os.path.expanduser(str(self.labels)), allow_pickle=False)
        except (OSError, ValueError) as error:
            raise SettingError(
                f"dataset.source.labels={self.labels}: cannot be read as a .npy file ({error})"
            ) from error
        if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer) or labels.size == 0 or labels.min() < 0:
            raise SettingError(
                f"dataset.source.labels={self.labels}: holds {labels.dtype} of shape {labels.shape}; needed is one "
                "whole number from 0 for each image"
            )
        return torch.from_numpy(labels.astype(np.int64))


@final
class StreamedImages(Images):
    """The images of one split in the shards of LitData, each cut to a square around its centre."""

    def __init__(
        self,
        folder: str,
        key: str,
        channels: int,
        resolution: int,
        max_cache_size: str,
        labels: Tensor | None,
    ) -> None:
        self.folder, self.key, self.max_cache_size = folder, key, max_cache_size
        self.channels, self.size = channels, (resolution, resolution)
        self._process: tuple[int, Any] | None = None
        shards = self._shards()
        self.blocks: Sequence[int] = [end - begin for begin, end in shards.region_of_interest]
        self.label_name = None if labels is None else "label"
        self.attributes = {} if labels is None else {"label": labels}
        self.class_names = [] if labels is None else [str(i) for i in range(int(labels.max()) + 1)]
        if labels is not None and len(labels) != len(self):
            raise SettingError(
                f"dataset.source.labels: {len(labels):,} labels for {len(self):,} images of {shown(folder, 300)}"
            )
        self.fingerprint = self._hash()
        self.notes = [Note("Streamed", f"{len(self.blocks):,} shards, shuffled {TOGETHER} at a time")]

    def _hash(self) -> str:
        """Of the list of the shards, which is the same for pictures of as many bytes, of the first picture, which tells
        such collections and splits apart, and of the labels."""
        digest = hashlib.sha256(Path(self._shards().input_dir.path, "index.json").read_bytes())
        digest.update(repr((self.key, self.channels, self.size)).encode())
        digest.update(self.pixels([0]).numpy().tobytes())
        for labels in self.attributes.values():
            digest.update(labels.numpy().tobytes())
        return digest.hexdigest()[:16]

    def __len__(self) -> int:
        return sum(self.blocks)

    def pixels(self, positions: list[int]) -> Tensor:
        return torch.stack([self._picture(position) for position in positions])

    def _picture(self, position: int) -> Tensor:
        where = f"image {position} of {shown(self.folder, 300)}"
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*buffer is not writable.*")  # LitData's tensors are read, and copied
            sample = self._shards()[position]
        if not isinstance(sample, dict) or self.key not in sample:
            keys = ", ".join(map(str, sample)) if isinstance(sample, dict) else f"a {type(sample).__name__}"
            raise SettingError(f"dataset.source.image={self.key}: {where} has no such key, but {keys}")
        try:
            pixels = _decoded(sample[self.key], self.channels)
        except Exception as error:  # broken files make Pillow raise almost anything
            raise SettingError(f"{where} cannot be read ({shown(str(error) or type(error).__name__, 200)})") from error
        return square(pixels, self.size[0])

    def _shards(self) -> Any:
        """LitData's reader, one for each process: its threads do not survive a fork."""
        if self._process is None or self._process[0] != os.getpid():
            self._process = (os.getpid(), _opened(self.folder, self.max_cache_size))
        return self._process[1]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_process": None}


def _has_shards(folder: str, max_cache_size: str) -> bool:
    """Whether shards lie in a folder or at an address."""
    if "://" not in folder:
        return os.path.isfile(os.path.join(folder, "index.json"))
    try:
        _opened(folder, max_cache_size)
    except SettingError:
        raise
    except Exception:  # every store of objects has errors of its own
        return False
    return True


def _opened(folder: str, max_cache_size: str) -> Any:
    """LitData's reader of the shards.

    Raises:
        SettingError: LitData is not installed.
    """
    try:
        from litdata import StreamingDataset
    except ImportError as error:
        raise SettingError("dataset=streamed needs LitData: pip install 'gan-lightning[streaming]'") from error
    return StreamingDataset(folder, max_cache_size=max_cache_size)


def _decoded(value: Any, channels: int) -> Tensor:
    """A picture (channels, H, W) uint8 from what a sample holds."""
    if isinstance(value, bytes | bytearray | memoryview):
        with Image.open(BytesIO(value)) as picture:
            return _with_known_range(picture, channels)
    if isinstance(value, Tensor | np.ndarray):
        array = np.asarray(value)
        if array.dtype != np.uint8 or array.ndim != 3:
            raise ValueError(f"{array.dtype} of shape {array.shape}, and not uint8 (C, H, W)")
        if array.shape[0] == channels:
            return torch.from_numpy(np.array(array))
        value = Image.fromarray(array[0] if array.shape[0] == 1 else array.transpose(1, 2, 0))
    return _with_known_range(value, channels)


def _with_known_range(picture: Image.Image, channels: int) -> Tensor:
    """A picture of 8 bits, or of 16, whose 0 to 65535 become 0 to 255 in all pictures alike."""
    if is_deep(picture) and range_of_format(picture) is None:
        raise ValueError(
            "numbers of 32 bits, or signed ones, of which nobody says what is black and white; write 8 or 16 bits"
        )
    return picture_pixels(picture, channels)
