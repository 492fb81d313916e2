"""Any folder of images."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, final

from gan_lightning.counting import counted
from gan_lightning.data.contracts import Images, NoSplitError, Source
from gan_lightning.data.files import Cropped, FileImages, class_name, in_memory, no_broken
from gan_lightning.data.found import check_folder, pictures_below
from gan_lightning.data.layout import SPLITS, Layout, find_splits
from gan_lightning.data.levels import ValueRange, declared
from gan_lightning.data.notes import WARNING, Note, listed, shown
from gan_lightning.data.pictures import check_channels
from gan_lightning.data.value_range import value_range_of
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Bytes, Few, PathText


class _Content(NamedTuple):
    layout: Layout
    class_names: list[str]
    value_range: ValueRange | None
    notes: list[Note]


@final
class Folder(Source):
    """Every image below a folder; if all lie in subfolders, the first level's names are the classes.

    A set whose decoded size is at most `memory_limit` is read at once and kept in memory, so a corrupt
    file is found before training; a larger one is read while training, best with dataset.num_workers > 0.

    Args:
        path: the folder. Subfolders train, val (or valid, validation) and test, in any case, are the splits; otherwise
            all of it is the split train. A single class folder gives no labels. Classes are those of the split train.
        channels: 3 (colour), 1 (grey), 4 or 2 (the same with transparency); images are converted.
        memory_limit: bytes of decoded images that may be kept in memory.
        skip_broken: name images that cannot be read in the log and replace each by another one of its class,
            instead of ending the run.
        value_range: the values (low, high) of black and white in pictures of more than 8 bits; None measures them over
            all pictures, those of other splits included (see `gan_lightning.data.levels.usual`).

    Raises:
        SettingError: the folder is missing or empty, has no such split, holds a file that is no image or a
            link that leads out of it; pictures lie beside the splits; a held-out class is not in the split train.
    """

    def __init__(
        self,
        path: PathText,
        channels: Few = 3,
        memory_limit: Bytes = 2**30,
        skip_broken: bool = False,
        value_range: Sequence[float] | None = None,
    ) -> None:
        self.path = check_folder("dataset.source.path", path)
        check_channels("channels", channels)
        self.value_range = declared("dataset.source.value_range", value_range)
        self.channels, self.memory_limit, self.skip_broken = channels, memory_limit, skip_broken

    def load(self, split: str, resolution: int) -> Images:
        content = self._content
        splits = content.layout.splits
        wanted = SPLITS.get(split, split)
        if wanted == "test" and "test" not in splits and "val" in splits:
            wanted = "val"
        if wanted not in splits:
            raise NoSplitError(
                f"split={split}: dataset.source.path={self.path} has the splits "
                f"{', '.join(splits) if len(splits) > 1 else 'train (everything)'}; a subfolder `{split}` beside a "
                "subfolder `train` would add one"
            )
        folder, names = splits[wanted]
        class_names = content.class_names if self._is_labelled(names, folder) else []
        return in_memory(
            [
                FileImages(
                    self.path / folder,
                    [self.path / name for name in names],
                    Cropped(self.channels, (resolution, resolution), content.value_range),
                    class_names,
                    no_broken(self.skip_broken, len(names)),
                    content.notes,
                )
            ],
            self.memory_limit,
        )[0]

    @cached_property
    def _content(self) -> _Content:
        """What the folder holds, looked at once."""
        found = pictures_below(self.path, self.skip_broken)
        where = f"dataset.source.path={self.path}"
        if not found.pictures:
            details = "".join(f"; {note.text}" for note in found.notes(self.path))
            raise SettingError(f"{where}: holds no image that Pillow can open{details}")
        names = [file.relative_to(self.path) for file in found.pictures]
        layout = find_splits("dataset.source.path", self.path, names)
        folder, names = layout.splits["train"]
        folders = sorted({name.relative_to(folder).parts[0] for name in names if name.parent != folder})
        flat = [name for name in names if name.parent == folder]
        notes = list(layout.notes)
        if folders and flat:
            text = f"no labels, because {counted(len(flat), 'picture lies', 'pictures lie')} beside the subfolders "
            notes.append(Note(WARNING, f"{text}{listed(folders)} ({listed(flat)})"))
        elif len(folders) == 1:
            notes.append(Note("Labels", f"none: all pictures lie in one subfolder, {shown(folders[0])}"))
        class_names = [class_name(name) for name in folders] if len(folders) > 1 and not flat else []
        if len(set(class_names)) < len(class_names):
            raise SettingError(f"{where}: two class folders have one name, once in UTF-8 and once not; rename one")
        chosen, of_values = value_range_of(
            found.pictures, "dataset.source.value_range", self.value_range, self.channels, self.skip_broken
        )
        return _Content(layout, class_names, chosen, [*notes, *of_values, *found.notes(self.path)])

    def _is_labelled(self, names: Sequence[Path], folder: Path) -> bool:
        """Whether the pictures of a split lie in class folders of the split train."""
        known = set(self._content.class_names)
        below = [name.relative_to(folder) for name in names]
        if not known or any(len(name.parts) == 1 for name in below):
            return False
        strange = sorted({class_name(name.parts[0]) for name in below} - known)
        if strange:
            raise SettingError(
                f"dataset.source.path={self.path}: its split {folder} has the classes {listed(strange)}, which its "
                "split train lacks; every class needs training pictures"
            )
        return True
