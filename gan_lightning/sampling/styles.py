"""What the latent w of style-based generators does: mixtures of two images, and images nearer to the mean."""

from typing import final

import torch
from torch import Tensor

from gan_lightning.data import save_png
from gan_lightning.errors import SettingError
from gan_lightning.models import FromNoise
from gan_lightning.ranges import Columns, Count, Few, within
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import BATCH, Show, refuse_too_large
from gan_lightning.sampling.task import Task


@final
class StyleMixing(Show):
    """A table of mixtures (StyleGAN, arXiv:1812.04948, figure 3): the image of a row gives the first, coarse layers,
    the image of a column all others. The first column and the first row show these images by themselves.

    Rows are the samples 0, 1 ..., and columns the samples that follow.

    Args:
        rows: how many.
        coarse: layers, from the first one on, that have the w of the row.
    """

    ignores = ("n",)

    def __init__(self, rows: Columns, coarse: Few) -> None:
        self.rows, self.coarse = within("show.rows", Count, rows), within("show.coarse", Count, coarse)

    def show(self, task: Task, sampler: Sampler) -> str:
        columns = task.columns - 1
        if columns < 1:
            raise SettingError("columns=1: show=style_mixing needs at least 2, of which the first has the rows' images")
        model = task.model("show=style_mixing")
        _refuse_too_large(task, self.rows + 1)
        w, condition = task.latent(torch.arange(self.rows + columns), "show=style_mixing")
        if w.dim() != 3:
            raise SettingError(
                "show=style_mixing: needs a generator with a w for each layer, such as that of model=stylegan2"
            )
        if self.coarse >= w.shape[1]:
            raise SettingError(
                f"show.coarse={self.coarse}: this generator has {w.shape[1]} layers; choose fewer of them"
            )
        rows = torch.arange(self.rows).repeat_interleave(columns)
        others = self.rows + torch.arange(columns).repeat(self.rows)
        mixed = torch.cat([w[rows, : self.coarse], w[others, self.coarse :]], 1)
        alone = images(model, w, condition)
        mixtures = images(model, mixed, condition[rows]).unflatten(0, (self.rows, columns))
        table = torch.cat([alone[: self.rows, None], mixtures], 1)
        first = torch.cat([torch.ones_like(alone[:1]), alone[self.rows :]])
        picture = drawn(torch.cat([first[None], table]), task)
        return f"Mixtures in {picture}: rows give the first {self.coarse} of {w.shape[1]} layers, columns the others"


@final
class Truncation(Show):
    """Samples between the mean image and themselves, a row each: w is mean + t (w - mean), and t grows from left to
    right (StyleGAN, arXiv:1812.04948, figure 8).

    Args:
        rows: samples.
        first, last: t of the first and of the last column; below 0, images are opposite ones.
    """

    ignores = ("n",)

    def __init__(self, rows: Columns, first: float = 0.0, last: float = 1.0) -> None:
        self.rows, self.first, self.last = within("show.rows", Count, rows), first, last

    def show(self, task: Task, sampler: Sampler) -> str:
        if task.truncation is not None:
            raise SettingError(f"truncation={task.truncation}: show=truncation shows several; leave truncation out")
        model = task.model("show=truncation")
        mean = model.mean_w()
        if mean is None:
            raise SettingError(
                "show=truncation: this generator has no w with a mean; truncation=0.7 limits its noise instead"
            )
        _refuse_too_large(task, self.rows)
        w, condition = task.latent(torch.arange(self.rows), "show=truncation")
        factors = torch.linspace(self.first, self.last, task.columns, device=w.device)
        moved = torch.cat([mean + factor * (w - mean) for factor in factors])
        made = images(model, moved, condition.repeat(task.columns, *[1] * (condition.dim() - 1)))
        picture = drawn(made.unflatten(0, (task.columns, self.rows)).transpose(0, 1), task)
        return f"{self.rows} samples, truncated by {self.first:g} to {self.last:g} from left to right, in {picture}"


def _refuse_too_large(task: Task, rows: int) -> None:
    setting = f"show.rows={rows} columns={task.columns}"
    refuse_too_large(task, rows * task.columns, setting, "choose fewer rows or columns")


@torch.no_grad()
def images(model: FromNoise, w: Tensor, condition: Tensor) -> Tensor:
    """The images (N, C, H, W), on the CPU, of w (N, ...) and conditions."""
    parts = zip(w.split(BATCH), condition.split(BATCH), strict=True)
    return torch.cat([model.synthesise(*part).float().cpu() for part in parts])


def drawn(table: Tensor, task: Task) -> str:
    """Write a table (rows, columns, C, H, W) as one picture; the result is its place."""
    task.folder.mkdir(parents=True, exist_ok=True)
    picture = task.folder / task.kind.picture
    save_png(task.kind.draw(table.flatten(0, 1), table.shape[1]), picture)
    return str(picture)
