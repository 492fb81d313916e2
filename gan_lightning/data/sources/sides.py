"""Folders of pictures from two domains, in the layouts that are in use."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

from gan_lightning.counting import counted
from gan_lightning.data.contracts import Sides
from gan_lightning.data.files import LeftHalf, RightHalf, Squeezed, left, no_broken, right
from gan_lightning.data.found import Found, check_folder, pictures_below
from gan_lightning.data.layout import SPLITS, held_out, train_and_test
from gan_lightning.data.levels import Values
from gan_lightning.data.notes import WARNING, Note, listed
from gan_lightning.data.sources.two_domains import Limits, TwoDomainFolder
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Bytes, Few, PathText


class OneFolder(TwoDomainFolder, ABC):
    """The pictures of both domains below one folder.

    Args:
        path: the folder.

    The other settings are those of `TwoDomainFolder`.
    """

    def __init__(
        self,
        path: PathText,
        channels_a: Few = 3,
        channels_b: Few = 3,
        memory_limit: Bytes = 2**30,
        skip_broken: bool = False,
        value_range_a: Limits | None = None,
        value_range_b: Limits | None = None,
    ) -> None:
        self.path = check_folder("dataset.source.path", path)
        super().__init__(channels_a, channels_b, memory_limit, skip_broken, value_range_a, value_range_b)
        self._find()

    @abstractmethod
    def _find(self) -> None:
        """Find the pictures of both splits below `path`, and measure their ranges of values."""


@final
class AlignedFolder(OneFolder):
    """Pairs that are one picture each: a is its left half, b its right half.

    Args:
        path: the folder. Its subfolders `train` and `test`, or `val` where there is no `test`, are the splits;
            without a folder of its own, every tenth picture is the test split.

    The other settings are those of `TwoDomainFolder`.

    Raises:
        SettingError: the folder is missing or holds no picture; a picture cannot be read or has an odd width; a
            link leads out of the folder.
    """

    def _find(self) -> None:
        names, notes = _names("path", self.path, pictures_below(self.path, self.skip_broken))
        self.names, split_notes = train_and_test("dataset.source.path", self.path, names)
        files = [self.path / name for name in names]
        self.notes = [[*self._measure(files, left), *split_notes, *notes], self._measure(files, right)]

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        files = [self.path / name for name in _chosen(self.names, split)]
        broken = no_broken(self.skip_broken, len(files))
        roots = [self.path, self.path]
        a, b = self._read(roots, [files, files], [LeftHalf, RightHalf], size, [broken, broken])
        return Sides(a, b, b, a, paired=True)


@final
class PairedFolder(TwoDomainFolder):
    """Pairs in two folders: partners have the same name below them, but for the suffix.

    Args:
        a, b: the folder of each domain. The subfolders `train` and `test`, or `val` where there is no `test`,
            of both are the splits; without a folder of its own, every tenth pair is the test split.

    The other settings are those of `TwoDomainFolder`.

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
        value_range_a: Limits | None = None,
        value_range_b: Limits | None = None,
    ) -> None:
        self.roots = check_folder("dataset.source.a", a), check_folder("dataset.source.b", b)
        super().__init__(channels_a, channels_b, memory_limit, skip_broken, value_range_a, value_range_b)
        self.files = []
        for side, root in zip("ab", self.roots, strict=True):
            files, notes = _by_stem(side, root, skip_broken)
            self.files.append(files)
            self.notes.append([*self._measure(list(files.values()), _whole), *notes])
        lonely = {
            "a": sorted(self.files[0].keys() - self.files[1].keys()),
            "b": sorted(self.files[1].keys() - self.files[0].keys()),
        }
        if any(lonely.values()):
            names = "; ".join(
                f"{len(stems)} only in {side}: {listed(stems, most=10)}" for side, stems in lonely.items() if stems
            )
            raise SettingError(
                f"dataset.source.a={a} and dataset.source.b={b}: every name, without suffix, must be in both; {names}"
            )
        self.stems, splits = train_and_test("dataset.source.a", a, sorted(self.files[0]))
        self.notes[0] = [*splits, *self.notes[0]]

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        stems = _chosen(self.stems, split)
        broken = no_broken(self.skip_broken, len(stems))
        files = [[side[stem] for stem in stems] for side in self.files]
        a, b = self._read(self.roots, files, [Squeezed, Squeezed], size, [broken, broken])
        return Sides(a, b, b, a, paired=True)


@final
class UnpairedFolder(OneFolder):
    """Two domains without partners: pictures of a in `trainA` and `testA`, of b in `trainB` and `testB`.

    Args:
        path: the folder of these four. Without `testA` or `testB`, every tenth picture of that side is held out.

    The other settings are those of `TwoDomainFolder`.

    Raises:
        SettingError: the folder, `trainA` or `trainB` is missing or holds no picture; a picture cannot be read; a
            link leads out of the folder.
    """

    def _find(self) -> None:
        below = pictures_below(self.path, self.skip_broken)  # first: it says so where permission is missing
        folders = {entry.name.lower() for entry in self.path.iterdir() if entry.is_dir()}
        missing = [name for name in ("trainA", "trainB") if name.lower() not in folders]
        if missing:
            raise SettingError(f"dataset.source.path={self.path}: has no subfolder {' and no '.join(missing)}")
        names, found = _names("path", self.path, below)
        sides = {side: _side(names, side) for side in "ab"}
        for side, (training, _) in sides.items():
            if not training:
                raise SettingError(
                    f"dataset.source.path={self.path}: its subfolder train{side.upper()} holds no picture"
                    f"{_left_out(found)}"
                )
        self.names = []
        used: set[Path] = set()
        for training, testing in sides.values():
            used |= {*training, *testing}
            splits, notes = held_out(training, testing)
            self.names.append(splits)
            files = [self.path / name for name in (*training, *testing)]
            self.notes.append([*notes, *self._measure(files, _whole)])
        beside = [name for name in names if name not in used]
        if beside:
            found = [Note(WARNING, f"not used, because they lie in no folder of a split: {_pictures(beside)}"), *found]
        self.notes[0] += found

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        files = [[self.path / name for name in _chosen(names, split)] for names in self.names]
        broken = [no_broken(self.skip_broken, len(side)) for side in files]
        a, b = self._read([self.path, self.path], files, [Squeezed, Squeezed], size, broken)
        return Sides(a, b, None, None, paired=False)


def _names(setting: str, folder: Path, found: Found) -> tuple[list[Path], list[Note]]:
    """The pictures below a folder, relative to it, and what was left out."""
    notes = found.notes(folder)
    if not found.pictures:
        raise SettingError(
            f"dataset.source.{setting}={folder}: holds no picture that Pillow can open{_left_out(notes)}"
        )
    return [file.relative_to(folder) for file in found.pictures], notes


def _left_out(notes: Sequence[Note]) -> str:
    """What was left out, behind a sentence that says that too little is left."""
    return "".join(f"; {note.text}" for note in notes)


def _by_stem(side: str, folder: Path, skip_broken: bool) -> tuple[dict[Path, Path], list[Note]]:
    """The pictures below a folder by their names relative to it, without suffixes, and what was left out."""
    files: dict[Path, Path] = {}
    names, notes = _names(side, folder, pictures_below(folder, skip_broken))
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
