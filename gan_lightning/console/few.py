"""A folder of few pictures is trained as few pictures need it, unless the command line says how."""

import logging
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from PIL import Image

log = logging.getLogger(__name__)

FEW = 1000
"""Fewer pictures than this are few: a discriminator would soon know each of them by heart."""

RECIPE = "experiment=few_photos"

# What an experiment decides; who chooses any of it has a recipe of their own.
_PARTS_OF_A_RECIPE = (
    *("model", "network", "loss", "game", "penalty", "constraint", "conditioning", "minibatch", "critic_norm"),
    *("augment", "auxiliary", "generator_regulariser", "discriminator_regulariser", "hparams_search"),
)


def suited_to_few_pictures(config: DictConfig) -> DictConfig:
    """The configuration of a new run, composed again with what few pictures need if its data are a folder of few.

    Where the command line names no part of a recipe, that is `RECIPE`; beside a recipe of the user's own it is
    DiffAugment and flips. Nothing is added where the command line names an experiment or an augmentation
    (`augment=none` is one). A line says what was added. The run's `command` holds it, so that it goes on as it began.
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
    own = {name for name in names if name.partition(".")[0] in _PARTS_OF_A_RECIPE}
    wanted = {"augment": "augment=diffaugment", "dataset.flip": "dataset.flip=true"} if own else {"experiment": RECIPE}
    added = [override for name, override in wanted.items() if name not in names]
    log.info(
        "%s holds %s, which is few: trained with %s, for DiffAugment and flips, so that they are not learnt by heart; "
        "augment=none trains without",
        *(path, "1 picture" if count == 1 else f"{count} pictures", " ".join(added)),
    )
    suited = compose("train", [*added, *typed])
    suited.command = [*added, *config.command]
    return suited


def _pictures(folder: Path) -> Iterator[str]:
    """Names of files below a folder that look like pictures, not opened."""
    suffixes = Image.registered_extensions()
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (name for name in files if not name.startswith(".") and Path(name).suffix.lower() in suffixes)
