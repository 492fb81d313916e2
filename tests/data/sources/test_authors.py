"""The authors' sets: fetched once, unpacked safely, and what is said where that cannot be."""

import gzip
import io
import shutil
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image

from gan_lightning.data import AlignedFolder, UnpairedFolder, download
from gan_lightning.data.sources import authors
from gan_lightning.errors import SettingError

# Long enough for several blocks, of which the middle one is damaged.
NOISE = "".join(str(i * i) for i in range(20_000)).encode()


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder with two of the sets, laid out as on the authors' host."""
    folder = tmp_path / "host"
    png = io.BytesIO()
    Image.new("RGB", (8, 4)).save(png, "PNG")
    facades = {f"facades/{split}/{i}.png": png.getvalue() for split in ("train", "val") for i in range(3)}
    write_tar(archive_of("facades", folder), facades)
    horses = {f"horse2zebra/{part}{side}/0.png": png.getvalue() for part in ("train", "test") for side in "AB"}
    write_zip(archive_of("horse2zebra", folder), horses)
    return folder


@pytest.fixture
def fetched(host: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are fetched, from the folder instead of the network."""
    found = []

    def copy(address: str, folder: str, name: str) -> None:
        found.append(address)
        Path(folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(address.replace(authors.HOST, str(host)), Path(folder, name))

    monkeypatch.setattr(authors, "download_url", copy)
    return found


def archive_of(name: str, host: Path) -> Path:
    return Path(authors.ADDRESSES[name].replace(authors.HOST, str(host)))


def write_tar(file: Path, members: dict[str, bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def write_zip(file: Path, members: dict[str, bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)


def left_behind(folder: Path) -> set[str]:
    return (
        {path.name for path in folder.iterdir()} - {".facades.lock", ".horse2zebra.lock"} if folder.exists() else set()
    )


def test_sets_are_fetched_into_the_folders_that_the_sources_read(fetched, tmp_path):
    data = tmp_path / "data"
    pairs = AlignedFolder(download("facades", str(data)))
    assert [len(pairs.load(split, (4, 4)).a) for split in ("train", "test")] == [3, 3]
    domains = UnpairedFolder(download("horse2zebra", str(data)))
    assert len(domains.load("test", (4, 4)).b) == 1
    assert left_behind(data) == {"facades", "horse2zebra"}


def test_sets_are_fetched_over_http(host, tmp_path, monkeypatch):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is told."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(host))) as server:
        here = f"http://127.0.0.1:{server.server_port}"
        addresses = {name: address.replace(authors.HOST, here) for name, address in authors.ADDRESSES.items()}
        monkeypatch.setattr(authors, "ADDRESSES", addresses)
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            folder = Path(download("facades", str(tmp_path / "data")))
        finally:
            server.shutdown()
            serving.join()
    assert len(list(folder.rglob("*.png"))) == 6


def test_what_is_there_is_not_fetched_again(fetched, tmp_path):
    (tmp_path / "facades").mkdir()
    assert download("facades", str(tmp_path)) == str(tmp_path / "facades")
    assert fetched == []


def test_many_at_once_fetch_once(fetched, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: download("facades", str(tmp_path / "data")), range(4)))
    assert set(folders) == {str(tmp_path / "data" / "facades")}
    assert fetched == [authors.ADDRESSES["facades"]]


def test_what_a_killed_download_left_is_cleared_away(fetched, tmp_path):
    data = tmp_path / "data"
    half = data / ".facades.partial" / "unpacked" / "facades"
    half.mkdir(parents=True)
    (half / "old.png").write_text("half a picture")
    (half.parents[1] / "facades.tar.gz").write_text("half an archive")
    folder = Path(download("facades", str(data)))
    assert sorted(path.name for path in folder.rglob("*.png")) == sorted(2 * ["0.png", "1.png", "2.png"])
    assert left_behind(data) == {"facades"}


@pytest.mark.parametrize("name", ["facades", "horse2zebra"])
@pytest.mark.parametrize("fault", ["missing", "cut", "scrambled", "not compressed", "not an archive", "other folder"])
def test_broken_archives_leave_nothing_and_name_the_remedy(host, fetched, tmp_path, name, fault):
    archive = archive_of(name, host)
    whole = archive.read_bytes()
    if fault == "missing":
        archive.unlink()
    elif fault == "cut":
        archive.write_bytes(whole[: len(whole) // 2])
    elif fault == "scrambled":
        (write_zip if name == "horse2zebra" else write_tar)(archive, {f"{name}/{i}.png": NOISE for i in range(3)})
        whole = archive.read_bytes()
        middle = len(whole) // 2
        archive.write_bytes(whole[:middle] + b"\xff" * 1000 + whole[middle + 1000 :])
    elif fault == "not compressed":
        archive.write_bytes(gzip.compress(b"")[:10] + b"\xff" * 1000)
    elif fault == "not an archive":
        archive.write_bytes(b"<html>This server has moved.</html>")
    else:
        (write_zip if name == "horse2zebra" else write_tar)(archive, {"elsewhere/a.png": b""})
    with pytest.raises(SettingError) as error:
        download(name, str(tmp_path / "data"))
    for part in (name, authors.ADDRESSES[name], str(tmp_path / "data" / name), "openmoji_outline", "avatars_unpaired"):
        assert part in str(error.value)
    assert left_behind(tmp_path / "data") == set()


@pytest.mark.parametrize("name", ["facades", "horse2zebra"])
@pytest.mark.parametrize("evil", ["../evil.png", "facades/../../evil.png", "/tmp/evil_of_gan_lightning.png"])
def test_archives_cannot_write_elsewhere(host, fetched, tmp_path, name, evil):
    archive = archive_of(name, host)
    (write_zip if name == "horse2zebra" else write_tar)(archive, {f"{name}/train/a.png": b"", evil: b"evil"})
    data = tmp_path / "data"
    if name == "facades" and evil.startswith("/"):
        download(name, str(data))  # tarfile takes away the slash
        assert left_behind(data) == {"facades"}
    else:
        with pytest.raises(SettingError, match=f"{name}: .*evil"):
            download(name, str(data))
        assert left_behind(data) == set()
    assert not list(tmp_path.rglob("evil*"))
    assert not Path("/tmp/evil_of_gan_lightning.png").exists()


@pytest.mark.parametrize("name", ["facades", "horse2zebra"])
@pytest.mark.parametrize(("limit", "most"), [("MOST_BYTES", 100), ("MOST_MEMBERS", 2)])
def test_archives_unpack_within_limits(host, fetched, tmp_path, monkeypatch, name, limit, most):
    monkeypatch.setattr(authors, limit, most)
    with pytest.raises(SettingError, match=rf"{name}\.(tar\.gz|zip): unpacks to more than .*nothing of it was kept"):
        download(name, str(tmp_path / "sets"))
    assert [path.name for path in (tmp_path / "sets").iterdir()] == [f".{name}.lock"]


def test_links_in_archives_cannot_lead_elsewhere(host, fetched, tmp_path):
    archive = archive_of("facades", host)
    with tarfile.open(archive, "w:gz") as tar:
        link = tarfile.TarInfo("facades/train")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(link)
    with pytest.raises(SettingError, match="facades: .*could not be fetched and unpacked"):
        download("facades", str(tmp_path / "data"))


def test_no_network_is_said_with_the_remedy(tmp_path, monkeypatch):
    address = "http://127.0.0.1:9/facades.tar.gz"  # nobody listens
    monkeypatch.setattr(authors, "ADDRESSES", {"facades": address})
    with pytest.raises(SettingError, match=f"facades: {address} could not be fetched.*refused.*by hand to {tmp_path}"):
        download("facades", str(tmp_path))
    assert left_behind(tmp_path) == set()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingError, match="facades: .*file"):
        download("facades", str(tmp_path / "file" / "data"))


def test_unknown_set_is_told_the_names(tmp_path):
    with pytest.raises(
        SettingError, match=r"name=zebras: allowed are facades.*\(pairs\) and apple2orange.*horse2zebra"
    ):
        download("zebras", str(tmp_path))


def test_addresses_are_those_of_the_authors_scripts():
    assert authors.ADDRESSES["maps"] == "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/maps.tar.gz"
    assert authors.ADDRESSES["monet2photo"] == "http://efrosgans.eecs.berkeley.edu/cyclegan/datasets/monet2photo.zip"
    assert len(authors.ADDRESSES) == 5 + 9
