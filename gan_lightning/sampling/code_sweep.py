"""The same noise under every value of a code."""

from typing import final

import torch

from gan_lightning.errors import SettingError
from gan_lightning.ranges import Columns, Count, Positive, within
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import BATCH, Show, refuse_too_large, save
from gan_lightning.sampling.task import Task


@final
class CodeSweep(Show):
    """A picture with a block of rows for each code at the end of the noise, in which only that code changes.

    So it shows what the codes mean, as in figure 2 of InfoGAN (arXiv:1606.03657). A row has the noise, the other codes
    and the condition of one sample. Along it one of K values takes all values in turn, and a number goes from `-extent`
    to `extent`; the rows of a shorter block end in the value that they had last.

    Args:
        rows: of each block; the noise of row i is that of sample number i.
        steps: values of a number in [-1, 1].
        extent: beyond 1 a number has values that it never had in training; the paper goes to 2.
    """

    ignores = ("n", "columns")

    def __init__(self, rows: Columns, steps: Columns, extent: Positive) -> None:
        self.rows = within("show.rows", Count, rows)
        self.steps = within("show.steps", Count, steps)
        self.extent = within("show.extent", Positive, extent)

    @torch.no_grad()
    def show(self, task: Task, sampler: Sampler) -> str:
        model = task.model("show=codes")
        codes = [*model.prior.codes]
        if not codes:
            raise SettingError("show=codes: this checkpoint's noise has no codes, as model=infogan has; leave show out")
        columns = max(size if size > 1 else self.steps for size in codes)
        setting = f"show.rows={self.rows}, {len(codes)} codes of {columns} columns"
        refuse_too_large(task, self.rows * len(codes) * columns, setting, "choose fewer rows")
        number = torch.arange(self.rows)
        condition = task.conditions(number).to(model.device)
        z = model.noise_at(number, task.seed)
        if task.truncation is not None:
            z = model.prior.truncated(z.cpu(), task.truncation).to(model.device)
        blocks, place = [], z.shape[1] - sum(codes)
        for size in codes:
            values = torch.eye(size) if size > 1 else torch.linspace(-self.extent, self.extent, self.steps)[:, None]
            values = torch.cat([values, values[-1:].expand(columns - len(values), -1)])
            swept = z[:, None].repeat(1, columns, 1)
            swept[:, :, place : place + size] = values.to(z)
            blocks.append(swept.flatten(0, 1))
            place += size
        everything = torch.cat(blocks)
        under = condition.repeat_interleave(columns, 0).repeat(len(codes), *[1] * (condition.dim() - 1))
        parts = zip(everything.split(BATCH), under.split(BATCH), strict=True)
        samples = torch.cat([model.synthesise(model.map(*part), part[1]).float().cpu() for part in parts])
        picture = save(samples, task, columns)
        files = task.folder / task.kind.files
        return (
            f"{len(samples):,} {task.kind.name} in {files}; in {picture}, {self.rows} rows for each of {len(codes)} "
            "codes, of which one changes along a row"
        )
