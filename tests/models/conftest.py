"""Shared by the tests of training steps: from a configuration to a model, trained without noise on the screen."""

import warnings
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import lightning.pytorch as L
import pytest
from hydra.utils import instantiate
from omegaconf import DictConfig


@pytest.fixture(autouse=True)
def quiet() -> None:
    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    warnings.filterwarnings("ignore", ".*is smaller than the logging interval.*")


@pytest.fixture
def build() -> Callable[[DictConfig], tuple[Any, Any]]:
    """`build(config)`: the model and its data, the same at every call."""

    def make(config: DictConfig) -> tuple[Any, Any]:
        L.seed_everything(0, verbose=False)
        data = instantiate(config.dataset)
        config.spec = asdict(data.spec())
        return instantiate(config.model), data

    return make


@pytest.fixture
def trainer() -> Callable[..., L.Trainer]:
    """`trainer(*callbacks, **settings)`: for one epoch, and nothing but training."""

    def make(*callbacks: L.Callback, **settings: Any) -> L.Trainer:
        silent = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")
        fixed = {"accelerator": "cpu", "limit_val_batches": 0, "use_distributed_sampler": False}
        return L.Trainer(
            **{"max_epochs": 1, **fixed, **dict.fromkeys(silent, False), **settings, "callbacks": [*callbacks]}
        )

    return make


@pytest.fixture
def fit(build: Callable[..., Any], trainer: Callable[..., L.Trainer]) -> Callable[..., Any]:
    """`fit(config, *callbacks, **settings)`: the model after training."""

    def make(config: DictConfig, *callbacks: L.Callback, **settings: Any) -> Any:
        model, data = build(config)
        trainer(*callbacks, **settings).fit(model, data)
        return model

    return make


class _Spy(L.Callback):
    def __init__(self, look: Callable[[Any], None]) -> None:
        self.look = look

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        self.look(pl_module)


@pytest.fixture
def spy() -> type[L.Callback]:
    """`spy(look)`: a callback that calls `look(model)` after every batch."""
    return _Spy
