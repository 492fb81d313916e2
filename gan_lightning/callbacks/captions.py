"""Samples under their captions."""

from pathlib import Path
from typing import Any, final

import lightning.pytorch as L
import torch
from torch import Tensor

from gan_lightning.callbacks.samples import MOST_PIXELS, Pictures
from gan_lightning.counting import evenly
from gan_lightning.data import PADDING, captioned_rows, read_png, save_png
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Columns, Count, PathText, within
from gan_lightning.vocabulary import Vocabulary


@final
class CaptionGrid(Pictures):
    """A row of samples from the same noise for each of some captions, after every validation. Half of the captions
    describe combinations that training never shows, where the data hold some out.

    `training.png` shows the first row over time. `real.png` has rows of real images that have these captions.

    Args:
        run_dir: folder of the run.
        columns: images in a row.
        strip_rows: most rows of `training.png`; more snapshots are thinned out evenly.

    Raises:
        SettingError: a count below one; before training, a model that reads no captions.
    """

    def __init__(self, run_dir: PathText, columns: Columns, strip_rows: Columns) -> None:
        super().__init__(run_dir)
        for name, value in (("columns", columns), ("strip_rows", strip_rows)):
            within(f"callbacks.samples.{name}", Count, value)
        self.columns, self.strip_rows = columns, strip_rows

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        spec = trainer.datamodule.spec()  # type: ignore[attr-defined]
        if spec.captions is None or pl_module.examples is None:
            raise SettingError(
                "callbacks=captions: shows samples under captions, and this model reads none; choose callbacks=default"
            )
        vocabulary = Vocabulary(spec.captions.words, spec.captions.length)
        self.shown = [vocabulary.decode(row) for row in pl_module.examples]
        side = max(64, spec.width) + PADDING
        pixels = self.columns * side * (side + 40) * max(len(self.shown), self.strip_rows)
        if pixels > MOST_PIXELS:
            raise SettingError(
                f"callbacks.samples.columns={self.columns}: makes a picture of {pixels:,} pixels, and at most "
                f"{MOST_PIXELS:,} are drawn; choose a smaller number"
            )

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero and pl_module.images_seen == 0:  # a resumed run has its pictures
            data: Any = trainer.datamodule  # type: ignore[attr-defined]
            real = data.examples(len(self.shown) * self.columns, self._captions(pl_module))
            save_png(torch.cat(self._rows(real), 1), self.run_dir / "real.png")

    def draw(self, trainer: L.Trainer, pl_module: Any) -> Tensor:
        captions = self._captions(pl_module)
        number = torch.arange(self.columns).repeat(len(self.shown))  # the same noise under every caption
        samples = pl_module.draw(number, captions, 0).float().cpu()
        return torch.cat(self._rows(samples), 1)

    def strip(self, files: list[Path], trainer: L.Trainer, pl_module: Any) -> Tensor:
        height = self._rows(torch.zeros(len(self.shown) * self.columns, *self._size(trainer)))[0].shape[1]
        kept = [files[i] for i in evenly(len(files), self.strip_rows)]
        return torch.cat([read_png(file)[:, :height] for file in kept], 1)

    def _captions(self, model: Any) -> Tensor:
        return torch.as_tensor(model.examples).repeat_interleave(self.columns, 0)

    def _rows(self, images: Tensor) -> list[Tensor]:
        return captioned_rows(list(zip(self.shown, images.split(self.columns), strict=True)), self.columns)

    @staticmethod
    def _size(trainer: L.Trainer) -> tuple[int, int, int]:
        spec = trainer.datamodule.spec()  # type: ignore[attr-defined]
        return spec.channels, spec.height, spec.width
