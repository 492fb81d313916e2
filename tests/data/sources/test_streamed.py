"""Images in the shards of LitData."""

import io
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.TiffImagePlugin import SAMPLEFORMAT
from shards import write_shards

from gan_lightning.data import Draw, EpochBatches, ImageData, Place, Streamed
from gan_lightning.data.sampler import TOGETHER
from gan_lightning.errors import SettingError

COUNT, SHARD = 100, 7


def grey(i: int) -> np.ndarray:
    return np.full((20, 16, 3), i, np.uint8)


def encoded(i: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(grey(i)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    write_shards(folder / "train", [{"image": encoded(i), "other": i} for i in range(COUNT)], SHARD)
    write_shards(folder / "test", [{"image": Image.fromarray(grey(200 + i))} for i in range(10)], SHARD)
    np.save(folder / "labels.npy", np.arange(COUNT) % 3)
    return folder


def test_images_are_those_that_were_written(shards: Path) -> None:
    source = Streamed(str(shards), labels=str(shards / "labels.npy"))
    train = source.load("train", 16)
    assert len(train) == COUNT
    assert sum(train.blocks or ()) == COUNT
    assert max(train.blocks or ()) == SHARD
    pixels = train.pixels([99, 0, 41])
    assert pixels.shape == (3, 3, 16, 16)
    assert pixels[:, 0, 0, 0].tolist() == [99, 0, 41]
    assert train.labels[[99, 0, 41]].tolist() == [0, 0, 2]
    assert list(train.class_names) == ["0", "1", "2"]
    assert source.load("test", 16).pixels([3])[0, 0, 0, 0] == 203


def test_arrays_and_grey_pictures(tmp_path: Path) -> None:
    write_shards(tmp_path / "a", [{"x": torch.full((1, 16, 16), 7, dtype=torch.uint8)}], SHARD)
    assert Streamed(str(tmp_path / "a"), image="x").load("train", 16).pixels([0]).unique().tolist() == [7]
    assert Streamed(str(tmp_path / "a"), image="x", channels=1).load("train", 16).pixels([0]).shape == (1, 1, 16, 16)


def test_values_mean_the_same_in_every_picture(tmp_path: Path) -> None:
    deep = [Image.fromarray(np.full((16, 16), 257 * value, np.uint16)) for value in (3, 200)]
    samples = [*deep, Image.fromarray(np.full((16, 16), 0.5, np.float32))]
    write_shards(tmp_path / "a", [{"image": sample} for sample in samples], SHARD)
    images = Streamed(str(tmp_path / "a"), channels=1).load("train", 16)
    assert images.pixels([0, 1])[:, 0, 0, 0].tolist() == [3, 200]
    with pytest.raises(SettingError, match="image 2 of .* cannot be read .numbers of 32 bits"):
        images.pixels([2])


def test_files_of_16_bits_are_read_from_0_to_65535_and_signed_ones_refused(tmp_path: Path) -> None:
    def stored(values: np.ndarray, kind: str, **settings: object) -> dict[str, bytes]:
        file = io.BytesIO()
        Image.fromarray(values).save(file, kind, **settings)
        return {"image": file.getvalue()}

    deep = [stored(np.full((16, 16), 257 * 3, np.uint16), kind) for kind in ("PPM", "PNG", "TIFF")]
    signed = [
        stored(np.full((16, 16), 200, kind), "TIFF", tiffinfo={SAMPLEFORMAT: 2}) for kind in (np.uint8, np.uint16)
    ]
    write_shards(tmp_path / "a", [*deep, *signed], SHARD)
    images = Streamed(str(tmp_path / "a"), channels=1).load("train", 16)
    assert images.pixels([0, 1, 2]).unique().tolist() == [3]
    for i in (3, 4):
        with pytest.raises(SettingError, match=f"image {i} of .* cannot be read .numbers of 32 bits, or signed ones"):
            images.pixels([i])


def test_the_fingerprint_tells_splits_of_as_many_bytes_and_labels_apart(tmp_path: Path) -> None:
    for split, level in (("train", 7), ("test", 9)):
        write_shards(
            tmp_path / split, [{"image": torch.full((3, 16, 16), level, dtype=torch.uint8)} for _ in range(4)], SHARD
        )
    np.save(tmp_path / "some.npy", np.array([0, 1, 0, 1]))
    np.save(tmp_path / "others.npy", np.array([1, 1, 0, 0]))
    shutil.copytree(tmp_path / "train", tmp_path / "copy" / "train")
    source = Streamed(str(tmp_path))
    train = source.load("train", 16).fingerprint
    assert train == Streamed(str(tmp_path / "copy")).load("train", 16).fingerprint
    labelled = [Streamed(str(tmp_path), labels=str(tmp_path / f"{name}.npy")) for name in ("some", "others")]
    others = [source.load("test", 16), source.load("train", 8), *(one.load("train", 16) for one in labelled)]
    assert len({train, *(images.fingerprint for images in others)}) == 5


def test_training_goes_on_inside_an_epoch_and_processes_share_it(shards: Path) -> None:
    images = Streamed(str(shards)).load("train", 16)

    def order(place: Place) -> list[Draw]:
        return list(EpochBatches(len(images), 4, 0, place, blocks=images.blocks))

    whole = order(Place())
    assert order(Place(batch=9)) == whole[9:]
    seen = Counter(position for draw in whole for position in draw.positions)
    assert seen == Counter(range(COUNT))
    parts = [order(Place(rank, 2)) for rank in range(2)]
    halves = [one.positions + other.positions for one, other in zip(*parts, strict=True)]
    joined = [draw.positions for draw in EpochBatches(len(images), 8, 0, blocks=images.blocks)]
    assert halves == joined


def test_few_shards_are_open_at_a_time() -> None:
    blocks = [10] * 64
    order = [i for draw in EpochBatches(640, 1, 0, blocks=blocks) for i in draw.positions]
    windows = [order[i : i + 10 * TOGETHER] for i in range(0, 640, 10 * TOGETHER)]
    for window in windows:
        assert len({i // 10 for i in window}) == TOGETHER
        assert window != sorted(window)
    assert len({i // 10 for i in order[:10]}) > 3  # not one shard after the other


def test_batches_in_other_processes_are_the_same(shards: Path) -> None:
    def batches(workers: int) -> list[torch.Tensor]:
        data = ImageData(
            Streamed(str(shards)), resolution=16, batch_size=20, num_fake=1, seed=3, num_workers=workers, flip=True
        )
        return [batch.image for batch in data.train_dataloader()]

    for own, others in zip(batches(0), batches(1), strict=True):
        assert torch.equal(own, others)


def test_what_cannot_be_read_is_named(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"dataset\.source\.path=.*holds no shards of LitData"):
        Streamed(str(tmp_path)).load("train", 16)
    with pytest.raises(SettingError, match=r"split=val: .*has the splits train, test"):
        Streamed(str(shards)).load("val", 16)
    with pytest.raises(SettingError, match=r"dataset\.source\.image=picture: image 0 of .*, but image, other"):
        Streamed(str(shards), image="picture").load("train", 16)
    with pytest.raises(SettingError, match=r"image 0 of .*cannot be read"):
        Streamed(str(shards), image="other").load("train", 16)
    np.save(tmp_path / "few.npy", np.arange(3))
    with pytest.raises(SettingError, match=r"dataset\.source\.labels: 3 labels for 100 images"):
        Streamed(str(shards), labels=str(tmp_path / "few.npy")).load("train", 16)
    np.save(tmp_path / "real.npy", np.ones(100))
    with pytest.raises(SettingError, match=r"dataset\.source\.labels=.*one whole number"):
        Streamed(str(shards), labels=str(tmp_path / "real.npy")).load("train", 16)
    with pytest.raises(SettingError, match=r"dataset\.source\.labels=.*cannot be read as a \.npy file"):
        Streamed(str(shards), labels=str(tmp_path / "none.npy")).load("train", 16)
