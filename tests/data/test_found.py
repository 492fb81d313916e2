"""What a folder holds: nothing in it vanishes without a word, and nothing in it makes the search go on for ever."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from gan_lightning.data import AlignedFolder, Folder, Note, PhotographFolder, find_pictures, picture_files
from gan_lightning.data.found import check_folder
from gan_lightning.errors import SettingError


def picture(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 20)).save(file)
    return file


def told(folder: Path) -> list[str]:
    return [note.text for note in find_pictures(folder).notes(folder)]


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A class folder that may not be listed, also for those whom permissions do not bind."""
    folder = picture(tmp_path / "birds" / "0.png").parent
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder


def test_links_inside_the_folder_are_counted_and_circles_end(tmp_path):
    picture(tmp_path / "pool" / "a.png")
    (tmp_path / "b.png").symlink_to("pool/a.png")
    (tmp_path / "cats").symlink_to("pool")
    (tmp_path / "pool" / "up").symlink_to(tmp_path)
    (tmp_path / "gone.png").symlink_to("nowhere.png")
    (tmp_path / "one.png").symlink_to("two.png")
    (tmp_path / "two.png").symlink_to("one.png")
    found = find_pictures(tmp_path)
    assert found.pictures == [tmp_path / "b.png", tmp_path / "pool" / "a.png"]
    assert found.outside == []
    assert told(tmp_path) == [
        "links that lead nowhere: 3 (gone.png, one.png, two.png)",
        "links to folders, which are not followed: 2 (cats, pool/up)",
        "1 picture is a link to others",
    ]


def test_everything_else_is_counted_with_its_reason(tmp_path):
    for name in ("cats/0.png", "cats/1.png", ".trash/2.png", "cats/._0.png"):
        picture(tmp_path / name)
    (tmp_path / "cats" / "list.txt").write_text("no picture")
    (tmp_path / "cats" / "IMG_1.HEIC").write_text("needs another library")
    (tmp_path / "dogs" / "young").mkdir(parents=True)
    os.mkfifo(tmp_path / "cats" / "pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(tmp_path)  # names of sockets are short
        server.bind("socket")
    assert told(tmp_path) == [
        "files that are not pictures: 1 (cats/list.txt)",
        "folders without a picture: 1 (dogs)",
        "hidden files and folders: 2 (.trash, cats/._0.png)",
        "photographs that Pillow cannot open, such as HEIC and raw files (convert them to JPEG or PNG): 1 "
        "(cats/IMG_1.HEIC)",
        "pipes, sockets or devices: 2 (cats/pipe.png, socket)",
    ]
    assert [note for note in Folder(str(tmp_path)).load("train", 16).notes if note.heading == "Left out"] == [
        Note("Left out", text) for text in told(tmp_path)
    ]


def test_a_folder_without_permission_is_named_and_left_out_only_on_request(locked):
    picture(locked.parent / "cats" / "0.png")
    with pytest.raises(SettingError, match=r"birds: cannot be read \(no permission\).*skip_broken=true"):
        Folder(str(locked.parent)).load("train", 16)
    with pytest.raises(SettingError, match="birds: cannot be read"):
        AlignedFolder(str(locked.parent))
    for read in (PhotographFolder, picture_files):  # which have no setting skip_broken
        with pytest.raises(SettingError, match=r"birds: cannot be read .*; allow it or take it out of the folder$"):
            read(locked.parent)
    notes = Folder(str(locked.parent), skip_broken=True).load("train", 16).notes
    assert Note("Left out", "folders and files that cannot be read (no permission): 1 (birds)") in notes
    with pytest.raises(SettingError, match="birds: cannot be read"):  # nothing else is there to train on
        Folder(str(locked), skip_broken=True).load("train", 16)


def test_files_that_may_not_be_read_are_named_when_they_are(tmp_path, monkeypatch):
    hidden = picture(tmp_path / "0.png").rename(tmp_path / "no_suffix")
    opened = Image.open

    def refusing(file: Path, **settings: object) -> Image.Image:
        if Path(file) == hidden:
            raise PermissionError(13, "Permission denied", str(file))
        return opened(file, **settings)

    monkeypatch.setattr(Image, "open", refusing)
    assert picture_files(tmp_path) == [hidden]
    with pytest.raises(SettingError, match=r"no_suffix cannot be read as an image .*Permission denied"):
        Folder(str(tmp_path)).load("train", 16)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("photo.png", "=.*photo.png: is one picture; name the folder"),
        ("photos.zip", "=.*photos.zip: is a file, not a folder; if it is an archive, unpack it"),
        ("nowhere", "=.*nowhere: this folder does not exist"),
        ("", "=: names no folder"),
    ],
)
def test_what_is_no_folder_is_told_apart(tmp_path, name, message):
    picture(tmp_path / "photo.png")
    (tmp_path / "photos.zip").write_bytes(b"PK")
    with pytest.raises(SettingError, match=f"dataset.source.path{message}"):
        Folder(name and str(tmp_path / name))


def test_a_folder_may_be_called_like_a_number(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "2024").mkdir()
    assert check_folder("dataset.source.path", 2024) == Path("2024")
    with pytest.raises(SettingError, match=f"=2025: this folder does not exist; a relative path begins in {tmp_path}$"):
        check_folder("dataset.source.path", 2025)


def test_an_empty_folder_tells_what_it_holds_instead(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(SettingError, match=r"holds no image .*; files that are not pictures: 1 \(notes.txt\)"):
        Folder(str(tmp_path)).load("train", 16)
