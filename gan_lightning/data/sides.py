"""Folders of pictures from two domains, in the layouts that are in use."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

from gan_lightning.data.contracts import Sides, SidesSource
from gan_lightning.data.files import FileImages, LeftHalf, RightHalf, Squeezed, held, no_broken
from gan_lightning.data.pictures import check_channels, picture_files
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded


@final
class AlignedFolder(SidesSource):
    """Pairs that are one picture each: a is its left half, b its right half.

    A split whose decoded size is at most `memory_limit` is read at once and held in memory, so a corrupt
    file is found before training; a larger one is read while training, best with dataset.num_workers > 0.

    Args:
        path: the folder. Its subfolders `train` and `test`, or `val` where there is no `test`, are the splits;
            without a folder of its own, every tenth picture is the test split.
        channels_a, channels_b: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); pictures are converted.
        memory_limit: bytes of decoded pictures that may be held in memory.
        skip_broken: name pictures that cannot be read in the log and let another one stand for each, in a pair for
            both, instead of ending the run.

    Raises:
        SettingError: the folder is missing or holds no picture; a picture cannot be read or has an odd width; a
            link leads out of the folder.
    """

    def __init__(
        self, path: str, channels_a: int = 3, channels_b: int = 3, memory_limit: int = 2**30, skip_broken: bool = False
    ) -> None:
        self.path = _folder("path", path)
        self.channels = _channels(channels_a, channels_b)
        self.memory_limit, self.skip_broken = memory_limit, skip_broken
        self.names = _splits("path", path, _names(self.path))

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        files = [self.path / name for name in _chosen(self.names, split)]
        readings = LeftHalf(self.channels[0], size), RightHalf(self.channels[1], size)
        broken = no_broken(self.skip_broken, len(files))
        a, b = held([FileImages(self.path, files, reading, False, broken) for reading in readings], self.memory_limit)
        return Sides(a, b, b, a, paired=True)


@final
class PairedFolder(SidesSource):
    """Pairs in two folders: partners have the same name below them, but for the suffix.

    Memory is used as by `AlignedFolder`.

    Args:
        a, b: the folder of each domain. The subfolders `train` and `test`, or `val` where there is no `test`,
            of both are the splits; without a folder of its own, every tenth pair is the test split.
        channels_a, channels_b: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); pictures are converted.
        memory_limit: bytes of decoded pictures that may be held in memory.
        skip_broken: name pictures that cannot be read in the log and let another one stand for each, in a pair for
            both, instead of ending the run.

    Raises:
        SettingError: a folder is missing or holds no picture; a picture has no partner, or two of the same name;
            a picture cannot be read; a link leads out of a folder.
    """

    def __init__(
        self,
        a: str,
        b: str,
        channels_a: int = 3,
        channels_b: int = 3,
        memory_limit: int = 2**30,
        skip_broken: bool = False,
    ) -> None:
        self.roots = _folder("a", a), _folder("b", b)
        self.channels = _channels(channels_a, channels_b)
        self.memory_limit, self.skip_broken = memory_limit, skip_broken
        self.files = [_by_stem(side, root) for side, root in zip("ab", self.roots, strict=True)]
        lonely = {
            "a": sorted(self.files[0].keys() - self.files[1].keys()),
            "b": sorted(self.files[1].keys() - self.files[0].keys()),
        }
        if any(lonely.values()):
            told = "; ".join(f"{len(stems)} only in {side}: {_told(stems)}" for side, stems in lonely.items() if stems)
            raise SettingError(
                f"dataset.source.a={a} and dataset.source.b={b}: every name, without suffix, must be in both; {told}"
            )
        self.stems = _splits("a", a, sorted(self.files[0]))

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        stems = _chosen(self.stems, split)
        broken = no_broken(self.skip_broken, len(stems))
        images = [
            FileImages(root, [files[stem] for stem in stems], Squeezed(channels, size), False, broken)
            for root, files, channels in zip(self.roots, self.files, self.channels, strict=True)
        ]
        a, b = held(images, self.memory_limit)
        return Sides(a, b, b, a, paired=True)


@final
class UnpairedFolder(SidesSource):
    """Two domains without partners: pictures of a in `trainA` and `testA`, of b in `trainB` and `testB`.

    Memory is used as by `AlignedFolder`.

    Args:
        path: the folder of these four. Without `testA` or `testB`, every tenth picture of that side is held out.
        channels_a, channels_b: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); pictures are converted.
        memory_limit: bytes of decoded pictures that may be held in memory.
        skip_broken: name pictures that cannot be read in the log and let another one stand for each, in a pair for
            both, instead of ending the run.

    Raises:
        SettingError: the folder, `trainA` or `trainB` is missing or holds no picture; a picture cannot be read; a
            link leads out of the folder.
    """

    def __init__(
        self, path: str, channels_a: int = 3, channels_b: int = 3, memory_limit: int = 2**30, skip_broken: bool = False
    ) -> None:
        self.path = _folder("path", path)
        self.channels = _channels(channels_a, channels_b)
        self.memory_limit, self.skip_broken = memory_limit, skip_broken
        missing = [name for name in ("trainA", "trainB") if not (self.path / name).is_dir()]
        if missing:
            raise SettingError(f"dataset.source.path={path}: has no subfolder {' and no '.join(missing)}")
        names = _names(self.path)
        self.names = []
        for side in "AB":
            training, testing = (_below(names, f"{split}{side}") for split in ("train", "test"))
            if not training:
                raise SettingError(f"dataset.source.path={path}: its subfolder train{side} holds no picture")
            self.names.append(_held_out(training, testing))

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        files = [[self.path / name for name in _chosen(names, split)] for names in self.names]
        images = [
            FileImages(self.path, side, Squeezed(channels, size), False, no_broken(self.skip_broken, len(side)))
            for side, channels in zip(files, self.channels, strict=True)
        ]
        a, b = held(images, self.memory_limit)
        return Sides(a, b, None, None, paired=False)


def _folder(setting: str, path: str) -> Path:
    folder = expanded(path)
    if not folder.is_dir():
        raise SettingError(f"dataset.source.{setting}={path}: there is no such folder")
    return folder


def _channels(a: int, b: int) -> tuple[int, int]:
    check_channels("channels_a", a)
    check_channels("channels_b", b)
    return a, b


def _names(folder: Path) -> list[Path]:
    """The pictures below a folder, relative to it."""
    return [file.relative_to(folder) for file in picture_files(folder)]


def _by_stem(side: str, folder: Path) -> dict[Path, Path]:
    """The pictures below a folder by their names relative to it, without suffixes."""
    files: dict[Path, Path] = {}
    for name in _names(folder):
        stem = name.with_suffix("")
        if stem in files:
            raise SettingError(
                f"dataset.source.{side}={folder}: {files[stem].name} and {name.name} in {stem.parent} differ only in "
                "their suffix, so which one has the partner is not clear"
            )
        files[stem] = folder / name
    if not files:
        raise SettingError(f"dataset.source.{side}={folder}: holds no picture that Pillow can open")
    return files


def _splits(setting: str, path: str, names: Sequence[Path]) -> dict[str, list[Path]]:
    """Names by split: those below `train`, and below `test` or `val`, or a tenth of all."""
    if not names:
        raise SettingError(f"dataset.source.{setting}={path}: holds no picture that Pillow can open")
    training, testing = _below(names, "train"), _below(names, "test") or _below(names, "val")
    if testing and not training:
        raise SettingError(
            f"dataset.source.{setting}={path}: has pictures to hold out in {testing[0].parts[0]}, but none in train"
        )
    return _held_out(training or names, testing)


def _below(names: Sequence[Path], folder: str) -> list[Path]:
    return [name for name in names if name.parts[0] == folder and len(name.parts) > 1]


def _held_out(training: Sequence[Path], testing: list[Path]) -> dict[str, list[Path]]:
    """Both splits; where there is nothing to test on, every tenth training picture, beginning with the first."""
    if testing:
        return {"train": list(training), "test": testing}
    return {"train": [name for i, name in enumerate(training) if i % 10], "test": list(training[::10])}


def _chosen(splits: Mapping[str, list[Path]], split: str) -> list[Path]:
    if split not in splits:
        raise SettingError(f"split={split}: folders of two domains have the splits train and test")
    return splits[split]


def _told(names: Sequence[Path], most: int = 10) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(str(name) for name in names[:most]) + rest
