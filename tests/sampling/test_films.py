"""Moving pictures, read back by another program."""

import sys

import imageio.v3 as imageio
import pytest
import torch
from PIL import Image

from gan_lightning.errors import SettingError
from gan_lightning.sampling.films import GIF, MP4


def test_an_animation_has_the_frames_in_their_order_and_repeats_for_ever(tmp_path):
    frames = torch.stack([torch.full((3, 5, 7), grey, dtype=torch.uint8) for grey in (10, 120, 240)])
    GIF(30).write(frames, tmp_path / "x.gif")
    with Image.open(tmp_path / "x.gif") as film:
        assert (film.n_frames, film.size, film.info["loop"]) == (3, (7, 5), 0)
        for frame, grey in enumerate((10, 120, 240)):
            film.seek(frame)
            assert film.convert("RGB").getextrema() == ((grey, grey),) * 3


@pytest.mark.parametrize("rate", [7, 15, 30, 45, 50])
def test_an_animation_lasts_as_long_as_its_frames_at_the_rate(tmp_path, rate):
    frames = torch.arange(3 * 5 * 7 * rate, dtype=torch.uint8).view(rate, 3, 5, 7)  # of a second
    GIF(rate).write(frames, tmp_path / "x.gif")
    with Image.open(tmp_path / "x.gif") as film:
        durations = []
        for frame in range(film.n_frames):
            film.seek(frame)
            durations.append(film.info["duration"])
    assert sum(durations) == 1000  # milliseconds
    assert max(durations) - min(durations) <= 10
    assert min(durations) >= 20


def test_an_animation_is_not_faster_than_browsers_show_it():
    GIF(50).check()
    with pytest.raises(SettingError, match=r"film.frames_per_second=51: a GIF shows at most 50; .* film=mp4"):
        GIF(51).check()


@pytest.mark.filterwarnings(
    "ignore:unclosed file:ResourceWarning"
)  # the pipe to the encoder, which imageio leaves open
def test_a_video_has_the_frames_and_even_sides(tmp_path):
    frames = torch.stack([torch.full((3, 33, 35), grey, dtype=torch.uint8) for grey in (10, 120, 240)])
    MP4(10).write(frames, tmp_path / "x.mp4")
    read = imageio.imread(tmp_path / "x.mp4", plugin="FFMPEG")
    assert read.shape == (3, 34, 36, 3)
    assert [int(frame[:32, :32].mean()) for frame in read] == pytest.approx([10, 120, 240], abs=2)
    assert (read[:, 33] > 240).all()  # white, where a row was added
    facts = imageio.immeta(tmp_path / "x.mp4", plugin="FFMPEG")
    assert (facts["fps"], facts["codec"]) == (10, "h264")


def test_a_video_needs_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(SettingError, match=r"film=mp4: needs the extra `video`.*'gan-lightning\[video\]'"):
        MP4(10).check()
