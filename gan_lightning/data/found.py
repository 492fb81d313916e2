"""Which files of a folder are pictures, and what is left out for which reason."""

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from gan_lightning.counting import counted
from gan_lightning.data.notes import Note, listed, shown
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded

# Pillow recognises the first four without decoding them, and decodes the last two only with another program.
NO_PICTURES = {"BUFR", "GRIB", "HDF5", "MPEG"}
LEFT_TO_OTHERS = {"EPS", "WMF"}
SUFFIXES = {suffix: format for suffix, format in Image.registered_extensions().items() if format in Image.OPEN}
# Formats of phones and cameras that Pillow opens only with another library.
PHOTOGRAPHS = {
    ".heic",
    ".heif",
    ".hif",
    ".avif",
    ".jxl",
    ".dng",
    ".cr2",
    ".cr3",
    ".nef",
    ".arw",
    ".orf",
    ".raf",
    ".rw2",
}
FORMATS = sorted(set(Image.OPEN) - NO_PICTURES - LEFT_TO_OTHERS)

UNREADABLE = "folders and files that cannot be read (no permission)"
"""Why something in a folder was left out, as a run says it; so are the other reasons below."""
NOWHERE = "links that lead nowhere"
"""The same, of links."""
LINKED_FOLDERS = "links to folders, which are not followed"
EMPTY = "folders without a picture"
NO_PICTURE = "files that are not pictures"
OTHER_FORMAT = "photographs that Pillow cannot open, such as HEIC and raw files (convert them to JPEG or PNG)"
SPECIAL = "pipes, sockets or devices"
HIDDEN = "hidden files and folders"


class Found(NamedTuple):
    """What a folder holds.

    Attributes:
        pictures: sorted.
        outside: links that lead out of the folder, sorted.
        left_out: everything else, by the reason why it was left out, each sorted.
        links: how many of the pictures are links to files in the same folder.
    """

    pictures: list[Path]
    outside: list[Path]
    left_out: Mapping[str, list[Path]]
    links: int

    def notes(self, folder: Path) -> list[Note]:
        """What was left out and why, with counts and the first names relative to `folder`."""
        notes = [
            Note("Left out", f"{why}: {len(paths):,} ({listed([path.relative_to(folder) for path in paths])})")
            for why, paths in self.left_out.items()
        ]
        if self.links:
            notes.append(Note("Links", f"{counted(self.links, 'picture is a link', 'pictures are links')} to others"))
        return notes


def find_pictures(folder: Path) -> Found:
    """Everything below `folder`. Hidden files and folders are skipped, links to folders are not followed.

    A file is a picture if its suffix is that of a picture format which Pillow knows or, with another suffix or none,
    if Pillow reads it.
    """
    root = os.path.realpath(folder)  # unlike Path.resolve, it takes a circle of links
    pictures: list[Path] = []
    outside: list[Path] = []
    links = 0
    left_out: dict[str, list[Path]] = defaultdict(list)
    walked: list[Path] = []

    def unreadable(error: OSError) -> None:
        left_out[UNREADABLE].append(Path(error.filename))

    for parent, folders, files in os.walk(folder, onerror=unreadable):
        walked.append(Path(parent))
        hidden = [name for name in (*folders, *files) if name.startswith(".")]
        left_out[HIDDEN] += [Path(parent, name) for name in hidden]
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            path = Path(parent, name)
            if name.startswith(".") or (name in folders and not path.is_symlink()):
                continue
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(root):
                outside.append(path)
            elif name in folders:
                left_out[LINKED_FOLDERS].append(path)
            elif (why := _why_not(path)) is not None:
                left_out[why].append(path)
            else:
                pictures.append(path)
                links += path.is_symlink()
    left_out[EMPTY] += _empty(folder, walked, [*pictures, *outside, *left_out[UNREADABLE]])
    kept = {why: sorted(paths) for why, paths in sorted(left_out.items()) if paths}
    return Found(sorted(pictures), sorted(outside), kept, links)


TAKE_OUT = "allow it or take it out of the folder"
TAKE_OUT_OR_SKIP = "allow it, take it out of the folder, or leave it out with dataset.source.skip_broken=true"


def pictures_below(folder: Path, skip_broken: bool | None) -> Found:
    """Everything below `folder`, which may be read while training.

    Args:
        folder: to look into.
        skip_broken: whether what cannot be read is left out; None where no setting says so, and it never is.

    Raises:
        SettingError: a link leads out of `folder`; something in it cannot be read, and `skip_broken` is not true.
    """
    found = find_pictures(folder)
    for path in found.outside:
        raise SettingError(
            f"{shown(path, 300)}: leads to {shown(os.path.realpath(path), 300)}, out of the folder that pictures are "
            "read from; remove it, or put the file itself in its place"
        )
    for path in found.left_out.get(UNREADABLE, []):
        if not skip_broken or path == folder:
            remedy = TAKE_OUT if skip_broken is None else TAKE_OUT_OR_SKIP
            raise SettingError(f"{shown(path, 300)}: cannot be read (no permission); {remedy}")
    return found


def picture_files(folder: Path) -> list[Path]:
    """All pictures below `folder`, sorted, as `find_pictures` finds them.

    Raises:
        SettingError: a link leads out of `folder`, or something in it cannot be read.
    """
    return pictures_below(folder, skip_broken=None).pictures


def check_folder(setting: str, path: object) -> Path:
    """The folder that a setting names; Hydra reads a folder's name such as 2024 as a number.

    Raises:
        SettingError: there is none, or it is a file.
    """
    if path in (None, ""):
        raise SettingError(f"{setting}={path}: names no folder")
    folder = expanded(path)
    if os.path.isdir(folder):  # unlike Path.is_dir, it raises nothing below a folder without permission
        return folder
    if not os.path.exists(folder):
        begins = "" if folder.is_absolute() else f"; a relative path begins in {shown(os.getcwd(), 300)}"
        raise SettingError(f"{setting}={path}: this folder does not exist{begins}")
    if folder.suffix.lower() in SUFFIXES:
        raise SettingError(f"{setting}={path}: is one picture; name the folder that holds all of them")
    raise SettingError(f"{setting}={path}: is a file, not a folder; if it is an archive, unpack it first")


def _why_not(path: Path) -> str | None:
    """Why a file is not a picture; None if it is one."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return NOWHERE if error.errno in (errno.ENOENT, errno.ELOOP) else UNREADABLE
    if not stat.S_ISREG(mode):
        return SPECIAL
    if is_picture(path):
        return None
    return OTHER_FORMAT if path.suffix.lower() in PHOTOGRAPHS else NO_PICTURE


def is_picture(file: Path) -> bool:
    """Whether a file is called like a picture or, with another suffix or none, Pillow can read it."""
    if file.suffix.lower() in SUFFIXES:
        return SUFFIXES[file.suffix.lower()] not in NO_PICTURES
    try:
        with Image.open(file, formats=FORMATS):
            return True
    except UnidentifiedImageError:
        return False
    except Image.DecompressionBombError:
        return True
    except OSError as error:  # one that cannot be opened is named when it is read
        return error.errno is not None
    except Exception:  # any error of Pillow means that it is not a picture
        return False


def _empty(folder: Path, walked: Sequence[Path], useful: Sequence[Path]) -> Iterator[Path]:
    """The uppermost folders without anything useful below them."""
    full = {folder, *(parent for path in useful for parent in path.parents)}
    return (path for path in walked if path not in full and path.parent in full)
