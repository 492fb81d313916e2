"""gan-export: a trained model as a folder that can be handed on."""

if __name__ == "__main__":  # `python -m gan_lightning.export` is the command gan-export
    from gan_lightning import commands

    commands.export()
    raise SystemExit

from pathlib import Path

from hydra.utils import instantiate
from omegaconf import DictConfig

from gan_lightning.console.declared import Export
from gan_lightning.console.schema import check
from gan_lightning.handover.exporting import Subject
from gan_lightning.handover.exporting import export as written
from gan_lightning.loaded import of_checkpoint
from gan_lightning.runs.checkpoint import read


def export(config: DictConfig) -> str:
    """Write what the checkpoint's model is, in the chosen format, and return a sentence that says what and where.

    Raises:
        SettingError: the checkpoint or a setting cannot work.
        FaultError: what was written makes other images than the model.
    """
    check(config, Export)
    content = read(config.checkpoint)
    trained = of_checkpoint(content, config.checkpoint, config.trusted)
    subject = Subject(trained, content, Path(config.checkpoint), config.licence)
    return written(subject, instantiate(config.format), Path(config.output))
