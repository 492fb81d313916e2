"""gan-export from the command line to its last line; `gan_lightning.export` does the work between."""

import hydra
from omegaconf import DictConfig

from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Export
from gan_lightning.console.schema import check


@hydra.main(version_base="1.3", config_path=CONF, config_name="export")
@cli.job
def _job(config: DictConfig) -> None:
    check(config, Export)
    with cli.importing():
        from gan_lightning.export import export

    print(export(config))


def main() -> None:
    """Console script."""
    cli.run(_job)
