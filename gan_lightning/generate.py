"""gan-generate: pictures from a checkpoint."""

from collections.abc import Sequence
from pathlib import Path

import hydra
import torch
from omegaconf import DictConfig
from torch import Tensor

from gan_lightning import cli
from gan_lightning.callbacks import grid, save_png
from gan_lightning.checkpoint import read, rebuild
from gan_lightning.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.metrics import quantise
from gan_lightning.models import GAN


def generate(config: DictConfig) -> Path:
    """Write `n` samples as `images/INDEX.png` and one `grid.png`, and return their folder.

    Raises:
        SettingError: the checkpoint, a label or the count cannot work.
    """
    for name in ("n", "columns"):
        if not isinstance(config[name], int) or config[name] < 1:
            raise SettingError(f"{name}={config[name]}: a whole number from 1")
    folder = Path(config.run_dir)
    if (folder / "images").exists() or (folder / "grid.png").exists():
        raise SettingError(f"run_dir={folder}: already holds pictures, which are kept; choose another hydra.run.dir")
    checkpoint = read(config.checkpoint)
    model = rebuild(checkpoint, config.trusted)
    assert isinstance(model, GAN)
    model = model.to("cuda" if torch.cuda.is_available() else "cpu")
    label = None
    if config.labels is not None:
        label = class_indices(config.labels, checkpoint["config"]["spec"]["class_names"], config.n)
        if model.ignores_labels():
            raise SettingError(f"labels={config.labels}: this checkpoint's generator ignores labels; leave them out")
    (folder / "images").mkdir(parents=True)
    images = model.sample(config.n, label, config.seed).cpu()
    for i, image in enumerate(quantise(images)):
        save_png(image, folder / "images" / f"{i:05}.png")
    save_png(grid(images, columns=config.columns), folder / "grid.png")
    return folder


def class_indices(labels: object, class_names: list[str], n: int) -> Tensor:
    """Class names or numbers, one or a list, as labels (n,), the list repeated as often as needed.

    Raises:
        SettingError: a class that the data set does not have.
    """
    wanted = list(labels) if isinstance(labels, Sequence) and not isinstance(labels, str) else [labels]
    if not wanted:
        raise SettingError("labels=[]: at least one class, or leave the setting out")
    indices = []
    for item in wanted:
        if isinstance(item, int) and 0 <= item < len(class_names):
            indices.append(item)
        elif str(item) in class_names:
            indices.append(class_names.index(str(item)))
        else:
            known = ", ".join(f"{i}={name}" for i, name in enumerate(class_names)) or "none, it is unlabelled"
            raise SettingError(f"labels={item}: the checkpoint's data set has the classes {known}")
    return torch.tensor(indices)[torch.arange(n) % len(indices)]


@hydra.main(version_base="1.3", config_path=CONF, config_name="generate")
def _job(config: DictConfig) -> None:
    folder = generate(config)
    print(f"{config.n} images in {folder / 'images'}, side by side in {folder / 'grid.png'}")


def main() -> None:
    """Console script."""
    cli.run(_job)


if __name__ == "__main__":
    main()
