"""Subfolders that are splits, in the spellings that are in use."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gan_lightning.counting import counted
from gan_lightning.data.notes import WARNING, Note, listed, shown
from gan_lightning.errors import SettingError

SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""By the name of a subfolder in small letters, the split that it holds."""


class Layout(NamedTuple):
    """The splits of a folder.

    Attributes:
        splits: by `train`, `val` or `test`, the subfolder ("" where the folder itself is the split) and its pictures,
            both relative to the folder.
        notes: what a user should know about them.
    """

    splits: dict[str, tuple[Path, list[Path]]]
    notes: list[Note]

    def pictures(self, split: str) -> list[Path]:
        """The pictures of a split, none where there is no such split."""
        return self.splits[split][1] if split in self.splits else []


def find_splits(setting: str, path: object, names: Sequence[Path]) -> Layout:
    """The splits of a folder: its subfolders train, val and test, in any spelling of `SPLITS`, or all of it as train.

    Splits hold all pictures: beside them there may be nothing. Only a folder train that lies, flat, beside others and
    without val and test is one of them: there are vehicles of this name.

    Args:
        setting: that names the folder.
        path: of the folder, for messages.
        names: its pictures, at least one, relative to it.

    Raises:
        SettingError: there is no train beside val or test, a split twice, or pictures beside the splits.
    """
    where = f"{setting}={path}"
    loose = [name for name in names if len(name.parts) == 1]
    folders = sorted({name.parts[0] for name in names if len(name.parts) > 1})
    named = {folder: SPLITS[folder.lower()] for folder in folders if folder.lower() in SPLITS}
    others = [folder for folder in folders if folder not in named]
    everything = {"train": (Path(), list(names))}
    if not named:
        return Layout(everything, _like_splits(names))
    if others and not loose and list(named.values()) == ["train"]:
        (only,) = named
        if all(len(name.parts) == 2 for name in names if name.parts[0] == only):
            text = f"the folder {only} lies beside {listed(others)} and without val or test: a class, not a split"
            return Layout(everything, [Note(WARNING, text)])
    if loose or others:
        beside = listed([*others, *loose])
        raise SettingError(
            f"{where}: {listed(list(named))} {'is a split' if len(named) == 1 else 'are splits'}, but {beside} "
            f"{'lies' if len(loose) + len(others) == 1 else 'lie'} beside; move that into train, val or test, or out "
            "of the folder, or rename the split folders"
        )
    twice = [split for split in set(named.values()) if list(named.values()).count(split) > 1]
    if twice:
        same = [folder for folder, split in named.items() if split == twice[0]]
        raise SettingError(f"{where}: {' and '.join(same)} are the same split; leave one of them")
    if "train" not in named.values():
        raise SettingError(
            f"{where}: has pictures to hold out in {listed(list(named))}, but none in train; to train on them, name "
            "the subfolder itself as the path"
        )
    by_split = {split: folder for folder, split in named.items()}
    splits = {
        split: (Path(by_split[split]), [name for name in names if name.parts[0] == by_split[split]])
        for split in sorted(by_split, key=list(SPLITS).index)
    }
    counts = ", ".join(f"{shown(folder)} {len(found):,}" for folder, found in splits.values())
    return Layout(splits, [Note("Splits", f"{counts} {'picture' if len(names) == 1 else 'pictures'}")])


def _like_splits(names: Sequence[Path]) -> list[Note]:
    """A warning where folders are called much like train and test, or lie deeper, as trainA or cats/test."""
    found: dict[str, Path] = {}
    for folder in sorted({parent for name in names for parent in name.parents if parent.name}):
        words = re.findall("[a-z]+", re.sub("([a-z])([A-Z])", r"\1 \2", folder.name).lower())
        for split in {SPLITS[word] for word in words if word in SPLITS}:
            found.setdefault(split, folder)
    if len(found) < 2 or "train" not in found:
        return []
    text = f"{listed(list(found.values()))} look like splits, but all pictures are trained on: splits are folders "
    return [Note(WARNING, f"{text}train, val and test at the top of the data set's folder")]


def held_out(training: Sequence[Path], testing: Sequence[Path]) -> tuple[dict[str, list[Path]], list[Note]]:
    """The splits train and test; where there is nothing to test on, every tenth picture, beginning with the first."""
    if testing:
        return {"train": list(training), "test": list(testing)}, []
    test = list(training[::10])
    note = Note("Splits", f"every tenth, {counted(len(test), 'picture')}, is held out: there is no folder test")
    return {"train": [name for i, name in enumerate(training) if i % 10], "test": test}, [note]


def train_and_test(setting: str, path: object, names: Sequence[Path]) -> tuple[dict[str, list[Path]], list[Note]]:
    """The pictures of a folder as the splits train and test: test is what lies in its folder test, or val, or else
    every tenth picture.

    Args:
        setting: that names the folder.
        path: of the folder, for messages.
        names: its pictures, at least one, relative to it.

    Raises:
        SettingError: as `find_splits`.
    """
    layout = find_splits(setting, path, names)
    testing = layout.pictures("test") or layout.pictures("val")
    splits, notes = held_out(layout.pictures("train"), testing)
    if layout.pictures("test") and layout.pictures("val"):
        unused = layout.pictures("val")
        text = f"the folder {layout.splits['val'][0]} is not used, since there is a folder test"
        notes.append(Note("Left out", f"{text}: {counted(len(unused), 'picture')} ({listed(unused)})"))
    return splits, [*layout.notes, *notes]
