"""Pictures of what the generator makes."""

import logging
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, NamedTuple, final

import lightning.pytorch as L
import torch
from PIL import Image
from torch import Tensor

from gan_lightning.compatibility import compare_kind
from gan_lightning.counting import evenly
from gan_lightning.data import PADDING, ImageKind, framed, grid, in_colour, kind_named, read_png, save_png, scaled
from gan_lightning.errors import SettingError
from gan_lightning.loggers import log_picture, log_texts
from gan_lightning.models import Encoding
from gan_lightning.ranges import Columns, Count, PathText, within

log = logging.getLogger(__name__)

_ROWS = ("source", "output", "target", "back")
"""What the rows of a grid of translations show."""
MOST_PIXELS = 80_000_000  # of a picture that is drawn: image libraries refuse, and reports leave out, larger ones


def _has_shape(file: Path, shape: torch.Size) -> bool:
    """Whether a file is a whole picture of this shape (3, H, W)."""
    try:
        with Image.open(file) as picture:
            if picture.mode != "RGB" or (picture.height, picture.width) != tuple(shape[1:]):
                return False
            picture.load()
    except Exception:  # any error of Pillow
        return False
    return True


class Rows(NamedTuple):
    """Which rows of a grid make the strip of a whole training: `changing` from every grid, between those that stay."""

    above: list[int]
    changing: int
    below: list[int]
    last_is_real: bool = False  # the last row of the grid is framed


class Pictures(L.Callback, ABC):
    """`samples/IMAGES_SEEN.png` before training and after every validation, `training.png` at the end; loggers that
    show pictures get every one.

    Args:
        run_dir: folder of the run.
    """

    def __init__(self, run_dir: str) -> None:
        self.run_dir = Path(run_dir)
        self.shape: torch.Size | None = None  # of the pictures of this run
        self.text: dict[str, str] = {}  # what a picture says of itself, for gan-report
        self.texts: list[str] = []  # what it shows, where that is text, for loggers

    @abstractmethod
    def draw(self, trainer: L.Trainer, pl_module: Any) -> Tensor:
        """The current samples as a picture (3, H, W) uint8."""

    @abstractmethod
    def strip(self, files: list[Path], trainer: L.Trainer, pl_module: Any) -> Tensor:
        """A whole training as a picture (3, H, W) uint8, from the files of all pictures in the order of time.

        From the files, so that a resumed run shows what came before, and a long one holds nothing in memory.
        """

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if pl_module.images_seen == 0:  # a resumed run has its pictures
            self._add(trainer, pl_module)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self._add(trainer, pl_module)

    def on_fit_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if not trainer.is_global_zero:
            return
        files = sorted(path for path in (self.run_dir / "samples").glob("*.png") if path.is_file())
        shape = self.shape or self.draw(trainer, pl_module).shape  # a resumed run may have had nothing left to do
        own = [file for file in files if _has_shape(file, shape)]
        if len(own) < len(files):
            named = ", ".join(file.name for file in files if file not in own)
            folder = self.run_dir / "samples"
            text = "%s: these files are damaged or have another size, so training.png leaves them out: %s"
            log.warning(text, folder, named)
        if own:
            save_png(self.strip(own, trainer, pl_module), self.run_dir / "training.png")

    def _add(self, trainer: L.Trainer, pl_module: Any) -> None:
        if not trainer.is_global_zero:
            return
        picture, images_seen = self.draw(trainer, pl_module), pl_module.images_seen
        self.shape = picture.shape
        folder = self.run_dir / "samples"
        folder.mkdir(exist_ok=True)
        save_png(picture, folder / f"{images_seen:09}.png", self.text)
        for logger in trainer.loggers:
            log_picture(logger, "samples", picture, images_seen)
            if self.texts:
                log_texts(logger, "texts", self.texts, images_seen)


