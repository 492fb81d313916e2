"""Shared by all tests: configurations composed as the entry points compose them, caches in a folder of the run."""

import gc
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import composing
import pytest
import torch
import wandb
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from gan_lightning.metrics.scores import sliced_wasserstein

# Tests share the machine's cores between processes instead of within one, and so do the processes that they start.
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"
composing.compose_once()
composing.read_once()
composing.name_plainly()
sliced_wasserstein.PATCHES = 1024  # an eighth, in which a validation takes no longer than a few steps


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look through it a thousand times."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn avatars and fitted classifiers are made once per test run, and the user's own cache is left alone."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    os.environ["GAN_LIGHTNING_CACHE"] = str(folder)
    os.environ["WANDB_MODE"] = "offline"
    return folder


@pytest.fixture(autouse=True)
def no_service() -> Iterator[None]:
    """A test that tracked its run leaves no W&B process behind, which the programs of later tests would join."""
    yield
    if "WANDB_SERVICE" in os.environ:
        wandb.teardown()


@pytest.fixture(autouse=True)
def no_open_logs() -> Iterator[None]:
    """A test that ran a command in this process leaves no log file open, which the next one's logging would drop."""
    yield
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, logging.FileHandler) and handler.baseFilename != os.devnull:
            root.removeHandler(handler)
            handler.close()


@pytest.fixture(autouse=True)
def no_job() -> Iterator[None]:
    """A test that ran a command in this process leaves no job of Hydra behind, whose choices loggers would name."""
    yield
    HydraConfig.instance().cfg = None


@pytest.fixture
def composed(tmp_path: Path) -> Callable[..., DictConfig]:
    """`composed("model=wgan")`: the configuration that `gan-train model=wgan` would run, in a folder of the test."""

    def make(*overrides: str) -> DictConfig:
        quiet = ["callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu"]
        return composing.composed("train", *quiet, f"run_dir={tmp_path}/run", *overrides)

    return make
