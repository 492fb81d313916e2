"""The public sets of the authors of Pix2Pix and CycleGAN.

The addresses follow the pattern of the authors' download scripts; they could not be tried where this was written.
"""

import gzip
import shutil
import tarfile
import zipfile
import zlib
from http.client import HTTPException
from pathlib import Path, PurePosixPath

from torchvision.datasets.utils import download_url

from gan_lightning.cache import acquired
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import PathText

HOST = "http://efrosgans.eecs.berkeley.edu"
PAIRED = ("facades", "maps", "edges2shoes", "edges2handbags", "night2day")
UNPAIRED = (
    "apple2orange",
    "summer2winter_yosemite",
    "horse2zebra",
    "monet2photo",
    "cezanne2photo",
    "ukiyoe2photo",
    "vangogh2photo",
    "iphone2dslr_flower",
    "ae_photos",
)
ADDRESSES = {name: f"{HOST}/pix2pix/datasets/{name}.tar.gz" for name in PAIRED} | {
    name: f"{HOST}/cyclegan/datasets/{name}.zip" for name in UNPAIRED
}


MOST_BYTES = 20 * 2**30
"""Largest size of an unpacked archive: a small one could otherwise fill the disk."""

MOST_MEMBERS = 2_000_000
"""Files and folders of an archive."""


def download(name: str, folder: PathText) -> str:
    """The folder `folder`/`name` with a set that the authors published, fetched and unpacked if it is not there.

    However many processes ask, one fetches; what a killed one leaves behind is cleared away by the next.

    Args:
        name: of the set: pairs side by side (facades, maps ...) for `AlignedFolder`, or two domains (horse2zebra,
            monet2photo ...) for `UnpairedFolder`.
        folder: where sets lie; made if it is missing.

    Raises:
        SettingError: an unknown name, no network, a broken archive, or one that would write outside of its folder,
            more than `MOST_BYTES` or more than `MOST_MEMBERS`.
    """
    if name not in ADDRESSES:
        raise SettingError(f"name={name}: allowed are {', '.join(PAIRED)} (pairs) and {', '.join(UNPAIRED)} (unpaired)")
    base = expanded(folder)
    target = base / name
    if target.is_dir():
        return str(target)
    try:
        base.mkdir(parents=True, exist_ok=True)
        with acquired(base / f".{name}.lock"):
            if not target.is_dir():
                _fetch(ADDRESSES[name], target)
    # torchvision raises RuntimeError; what broken archives raise depends on where they are broken.
    except (OSError, RuntimeError, EOFError, HTTPException, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise SettingError(
            f"{name}: {ADDRESSES[name]} could not be fetched and unpacked ({error}); unpack it by hand to {target}, "
            "or choose data that need no network (dataset=openmoji_outline or avatars_unpaired)"
        ) from error
    return str(target)


def _fetch(address: str, target: Path) -> None:
    """Unpack the archive at `address`, which holds one folder of the target's name, to `target`."""
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        archive = partial / PurePosixPath(address).name
        download_url(address, str(partial), archive.name)
        _unpack(archive, partial / "unpacked")
        (partial / "unpacked" / target.name).rename(target)  # only now is anything there under this name
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unpack(archive: Path, folder: Path) -> None:
    if archive.suffix == ".gz":
        with gzip.open(archive) as stream:
            size = 0
            while part := stream.read(2**20):  # to the checksum at its end: tarfile takes a damaged header for the end
                size += len(part)
                _check_size(archive, size, 0)
        with tarfile.open(archive) as tar:
            size = 0
            for count, entry in enumerate(tar, 1):
                size += entry.size  # of a sparse file, more than the archive holds
                _check_size(archive, size, count)
            tar.extractall(folder, filter="data")
        return
    with zipfile.ZipFile(archive) as packed:
        members = packed.infolist()
        # zipfile gives no member more bytes than it says here.
        _check_size(archive, sum(member.file_size for member in members), len(members))
        for member in packed.namelist():
            # zipfile would write it elsewhere inside the folder, without a word.
            if PurePosixPath(member).is_absolute() or ".." in PurePosixPath(member).parts:
                raise zipfile.BadZipFile(f"{member} leads out of the archive's folder")
        packed.extractall(folder)


def _check_size(archive: Path, size: int, members: int) -> None:
    if size > MOST_BYTES or members > MOST_MEMBERS:
        raise SettingError(
            f"{archive.name}: unpacks to more than {MOST_BYTES / 2**30:,.0f} GiB or {MOST_MEMBERS:,} files, the most "
            "that is unpacked, and nothing of it was kept; unpack it by hand if it is what you want"
        )
