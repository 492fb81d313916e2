"""Files of tensors, which carry a digest of their contents."""

import hashlib
import io
import pickle
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from gan_lightning.files import write_whole

_MARK = b"sha256 "
_SEAL = len(_MARK) + 2 * hashlib.sha256().digest_size
_CHUNK = 1 << 20


class DamagedFileError(Exception):
    """A file of tensors that cannot be trusted. The message continues the sentence that the file's name begins."""


def write_tensors(path: Path, content: Any) -> None:
    """Write tensors and plain containers as a whole, with a digest that `read_tensors` checks.

    The file is one of `torch.save`, an uncompressed zip archive; the digest (SHA-256 of all bytes before it) is the
    archive's comment, so that `torch.load` reads the file as any other.

    Raises:
        FaultError: as `write_whole`.
    """
    # Through memory, because torch turns an error of the disk into one about its own format.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    buffer.seek(-2, io.SEEK_END)  # the last field of an archive without a comment is the comment's length
    buffer.write(struct.pack("<H", _SEAL))
    digest = hashlib.sha256(buffer.getbuffer()).hexdigest()
    buffer.write(_MARK + digest.encode())
    write_whole(path, buffer.getbuffer())


def read_tensors(path: Path, *, sealed: bool) -> Any:
    """What `write_tensors` wrote, on the CPU. Nothing is unpickled but tensors and plain containers.

    Args:
        path: the file.
        sealed: refuse a file without a digest. Otherwise the checksums of its archive are checked instead.

    Raises:
        DamagedFileError: it is damaged or cut, is another kind of file, or would take more memory than its size.
    """
    try:
        if not path.is_file():  # pipes and devices would be read without end
            raise DamagedFileError("is not a file")
        seal = _check_digest(path)
        if sealed and not seal:
            raise DamagedFileError("has no digest of its contents")
        _check_archive(path, checksums=not seal)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except DamagedFileError:
        raise
    except pickle.UnpicklingError as error:
        raise DamagedFileError("holds pickled code and was not loaded") from error
    except OSError as error:
        raise DamagedFileError(f"cannot be read ({error.strerror or error})") from error
    except Exception as error:  # from KeyError to RuntimeError, whatever broken bytes make zipfile and torch raise
        raise DamagedFileError("is damaged or half-written") from error
    return content


def _check_digest(path: Path) -> bool:
    """Whether the file ends with a digest, which is compared."""
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END) - _SEAL
        if size < 0:
            raise DamagedFileError("is damaged or half-written")
        file.seek(size)
        seal = file.read()
        if not seal.startswith(_MARK):
            return False
        file.seek(0)
        digest = hashlib.sha256()
        for chunk in _chunks(file, size):
            digest.update(chunk)
    if seal != _MARK + digest.hexdigest().encode():
        raise DamagedFileError("is damaged (its contents differ from its digest)")
    return True


def _chunks(file: io.BufferedReader, size: int) -> Iterator[bytes]:
    for start in range(0, size, _CHUNK):
        yield file.read(min(_CHUNK, size - start))


def _check_archive(path: Path, checksums: bool) -> None:
    """Refuse what torch did not write, or what holds more than its size: torch would unpack a compressed bomb."""
    if not zipfile.is_zipfile(path):
        raise DamagedFileError("is damaged or half-written, or no checkpoint")
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        compressed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
        if compressed or sum(member.file_size for member in members) > path.stat().st_size:
            raise DamagedFileError("is compressed, as no checkpoint is, and was not loaded")
        if checksums and archive.testzip() is not None:
            raise DamagedFileError("is damaged (its checksums differ)")
