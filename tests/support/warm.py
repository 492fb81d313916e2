"""What a command imports and reads once, for the server that all commands of the tests are forked from.

It may not compute with tensors: threads of torch would not survive a fork.
"""

import gc
import os
import sys

os.environ.pop("PYTHONPATH")  # which was set so that the server finds this file; commands do not inherit it
import composing

sys.path.remove(os.path.dirname(__file__))

import sklearn.datasets  # noqa: F401
from hydra import compose, initialize_config_dir

import gan_lightning.evaluate
import gan_lightning.export
import gan_lightning.generate
import gan_lightning.jobs.evaluate
import gan_lightning.jobs.export
import gan_lightning.jobs.generate
import gan_lightning.jobs.train
import gan_lightning.report.files
import gan_lightning.training  # noqa: F401
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Train
from gan_lightning.console.quoting import is_path_setting
from gan_lightning.console.schema import check
from gan_lightning.metrics.scores import sliced_wasserstein

sliced_wasserstein.PATCHES = 1024  # as in the tests' own process

composing.read_once()
composing.name_plainly()
with initialize_config_dir(CONF, version_base="1.3"):
    for dataset in ("avatars", "fake"):
        check(compose("train", [f"dataset={dataset}", "run_dir=unused"]), Train)
for group in ("dataset", "metrics", "logger", "callbacks", "trainer"):
    is_path_setting(f"{group}.x")  # for which the sources of a package are read

composing.compose_once()
gc.freeze()  # what a command forks with is not garbage
