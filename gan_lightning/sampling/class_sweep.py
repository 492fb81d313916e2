"""The same noise under every class."""

from typing import final

import torch

from gan_lightning.errors import SettingError
from gan_lightning.ranges import Columns, Count, within
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import BATCH, Show, refuse_too_large, save
from gan_lightning.sampling.task import Task


@final
class ClassSweep(Show):
    """A picture whose rows have the same noise, and whose columns the same class or combination of attributes.

    Args:
        rows: how many; the noise of row i is that of sample number i.
    """

    ignores = ("n", "columns")

    def __init__(self, rows: Columns) -> None:
        self.rows = within("show.rows", Count, rows)

    def show(self, task: Task, sampler: Sampler) -> str:
        model = task.model("show=classes")
        if not model.num_classes or model.ignores_labels():
            raise SettingError("show=classes: this checkpoint's generator knows no classes; leave show out")
        wanted = model.all_conditions() if task.wanted is None else task.wanted
        setting = f"show.rows={self.rows}, {len(wanted):,} classes"
        instead = "choose fewer rows, or some classes with labels=..."
        refuse_too_large(task, self.rows * len(wanted), setting, instead)
        number = torch.arange(self.rows).repeat_interleave(len(wanted))
        condition = wanted.repeat(self.rows, *[1] * (wanted.dim() - 1))
        parts = zip(number.split(BATCH), condition.split(BATCH), strict=True)
        samples = torch.cat([model.draw(*part, task.seed, task.truncation).cpu() for part in parts])
        picture = save(samples, task, len(wanted))
        files = task.folder / task.kind.files
        return f"{len(samples):,} {task.kind.name} in {files}, a column for each class in {picture}"
