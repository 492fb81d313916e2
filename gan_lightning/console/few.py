"""A recipe for folders of few pictures, which is used unless the command line chooses another one."""

import logging
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, read_write
from PIL import Image

log = logging.getLogger(__name__)

FEW = 1000
"""A folder of fewer pictures than this gets the recipe: a discriminator would soon memorise each picture."""

RECIPE = "experiment=few_photos"

# What an experiment decides. A command line that sets any of these has a recipe of its own.
_PARTS_OF_A_RECIPE = (
    *("model", "network", "encoder", "loss", "game", "penalty", "constraint", "conditioning", "minibatch"),
    *(
        "critic_norm",
        "augment",
        "auxiliary",
        "generator_penalty",
        "generator_regulariser",
        "discriminator_regulariser",
        "hparams_search",
    ),
)


def suited_to_few_pictures(config: DictConfig) -> DictConfig:
    """The configuration of a new run; composed again with the recipe for few pictures if its data are few pictures.

    If the command line sets no part of a recipe, `RECIPE` is added. If it does, or if it begins with the weights of
    another run, whose network has to stay, only DiffAugment and flips are added.
    Nothing is added to a model without a discriminator, or if the command line chooses an experiment or an augmentation
    (`augment=none` is one, too). A log line says what was added. The run's `command` holds it as well, so that a
    resumed run has the same recipe.
    """
    source = OmegaConf.select(config, "dataset.source._target_")
    typed = list(HydraConfig.get().overrides.task)
    names = {override.partition("=")[0].lstrip("+~").partition("@")[0] for override in typed}
    if source != "gan_lightning.data.Folder" or config.resume is not None or names & {"experiment", "augment"}:
        return config
    path = OmegaConf.select(config, "dataset.source.path", throw_on_missing=False)
    if path is None:
        return config
    count = len(list(islice(_pictures(Path(str(path)).expanduser()), FEW)))
    if not 0 < count < FEW:
        return config
    own = {name for name in names if name.partition(".")[0] in (*_PARTS_OF_A_RECIPE, "init")}
    if own and "augment" not in config.model:
        return config
    wanted = {"augment": "augment=diffaugment", "dataset.flip": "dataset.flip=true"} if own else {"experiment": RECIPE}
    added = [override for name, override in wanted.items() if name not in names]
    log.info(
        "%s holds %s. A discriminator would soon memorise so few. So this run uses %s, which adds DiffAugment and "
        "flips; to train without them: augment=none",
        *(path, "1 picture" if count == 1 else f"{count} pictures", " ".join(added)),
    )
    suited = compose("train", [*added, *typed])
    suited.command = [*added, *config.command]
    groups = dict(override.split("=") for override in added if "." not in override)
    hydra: Any = HydraConfig.get()
    with read_write(hydra):  # the lines at the start and at the end take the names of the recipe from there
        hydra.runtime.choices.update(groups)
    return suited


def _pictures(folder: Path) -> Iterator[str]:
    """Names of the files below a folder that have the suffix of a picture. No file is opened."""
    suffixes = Image.registered_extensions()
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (name for name in files if not name.startswith(".") and Path(name).suffix.lower() in suffixes)
