"""Shared by the tests of networks: both networks of a recipe."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir
from hydra.utils import instantiate

from gan_lightning.console.config import CONF

Build = Callable[..., tuple[Any, Any]]


@pytest.fixture(scope="module")
def build() -> Iterator[Build]:
    """`build("model=biggan", side=16, classes=3)`: both networks of a recipe, for pictures of three channels."""
    with initialize_config_dir(CONF, version_base="1.3"):

        def make(*overrides: str, side: int = 16, classes: int = 3, channels: int = 3) -> tuple[Any, Any]:
            config = compose("train", [*overrides, "run_dir=unused"])
            config.spec = {"channels": channels, "height": side, "width": side, "num_classes": classes}
            torch.manual_seed(0)
            return instantiate(config.network.generator), instantiate(config.network.discriminator)

        yield make
