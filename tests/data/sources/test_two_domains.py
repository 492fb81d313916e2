"""What folders of two domains have in common, whatever their layout."""

import pytest
import torch
from sides_on_disk import ALL, SIZE, aligned, unpaired, write

from gan_lightning.data import PairedData, UnpairedData, UnpairedFolder
from gan_lightning.errors import SettingError


@pytest.mark.parametrize("make", ALL)
def test_unknown_split_and_channels_are_named(tmp_path, make):
    with pytest.raises(SettingError, match="split=valid: .*train and test"):
        make(tmp_path).load("valid", SIZE)
    with pytest.raises(SettingError, match="dataset.source.channels_b=5: allowed are 1"):
        make(tmp_path, channels_b=5)
    with pytest.raises(SettingError, match="dataset.source.channels_a=0"):
        make(tmp_path, channels_a=0)


@pytest.mark.parametrize("make", ALL)
def test_links_that_lead_outside_are_refused(tmp_path, make):
    write(tmp_path / "outside.png", 0)
    make(tmp_path / "set")
    link = next((tmp_path / "set").rglob("01.png")).parent / "02x.png"
    link.symlink_to(tmp_path / "outside.png")
    with pytest.raises(SettingError, match=r"02x\.png: leads to"):
        make(tmp_path / "set")


def test_what_colour_pictures_lose_is_said_with_the_setting_of_their_side(tmp_path):
    for side in "AB":
        (tmp_path / f"train{side}").mkdir()
        for i in range(2):
            content = b"P6 2 1 65535\n" + bytes(12) if side == "B" else b"P6 2 1 255\n" + bytes(6)
            (tmp_path / f"train{side}" / f"{i}.ppm").write_bytes(content)
    a, b = UnpairedFolder(str(tmp_path)).notes
    assert not [note for note in a if "16 bits" in note.text]
    (note,) = [note for note in b if "16 bits" in note.text]
    assert note.text.endswith("grey pictures keep what dataset.source.value_range_b says")


def test_pairs_and_domains_train_from_files_with_workers(tmp_path):
    settings = {"resolution": [8, 8], "load": [10, 12], "batch_size": 5, "seed": 0, "flip": True, "num_workers": 1}
    pairs = PairedData(aligned(tmp_path / "pairs", memory_limit=0), **settings)
    assert pairs.spec().size == 10
    batches = list(pairs.train_dataloader())
    assert [batch.source.shape for batch in batches] == [(5, 3, 8, 8)] * 2
    source, target = (torch.cat([batch[k] for batch in batches])[:, 0, 0, 0] for k in range(2))
    assert torch.allclose(target - source, torch.tensor(100 / 127.5), atol=1e-5)
    domains = UnpairedData(unpaired(tmp_path / "domains", memory_limit=0), **settings)
    assert [len(held.source) for held in domains.val_dataloader()] == [2, 2]
