"""Frames as a moving picture."""

from abc import ABC, abstractmethod
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, final

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.ranges import Few, within


class Film(ABC):
    """Writes frames to a file.

    Args:
        frames_per_second: how fast they follow each other.
    """

    suffix: ClassVar[str]

    def __init__(self, frames_per_second: Few) -> None:
        self.frames_per_second = within("film.frames_per_second", Few, frames_per_second)

    @abstractmethod
    def check(self) -> None:
        """Raise a SettingError if the film cannot be written as it is asked for."""

    @abstractmethod
    def write(self, frames: Tensor, file: Path) -> None:
        """Frames (T, 3, H, W) uint8 to a file."""


@final
class GIF(Film):
    """An animation that repeats for ever, in 256 colours, which every browser shows. It counts hundredths of a second,
    and browsers slow down what shows a frame for less than two of them."""

    suffix = ".gif"
    most = 50

    def check(self) -> None:
        if self.frames_per_second > self.most:
            raise SettingError(
                f"film.frames_per_second={self.frames_per_second}: a GIF shows at most {self.most}; choose fewer, or "
                "film=mp4"
            )

    def write(self, frames: Tensor, file: Path) -> None:
        first, *others = (Image.fromarray(frame.permute(1, 2, 0).numpy()) for frame in frames)
        ends = [round(100 * frame / self.frames_per_second) for frame in range(len(frames) + 1)]
        durations = [10 * (end - start) for start, end in pairwise(ends)]
        first.save(file, save_all=True, append_images=others, duration=durations, loop=0)


@final
class MP4(Film):
    """A video (H.264), smaller than a GIF and in all colours. The extra `video` brings its encoder."""

    suffix = ".mp4"

    def check(self) -> None:
        _encoder()

    def write(self, frames: Tensor, file: Path) -> None:
        height, width = frames.shape[2:]
        # The encoder stores colours for two by two pixels.
        even = F.pad(frames.float(), (0, width % 2, 0, height % 2), value=255).to(torch.uint8)
        pictures = even.permute(0, 2, 3, 1).numpy()
        _encoder().imwrite(file, pictures, plugin="FFMPEG", fps=self.frames_per_second, macro_block_size=2)


def _encoder() -> Any:
    """imageio, if it can encode.

    Raises:
        SettingError: it is not installed.
    """
    try:
        import imageio.v3
        import imageio_ffmpeg  # noqa: F401
    except ImportError as error:
        raise SettingError(
            "film=mp4: needs the extra `video`, which is not installed: pip install 'gan-lightning[video]'; film=gif "
            "needs nothing more"
        ) from error
    return imageio.v3
