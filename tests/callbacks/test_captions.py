"""Pictures of samples under their captions, in files and in loggers."""

import pytest
import torch

from gan_lightning.callbacks import CaptionGrid
from gan_lightning.data import read_png
from gan_lightning.errors import SettingError
from gan_lightning.training import train

TINY = [
    *("model=gan_cls", "dataset=fake_captions", "dataset.source.size=16", "dataset.resolution=16"),
    *("dataset.batch_size=8", "network.width=4", "metrics=none", "max_generator_steps=2"),
]


def test_a_row_for_each_caption_and_the_first_row_over_time(composed, tmp_path):
    train(composed(*TINY, "callbacks.samples.columns=3"))
    run = tmp_path / "run"
    first, *_, last = sorted((run / "samples").glob("*.png"))
    before, after = read_png(first), read_png(last)
    shown = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)["config"]["spec"]["captions"]["shown"]
    row = after.shape[1] // len(shown)
    assert after.shape[2] == 3 * 66 + 2
    assert before.shape == after.shape == read_png(run / "real.png").shape
    for i in range(len(shown)):  # the words stay, the samples change
        text, images = (slice(i * row, i * row + 20), slice(i * row + 24, (i + 1) * row))
        assert torch.equal(before[:, text], after[:, text])
        assert (before[:, text] < 128).any()
        assert not torch.equal(before[:, images], after[:, images])
    strip = read_png(run / "training.png")
    assert torch.equal(strip[:, :row], before[:, :row])
    assert torch.equal(strip[:, -row:], after[:, :row])


@pytest.mark.parametrize("setting", ["columns", "strip_rows"])
def test_a_count_below_one_is_refused(setting):
    with pytest.raises(SettingError, match=f"callbacks.samples.{setting}=0"):
        CaptionGrid(**{"run_dir": "run", "columns": 1, "strip_rows": 1, setting: 0})


def test_too_large_a_picture_is_refused_before_training(composed):
    with pytest.raises(SettingError, match=r"callbacks.samples.columns=1000: makes a picture"):
        train(composed(*TINY, "callbacks.samples.columns=1000", "callbacks.samples.strip_rows=1000"))
