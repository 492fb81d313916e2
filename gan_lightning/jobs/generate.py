"""gan-generate from the command line to its last line; `gan_lightning.generate` does the work between."""

from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Generate
from gan_lightning.console.schema import check
from gan_lightning.runs.log import begin_log
from gan_lightning.runs.owner import owned


@hydra.main(version_base="1.3", config_path=CONF, config_name="generate")
@cli.job
def _job(config: DictConfig) -> None:
    check(config, Generate)
    with cli.importing():
        from gan_lightning.generate import generate

    with owned(Path(config.run_dir), HydraConfig.get().overrides.task):
        report = generate(config)
        begin_log()
    print(report)


def main() -> None:
    """Console script."""
    cli.run(_job)