class _Grid(Pictures, ABC):
    """Images side by side.

    Args:
        run_dir: folder of the run.
        columns: images in a row.
        strip_rows: most rows of `training.png` that change over time; more snapshots are thinned out evenly.

    Raises:
        SettingError: a count below one, or, before training, pictures of more than `MOST_PIXELS`.
    """

    def __init__(self, run_dir: PathText, columns: Columns, strip_rows: Columns) -> None:
        super().__init__(run_dir)
        for name, value in (("columns", columns), ("strip_rows", strip_rows)):
            within(f"callbacks.samples.{name}", Count, value)
        self.columns, self.strip_rows = columns, strip_rows
        self.drawn: tuple[Rows, int] | None = None  # what the strip is made of, and how high a row is

    @property
    @abstractmethod
    def rows(self) -> int:
        """Of a grid, at most."""

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        spec = trainer.datamodule.spec()  # type: ignore[attr-defined]
        height, width = (side * max(1, 64 // spec.width) + PADDING for side in (spec.height, spec.width))
        for name, rows in (("columns", self.rows), ("strip_rows", self.strip_rows + 2)):
            pixels = self.columns * width * rows * height
            if pixels > MOST_PIXELS:
                raise SettingError(
                    f"callbacks.samples.{name}={getattr(self, name)}: {rows:,} rows of {self.columns:,} images make a "
                    f"picture of {pixels:,} pixels, and at most {MOST_PIXELS:,} are drawn; choose a smaller number"
                )

    @abstractmethod
    def images(self, trainer: L.Trainer, pl_module: Any) -> tuple[Tensor, Rows]:
        """The images of a grid (N, C, H, W), row by row, and which rows of it the strip shows."""

    def draw(self, trainer: L.Trainer, pl_module: Any) -> Tensor:
        images, shown = self.images(trainer, pl_module)
        picture = grid(images, self.columns)
        height = (picture.shape[1] - PADDING) * self.columns // len(images)
        self.drawn = shown, height
        return framed(picture, self.columns, height) if shown.last_is_real else picture

    def strip(self, files: list[Path], trainer: L.Trainer, pl_module: Any) -> Tensor:
        assert self.drawn is not None
        shown, height = self.drawn
        last = read_png(files[-1])
        kept = [files[i] for i in evenly(len(files), self.strip_rows)]
        changing = [read_png(file)[:, shown.changing * height :][:, :height] for file in kept]
        above, below = ([last[:, row * height :][:, :height] for row in rows] for rows in (shown.above, shown.below))
        return torch.cat([*above, *changing, *below, last[:, -PADDING:]], 1)


@final
class SampleGrid(_Grid):
    """Samples from the same noise after every validation, above a row of real images in a frame.

    A grid has as many rows of samples as it has columns; conditional models show one condition per column, also in
    the real row. Models with an encoder have two more rows below the samples: held-out images, and what comes back of
    each. `training.png` shows the first samples of each grid in a row, from noise to the end, and the real row
    below. `real.png` is a whole grid of real images in the same order.

    Raises:
        SettingError: as `_Grid`, or data that are no images.
    """

    @property
    def rows(self) -> int:
        return self.columns + 3

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        compare_kind("callbacks=default: shows images", ImageKind.name, kind_named(data.spec().kind), "callbacks")
        super().setup(trainer, pl_module, stage)
        self.condition = pl_module.conditions(torch.arange(self.columns**2) % self.columns)
        self.real = data.examples(self.columns**2, self.condition if pl_module.num_classes else None)
        self.held_out = data.held_out(self.columns) if isinstance(pl_module, Encoding) else None

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero and pl_module.images_seen == 0:  # a resumed run has its pictures
            save_png(grid(self.real, self.columns), self.run_dir / "real.png")

    def images(self, trainer: L.Trainer, pl_module: Any) -> tuple[Tensor, Rows]:
        samples = pl_module.sample(self.columns**2, self.condition).float().cpu()
        rows = [samples]
        if self.held_out is not None:
            given, condition = (part.to(pl_module.device) for part in self.held_out)
            both = given, pl_module.reconstruct(given, condition)
            rows += [_padded(row.float().cpu(), self.columns) for row in both]
        images = torch.cat([*rows, self.real[: self.columns]])
        return images, Rows([], 0, [len(images) // self.columns - 1], last_is_real=True)


@final
class TranslationGrid(_Grid):
    """The same held-out pictures and their translations after every validation. Smaller sources have larger pixels.

    A grid has rows of sources, outputs, true targets if they are known, and translations back if the model makes them;
    further routes come below the first. `training.png` shows the sources, the outputs over time and the targets of the
    first route.
    """

    rows = 0

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        self.rows = 4 * len(pl_module.routes)  # sources, outputs, targets and translations back
        super().setup(trainer, pl_module, stage)

    def images(self, trainer: L.Trainer, pl_module: Any) -> tuple[Tensor, Rows]:
        rows, shown, names = [], [], []
        for held in trainer.datamodule.examples(self.columns):  # type: ignore[attr-defined]
            translation = pl_module.validation_step(pl_module.transfer_batch_to_device(held, pl_module.device, 0), 0)
            source = translation.source.repeat_interleave(held.route.scale, 2).repeat_interleave(held.route.scale, 3)
            pictures = [source, translation.output, translation.target, translation.back]
            rows += [_padded(in_colour(p.float().cpu()), self.columns) for p in pictures if p is not None]
            names += [name for name, p in zip(_ROWS, pictures, strict=True) if p is not None]
            shown.append(Rows([0], 1, [] if translation.target is None else [2]))
        self.text = {"rows": " ".join(names), "columns": str(self.columns)}
        return torch.cat(rows), shown[0]


@final
class DomainGrid(_Grid):
    """The same held-out pictures after every validation, in a row, and below them a row of each domain.

    `training.png` shows the pictures, their translations into the first domain over time, and the last ones into the
    others.
    """

    rows = 0

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        self.rows = 1 + len(pl_module.routes)
        super().setup(trainer, pl_module, stage)

    def images(self, trainer: L.Trainer, pl_module: Any) -> tuple[Tensor, Rows]:
        held_out = trainer.datamodule.pictures("test")  # type: ignore[attr-defined]
        shown = list(range(min(self.columns, len(held_out))))
        source = scaled(held_out.pixels(shown)).to(pl_module.device)
        rows = [source, *(pl_module.translate(source, route.name) for route in pl_module.routes)]
        padded = [_padded(in_colour(row.float().cpu()), self.columns) for row in rows]
        return torch.cat(padded), Rows([0], 1, list(range(2, self.rows)))


def _padded(row: Tensor, columns: int) -> Tensor:
    """A row of fewer pictures than there are columns, filled up with white ones."""
    return torch.cat([row, row.new_ones(columns - len(row), *row.shape[1:])])
