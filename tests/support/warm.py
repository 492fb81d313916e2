"""What a command imports and reads once, for the server that all commands of the tests are forked from.

It may not compute with tensors: threads of torch would not survive a fork.
"""

import os
import sys

os.environ.pop("PYTHONPATH")  # which was set so that the server finds this file; commands do not inherit it
sys.path.remove(os.path.dirname(__file__))

import sklearn.datasets  # noqa: F401
from hydra import compose, initialize_config_dir
from hydra._internal.hydra import Hydra

import gan_lightning.evaluate
import gan_lightning.generate
import gan_lightning.jobs.evaluate
import gan_lightning.jobs.generate
import gan_lightning.jobs.train
import gan_lightning.report.files
import gan_lightning.train  # noqa: F401
from gan_lightning.console.config import CONF

with initialize_config_dir(CONF, version_base="1.3"):
    compose("train", ["run_dir=unused"])

_compose_mode = Hydra.get_mode


def _mode(self: Hydra, config_name: str, overrides: list[str]) -> object:
    """Hydra composes all settings a first time only for this one, which the command line may tell."""
    if any(word.startswith("hydra.mode=") for word in overrides):
        return _compose_mode(self, config_name, overrides)
    return None


Hydra.get_mode = _mode
