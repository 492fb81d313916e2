"""Held-out images beside what an encoder and a generator make of them."""

from typing import final

import torch

from gan_lightning.compatibility import compare_kind
from gan_lightning.data import ImageKind
from gan_lightning.errors import SettingError
from gan_lightning.models import Encoding
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import BATCH, Show, refuse_too_large, save
from gan_lightning.sampling.task import Task


@final
class Reconstructions(Show):
    """`n` images that training did not see. In the picture each row of them stands above a row of what comes back; the
    files are in the same order."""

    ignores = ("labels", "caption", "captions", "truncation")

    def show(self, task: Task, sampler: Sampler) -> str:
        model = task.model("show=reconstructions")
        if not isinstance(model, Encoding):
            raise SettingError(
                f"show=reconstructions: the checkpoint's model, {type(model).__name__}, has no encoder; "
                "show=projection searches for the latent of a picture"
            )
        compare_kind("show=reconstructions: compares images", ImageKind.name, task.kind, "show")
        held = task.data().held_out(task.n)
        refuse_too_large(task, 2 * len(held.image), f"n={task.n}", "choose fewer")
        parts = zip(held.image.split(BATCH), held.condition.split(BATCH), strict=True)
        back = torch.cat([model.reconstruct(*(part.to(model.device) for part in both)).cpu() for both in parts]).float()
        error = (back - held.image).square().mean()
        rows = zip(held.image.split(task.columns), back.split(task.columns), strict=True)
        filled = [_filled(row, task.columns) for pair in rows for row in pair]
        picture = save(torch.cat(filled), task, task.columns)
        return (
            f"{len(back):,} held-out images and their reconstructions in {task.folder / task.kind.files}, side by side "
            f"in {picture}; mean squared error {error:.4f}"
        )


def _filled(row: torch.Tensor, columns: int) -> torch.Tensor:
    """A row with white images at its end, if it is short and not the only one."""
    return torch.cat([row, row.new_ones(columns - len(row), *row.shape[1:])])
