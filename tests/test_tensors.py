"""Files of tensors are written as a whole, and their contents are checked when they are read."""

import io
import os
import zipfile
from pathlib import Path

import pytest
import torch

from gan_lightning.tensors import DamagedFileError, read_tensors, write_tensors

CONTENT = {"weights": torch.arange(64.0), "names": ["a", "b"]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_tensors(tmp_path / "content.pt", CONTENT)
    return tmp_path / "content.pt"


def test_torch_reads_a_sealed_file_as_any_other(file):
    for content in (torch.load(file, weights_only=True), read_tensors(file, sealed=True)):
        assert torch.equal(content["weights"], CONTENT["weights"])
        assert content["names"] == CONTENT["names"]


def test_every_flipped_bit_is_found_or_changes_nothing(file):
    whole = file.read_bytes()
    for position in range(0, len(whole), 53):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        with pytest.raises(DamagedFileError):
            read_tensors(file, sealed=True)


def test_file_without_a_digest_is_held_to_its_checksums(tmp_path):
    path = tmp_path / "plain.pt"
    torch.save(CONTENT, path)
    assert read_tensors(path, sealed=False)["names"] == ["a", "b"]
    whole = bytearray(path.read_bytes())
    whole[whole.index(CONTENT["weights"].numpy().tobytes()) + 6] ^= 1
    path.write_bytes(whole)
    assert not torch.equal(torch.load(path, weights_only=True)["weights"], CONTENT["weights"])  # without a word
    with pytest.raises(DamagedFileError, match="damaged"):
        read_tensors(path, sealed=False)


def test_compressed_bomb_is_not_unpacked(file):
    bomb = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in archive.infolist():
            content = bytes(2**24) if member.filename.endswith("data/0") else archive.read(member)
            packed.writestr(member.filename, content)
    file.write_bytes(bomb.getvalue())
    with pytest.raises(DamagedFileError, match="compressed"):
        read_tensors(file, sealed=False)


def test_what_is_no_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), tmp_path / "missing"):
        with pytest.raises(DamagedFileError, match="is not a file"):
            read_tensors(path, sealed=False)
