"""Walks through the latent space: what lies between samples."""

import math
from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor

from gan_lightning.counting import counted
from gan_lightning.data import save_png
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError
from gan_lightning.models import ImagesFromNoise, Uniform
from gan_lightning.ranges import Columns, Count, Few, within
from gan_lightning.sampling.films import Film
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import BATCH, MOST_PIXELS, Show
from gan_lightning.sampling.task import Task


class Path(ABC):
    """A way from one latent to another."""

    @abstractmethod
    def check(self, model: ImagesFromNoise) -> None:
        """Raise a SettingError if this way is not right for the model's latents."""

    @abstractmethod
    def between(self, start: Tensor, end: Tensor, share: float) -> Tensor:
        """The latents (B, L) after this share, from 0 to 1, of the ways between `start` and `end` (B, L)."""


@final
class Linear(Path):
    """The straight line. Right for w; in the middle of two draws of normal noise, lengths are unusually small.

    >>> Linear().between(torch.tensor([[0.0, 2.0]]), torch.tensor([[2.0, 0.0]]), 0.25)
    tensor([[0.5000, 1.5000]])
    """

    def check(self, model: ImagesFromNoise) -> None:
        """Right for every model."""

    def between(self, start: Tensor, end: Tensor, share: float) -> Tensor:
        return start.lerp(end, share)


@final
class Spherical(Path):
    """The arc of a great circle (White 2016, arXiv:1609.04468), on which lengths stay those of normal noise.

    The angle between the two changes evenly, and so does the length if the ends differ in it.

    >>> Spherical().between(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]]), 1 / 3)
    tensor([[0.8660, 0.5000]])
    """

    def check(self, model: ImagesFromNoise) -> None:
        if model.mean_w() is not None:
            raise SettingError(
                "show=spherical_walk: this generator maps noise to another latent w, where straight lines are right; "
                "use show=linear_walk"
            )

    def between(self, start: Tensor, end: Tensor, share: float) -> Tensor:
        lengths = [side.norm(dim=1, keepdim=True).clamp_min(1e-12) for side in (start, end)]
        one, other = start / lengths[0], end / lengths[1]
        angle = (one * other).sum(1, keepdim=True).clamp(-1, 1).arccos().clamp(1e-6, math.pi - 1e-6)
        directions = (((1 - share) * angle).sin() * one + (share * angle).sin() * other) / angle.sin()
        return directions * lengths[0].lerp(lengths[1], share)


def usual_path(model: ImagesFromNoise) -> Path:
    """The way that suits a model's latents: straight behind a mapping, and within a cube of uniform noise; otherwise an
    arc."""
    return Linear() if model.mean_w() is not None or isinstance(model.prior, Uniform) else Spherical()


@final
class Walk(Show):
    """Several walks side by side, each through latents of samples and back to the first, as a film and a picture.

    A row of the picture is a walk; its columns are evenly spaced in time, and the first is sample number 0, 1 ... of
    the same seed. Each walk shows one condition.

    Args:
        path: from one latent to the next.
        film: that is written.
        walks: how many.
        stops: latents that a walk goes through.
        steps: frames from one to the next.

    Raises:
        SettingError: a count below one, or a walk of one stop.
    """

    ignores = ("n",)
    files = ("walk.gif", "walk.mp4")

    def __init__(self, path: Path, film: Film, walks: Columns, stops: Few, steps: Few) -> None:
        self.path, self.film = path, film
        self.walks, self.steps = within("show.walks", Count, walks), within("show.steps", Count, steps)
        self.stops = within("show.stops", Few, stops)
        if stops < 2:
            raise SettingError(f"show.stops={stops}: a walk needs at least 2")

    def show(self, task: Task, sampler: Sampler) -> str:
        model = task.model("a walk")
        self.path.check(model)
        self.film.check()
        frames = self.stops * self.steps
        pixels = frames * self.walks * max(64, task.spec["height"]) * max(64, task.spec["width"])
        if pixels > MOST_PIXELS:
            raise SettingError(
                f"show.steps={self.steps}: {frames:,} frames of {self.walks:,} images have {pixels:,} pixels, and at "
                f"most {MOST_PIXELS:,} are made; choose a smaller number"
            )
        numbers = torch.arange(self.walks * self.stops)
        condition = task.conditions(torch.arange(self.walks)).to(model.device)
        with torch.no_grad():
            repeated = condition.repeat_interleave(self.stops, 0)
            latents = model.latent_at(_by_walk(numbers, self.walks, self.stops), repeated, task.seed, task.truncation)
        stops = latents.unflatten(0, (self.walks, self.stops))
        made = []
        with torch.no_grad():
            for frame in progress(range(frames), "Walking"):
                leg, step = divmod(frame, self.steps)
                start, end = stops[:, leg], stops[:, (leg + 1) % self.stops]
                w = self.path.between(start, end, step / self.steps)
                parts = zip(w.split(BATCH), condition.split(BATCH), strict=True)
                made.append(torch.cat([model.synthesise(*part).float().cpu() for part in parts]))
        samples = torch.stack(made)  # (frames, walks, C, H, W)
        task.folder.mkdir(parents=True, exist_ok=True)
        columns = torch.linspace(0, frames, min(task.columns, frames) + 1)[:-1].long()
        picture = task.folder / task.kind.picture
        save_png(task.kind.draw(samples[columns].transpose(0, 1).flatten(0, 1), len(columns)), picture)
        film = task.folder / f"walk{self.film.suffix}"
        across = math.ceil(self.walks**0.5)
        self.film.write(torch.stack([task.kind.draw(one, across) for one in samples]), film)
        walks = counted(self.walks, "walk")
        return f"{walks} of {frames} frames in {film}, {len(columns)} of them side by side in {picture}"


def _by_walk(numbers: Tensor, walks: int, stops: int) -> Tensor:
    """Sample numbers (walks * stops,), walk by walk: the walks begin at the samples 0, 1 ... of a plain command."""
    return numbers.view(stops, walks).T.flatten()
