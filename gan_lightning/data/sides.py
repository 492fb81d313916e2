"""Folders of pictures from two domains, in the layouts that are in use."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import final

from gan_lightning.counting import counted
from gan_lightning.data.contracts import Sides, SidesSource
from gan_lightning.data.files import FileImages, LeftHalf, RightHalf, Squeezed, held, left, no_broken, right
from gan_lightning.data.found import check_folder, pictures_below
from gan_lightning.data.layout import SPLITS, find_splits, held_out
from gan_lightning.data.levels import ValueRange, Values, declared, measure
from gan_lightning.data.notes import WARNING, Note, listed
from gan_lightning.data.pictures import check_channels, deep_values, notes_of_losses
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Bytes, Few, PathText

_Range = Sequence[float] | None


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
        value_range_a, value_range_b: the values (low, high) of black and white in pictures of more than 8 bits; None
            measures them over all pictures of the side, held-out ones included.

    Raises:
        SettingError: the folder is missing or holds no picture; a picture cannot be read or has an odd width; a
            link leads out of the folder.
    """

    def __init__(
        self,
        path: PathText,
        channels_a: Few = 3,
        channels_b: Few = 3,
        memory_limit: Bytes = 2**30,
        skip_broken: bool = False,
        value_range_a: _Range = None,
        value_range_b: _Range = None,
    ) -> None:
        self.path = check_folder("dataset.source.path", path)
        self.channels = _channels(channels_a, channels_b)
        self.memory_limit, self.skip_broken = memory_limit, skip_broken
        names, notes = _names("path", self.path, skip_broken)
        self.names, told = _splits("path", path, names)
        files = [self.path / name for name in names]
        self.ranges, self.notes = [], []
        for side, half, given, channels in (
            ("a", left, value_range_a, channels_a),
            ("b", right, value_range_b, channels_b),
        ):
            chosen, values = _range(side, files, half, given, skip_broken, channels)
            self.ranges.append(chosen)
            self.notes.append([*values, *(told + notes if side == "a" else [])])

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        files = [self.path / name for name in _chosen(self.names, split)]
        readings = (
            LeftHalf(self.channels[0], size, self.ranges[0]),
            RightHalf(self.channels[1], size, self.ranges[1]),
        )
        broken = no_broken(self.skip_broken, len(files))
        images = [
            FileImages(self.path, files, reading, [], broken, notes)
            for reading, notes in zip(readings, self.notes, strict=True)
        ]
        a, b = held(images, self.memory_limit)
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
        value_range_a, value_range_b: the values (low, high) of black and white in pictures of more than 8 bits; None
            measures them over all pictures of the side, held-out ones included.

    Raises:
        SettingError: a folder is missing or holds no picture; a picture has no partner, or two of the same name;
            a picture cannot be read; a link leads out of a folder.
    """

    def __init__(
        self,
        a: PathText,
        b: PathText,
        channels_a: Few = 3,
        channels_b: Few = 3,
        memory_limit: Bytes = 2**30,
        skip_broken: bool = False,
        value_range_a: _Range = None,
        value_range_b: _Range = None,
    ) -> None:
        self.roots = check_folder("dataset.source.a", a), check_folder("dataset.source.b", b)
        self.channels = _channels(channels_a, channels_b)
        self.memory_limit, self.skip_broken = memory_limit, skip_broken
        self.files, self.ranges, self.notes = [], [], []
        parts = zip("ab", self.roots, (value_range_a, value_range_b), self.channels, strict=True)
        for side, root, given, channels in parts:
            files, notes = _by_stem(side, root, skip_broken)
            chosen, values = _range(side, list(files.values()), _whole, given, skip_broken, channels)
            self.files.append(files)
            self.ranges.append(chosen)
            self.notes.append([*values, *notes])
        lonely = {
            "a": sorted(self.files[0].keys() - self.files[1].keys()),
            "b": sorted(self.files[1].keys() - self.files[0].keys()),
        }
        if any(lonely.values()):
            told = "; ".join(
                f"{len(stems)} only in {side}: {listed(stems, most=10)}" for side, stems in lonely.items() if stems
            )
            raise SettingError(
                f"dataset.source.a={a} and dataset.source.b={b}: every name, without suffix, must be in both; {told}"
            )
        self.stems, splits = _splits("a", a, sorted(self.files[0]))
        self.notes[0] = [*splits, *self.notes[0]]

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        stems = _chosen(self.stems, split)
        broken = no_broken(self.skip_broken, len(stems))
        parts = zip(self.roots, self.files, self.channels, self.ranges, self.notes, strict=True)
        images = [
            FileImages(root, [files[stem] for stem in stems], Squeezed(channels, size, values), [], broken, notes)
            for root, files, channels, values, notes in parts
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
        value_range_a, value_range_b: the values (low, high) of black and white in pictures of more than 8 bits; None
            measures them over all pictures of the side, held-out ones included.

    Raises:
        SettingError: the folder, `trainA` or `trainB` is missing or holds no picture; a picture cannot be read; a
            link leads out of the folder.
    """

    def __init__(
        self,
        path: PathText,
        channels_a: Few = 3,
        channels_b: Few = 3,
        memory_limit: Bytes = 2**30,
        skip_broken: bool = False,
        value_range_a: _Range = None,
        value_range_b: _Range = None,
    ) -> None:
        self.path = check_folder("dataset.source.path", path)
        self.channels = _channels(channels_a, channels_b)
        self.memory_limit, self.skip_broken = memory_limit, skip_broken
        folders = {entry.name.lower() for entry in self.path.iterdir() if entry.is_dir()}
        missing = [name for name in ("trainA", "trainB") if name.lower() not in folders]
        if missing:
            raise SettingError(f"dataset.source.path={path}: has no subfolder {' and no '.join(missing)}")
        names, found = _names("path", self.path, skip_broken)
        sides = {side: _side(names, side) for side in "ab"}
        for side, (training, _) in sides.items():
            if not training:
                raise SettingError(f"dataset.source.path={path}: its subfolder train{side.upper()} holds no picture")
        self.names, self.ranges, self.notes = [], [], []
        used: set[Path] = set()
        given_ranges = (value_range_a, value_range_b)
        for (side, (training, testing)), given, channels in zip(
            sides.items(), given_ranges, self.channels, strict=True
        ):
            used |= {*training, *testing}
            splits, told = held_out(training, testing)
            files = [self.path / name for name in (*training, *testing)]
            chosen, values = _range(side, files, _whole, given, skip_broken, channels)
            self.names.append(splits)
            self.ranges.append(chosen)
            self.notes.append([*told, *values])
        beside = [name for name in names if name not in used]
        if beside:
            found = [Note(WARNING, f"not used, because they lie in no folder of a split: {_pictures(beside)}"), *found]
        self.notes[0] += found

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        files = [[self.path / name for name in _chosen(names, split)] for names in self.names]
        parts = zip(files, self.channels, self.ranges, self.notes, strict=True)
        images = [
            FileImages(
                self.path, side, Squeezed(channels, size, values), [], no_broken(self.skip_broken, len(side)), notes
            )
            for side, channels, values, notes in parts
        ]
        a, b = held(images, self.memory_limit)
        return Sides(a, b, None, None, paired=False)


