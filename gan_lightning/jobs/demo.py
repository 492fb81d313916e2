"""gan-demo from the command line to its end; `gan_lightning.demo` does the work between."""

from importlib.util import find_spec

import hydra
from omegaconf import DictConfig

from gan_lightning.console import cli
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Demo
from gan_lightning.console.schema import check
from gan_lightning.errors import SettingError


@hydra.main(version_base="1.3", config_path=CONF, config_name="demo")
@cli.job
def _job(config: DictConfig) -> None:
    check(config, Demo)
    if find_spec("gradio") is None:
        raise SettingError("gan-demo needs Gradio: pip install 'gan-lightning[demo]'")
    with cli.importing():
        import torch

        from gan_lightning.demo import build, serve
        from gan_lightning.loaded import load

    model = load(config.checkpoint, config.trusted).to("cuda" if torch.cuda.is_available() else "cpu")
    serve(build(model, config.checkpoint), config.host, config.port)


def main() -> None:
    """Console script."""
    cli.run(_job)
