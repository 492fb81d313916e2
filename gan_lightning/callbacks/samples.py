"""Pictures of what the generator makes, for people."""

from pathlib import Path
from typing import Any, final

import lightning.pytorch as L
import torch
import wandb
from lightning.pytorch.loggers import TensorBoardLogger, WandbLogger
from PIL import Image
from torch import Tensor
from torchvision.utils import make_grid

from gan_lightning.errors import SettingError
from gan_lightning.metrics import quantise


def grid(images: Tensor, columns: int) -> Tensor:
    """Images (N, C, H, W) in [-1, 1] side by side, as one picture (3, H', W') uint8.

    Small ones are enlarged to 64 pixels, each pixel to a square, so that people see them.
    """
    factor = max(1, 64 // images.shape[-1])
    enlarged = quantise(images).repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    return make_grid(enlarged, nrow=columns, padding=2, pad_value=255)


def save_png(picture: Tensor, path: Path) -> None:
    """Write a picture (1 or 3, H, W) uint8."""
    Image.fromarray(picture.permute(1, 2, 0).squeeze(2).numpy()).save(path)


@final
class SampleGrid(L.Callback):
    """Samples from the same noise after every validation.

    `samples/IMAGES_SEEN.png` in the run folder is a square grid; class-conditional models show one class
    per column. `training.png` shows the first samples of each grid in a row, from noise to the end.
    TensorBoard and Weights & Biases get every grid.

    Args:
        run_dir: folder of the run.
        columns: images in a row, and rows.
        strip_rows: most rows of `training.png`; more snapshots are thinned out evenly.

    Raises:
        SettingError: a count below one.
    """

    def __init__(self, run_dir: str, columns: int, strip_rows: int) -> None:
        for name, value in (("columns", columns), ("strip_rows", strip_rows)):
            if value < 1:
                raise SettingError(f"callbacks.samples.{name}={value}: at least 1")
        self.run_dir = Path(run_dir)
        self.columns, self.strip_rows = columns, strip_rows
        self.rows: list[Tensor] = []

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self._draw(trainer, pl_module)

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self._draw(trainer, pl_module)

    def on_fit_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        if trainer.is_global_zero and self.rows:
            kept = torch.linspace(0, len(self.rows) - 1, min(len(self.rows), self.strip_rows)).round().long()
            strip = torch.cat([self.rows[i] for i in kept])
            save_png(grid(strip, self.columns), self.run_dir / "training.png")

    def _draw(self, trainer: L.Trainer, pl_module: Any) -> None:
        if not trainer.is_global_zero:
            return
        label = torch.arange(self.columns**2) % self.columns % max(1, pl_module.num_classes)
        images = pl_module.sample(self.columns**2, label).float().cpu()
        self.rows.append(images[: self.columns])
        picture = grid(images, self.columns)
        folder = self.run_dir / "samples"
        folder.mkdir(exist_ok=True)
        save_png(picture, folder / f"{pl_module.images_seen:09}.png")
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("samples", picture, pl_module.images_seen)
            elif isinstance(logger, WandbLogger):
                # As uint8: Weights & Biases shows float images in [0, 1] as black.
                shown = wandb.Image(picture.permute(1, 2, 0).numpy())
                axis = {"images_seen": pl_module.images_seen, "trainer/global_step": pl_module.images_seen}
                logger.experiment.log({"samples": shown, **axis})