def _channels(a: int, b: int) -> tuple[int, int]:
    check_channels("channels_a", a)
    check_channels("channels_b", b)
    return a, b


def _names(setting: str, folder: Path, skip_broken: bool) -> tuple[list[Path], list[Note]]:
    """The pictures below a folder, relative to it, and what was left out."""
    found = pictures_below(folder, skip_broken)
    if not found.pictures:
        raise SettingError(f"dataset.source.{setting}={folder}: holds no picture that Pillow can open")
    return [file.relative_to(folder) for file in found.pictures], found.notes(folder)


def _by_stem(side: str, folder: Path, skip_broken: bool) -> tuple[dict[Path, Path], list[Note]]:
    """The pictures below a folder by their names relative to it, without suffixes, and what was left out."""
    files: dict[Path, Path] = {}
    names, notes = _names(side, folder, skip_broken)
    for name in names:
        stem = name.with_suffix("")
        if stem in files:
            raise SettingError(
                f"dataset.source.{side}={folder}: {files[stem].name} and {name.name} in {stem.parent} differ only in "
                "their suffix, so it is not clear which one belongs to the pair"
            )
        files[stem] = folder / name
    return files, notes


def _whole(values: Values) -> Values:
    return values


def _range(
    side: str,
    files: Sequence[Path],
    part: Callable[[Values], Values],
    given: _Range,
    skip_broken: bool,
    channels: int,
) -> tuple[ValueRange | None, list[Note]]:
    """The range of one side's values, None where all pictures have 8 bits, and what a user should know about it."""
    setting = f"dataset.source.value_range_{side}"
    chosen = declared(setting, given)

    def values_of(file: Path) -> Values | None:
        values = deep_values(file)
        return None if values is None else part(values)

    measured = measure(files, values_of, skip_broken)
    notes = notes_of_losses(files)
    if measured is None:
        idle = f"{setting} changes nothing: all pictures have 8 bits"
        return None, [*notes, *([Note(WARNING, idle)] if chosen else [])]
    return chosen or measured.range, [*measured.notes(setting, chosen, channels), *notes]


def _splits(setting: str, path: str, names: Sequence[Path]) -> tuple[dict[str, list[Path]], list[Note]]:
    """Names by split, train and test: test is what lies in the folder test, or val, or else every tenth."""
    layout = find_splits(f"dataset.source.{setting}", path, names)
    testing = layout.pictures("test") or layout.pictures("val")
    splits, notes = held_out(layout.pictures("train"), testing)
    if layout.pictures("test") and layout.pictures("val"):
        unused = f"the folder {layout.splits['val'][0]} is not used, since there is a folder test"
        notes.append(Note("Left out", f"{unused}: {_pictures(layout.pictures('val'))}"))
    return splits, [*layout.notes, *notes]


def _side(names: Sequence[Path], side: str) -> tuple[list[Path], list[Path]]:
    """The training and the held-out pictures of a side: those in trainA and in testA, or valA where there is none."""
    by_split: dict[str, list[Path]] = {}
    for name in names:
        folder = name.parts[0].lower()
        split = SPLITS.get(folder.removesuffix(side)) if folder.endswith(side) and len(name.parts) > 1 else None
        if split is not None:
            by_split.setdefault(split, []).append(name)
    return by_split.get("train", []), by_split.get("test") or by_split.get("val", [])


def _chosen(splits: Mapping[str, list[Path]], split: str) -> list[Path]:
    if split not in splits:
        raise SettingError(f"split={split}: folders of two domains have the splits train and test")
    return splits[split]


def _pictures(names: Sequence[Path]) -> str:
    return f"{counted(len(names), 'picture')} ({listed(names)})"
