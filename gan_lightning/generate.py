"""gan-generate: pictures from a checkpoint."""

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
    if config.n < 1:
        raise SettingError(f"n={config.n}: how many images, at least 1")
    checkpoint = read(config.checkpoint)
    model = rebuild(checkpoint, config.trusted)
    assert isinstance(model, GAN)
    model = model.to("cuda" if torch.cuda.is_available() else "cpu")
    label = None
    if config.labels is not None:
        label = class_indices(config.labels, checkpoint["config"]["spec"]["class_names"], config.n)
        if is_unconditional(model):
            raise SettingError(f"labels={config.labels}: this checkpoint's generator ignores labels; leave them out")
    folder = Path(config.run_dir)
    (folder / "images").mkdir()
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
    wanted = [labels] if isinstance(labels, int | str) else list(labels)  # type: ignore[call-overload]
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


def is_unconditional(model: GAN) -> bool:
    """Whether the generator's image stays the same when only the label changes."""
    first, last = torch.zeros(1, dtype=torch.long), torch.full((1,), model.num_classes - 1)
    return torch.equal(model.sample(1, first), model.sample(1, last))


@hydra.main(version_base="1.3", config_path=CONF, config_name="generate")
def _job(config: DictConfig) -> None:
    folder = generate(config)
    print(f"{config.n} images in {folder / 'images'}, side by side in {folder / 'grid.png'}")


def main() -> None:
    """Console script."""
    cli.run(_job)


if __name__ == "__main__":
    main()
