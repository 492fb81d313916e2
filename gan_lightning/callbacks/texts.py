"""Sequences that a generator writes, as text and as pictures of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

import lightning.pytorch as L
import torch
from torch import Tensor

from gan_lightning.callbacks.samples import Pictures
from gan_lightning.compatibility import compare_kind
from gan_lightning.counting import evenly
from gan_lightning.data import SequenceKind, kind_named, read_png
from gan_lightning.files import write_whole
from gan_lightning.ranges import Columns, PathText, within


@final
class Texts(Pictures):
    """Sequences from the same noise after every validation: `samples/IMAGES_SEEN.txt` has them as text, a line each,
    and a picture beside it shows them; loggers get both. `real.txt` has as many real ones. `training.png` shows
    pictures side by side.

    Args:
        run_dir: folder of the run.
        lines: how many sequences are shown.
        strip_pictures: most pictures in `training.png`; more are thinned out evenly.

    Raises:
        SettingError: a count below one, or data that are no sequences.
    """

    def __init__(self, run_dir: PathText, lines: Columns, strip_pictures: Columns) -> None:
        super().__init__(run_dir)
        for name, value in (("lines", lines), ("strip_pictures", strip_pictures)):
            within(f"callbacks.samples.{name}", Columns, value)
        self.lines, self.strip_pictures = lines, strip_pictures

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        shows = "callbacks=sequences: shows sequences (dataset=oracle, dataset=expressions, dataset=names)"
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        spec = data.spec()
        compare_kind(shows, SequenceKind.name, kind_named(spec.kind), "callbacks")
        self.kind = SequenceKind(spec.vocabulary, spec.separator, spec.end)
        self.real = data.held_out[: self.lines]

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero and pl_module.images_seen == 0:  # a resumed run has its texts
            self._write(self.kind.texts(self.real), self.run_dir / "real.txt")

    def draw(self, trainer: L.Trainer, pl_module: Any) -> Tensor:
        samples = pl_module.sample(self.lines).cpu()
        self.texts = self.kind.texts(samples)
        self._write(self.texts, self.run_dir / "samples" / f"{pl_module.images_seen:09}.txt")
        return self.kind.draw(samples, 1)

    def strip(self, files: list[Path], trainer: L.Trainer, pl_module: Any) -> Tensor:
        return torch.cat([read_png(files[i]) for i in evenly(len(files), self.strip_pictures)], 2)

    @staticmethod
    def _write(texts: Sequence[str], path: Path) -> None:
        write_whole(path, "".join(f"{text}\n" for text in texts).encode())
