"""Where curves, pictures, texts and settings go: a table beside checkpoints, TensorBoard, Weights & Biases, MLflow."""

from typing import TYPE_CHECKING, Any

from gan_lightning.loggers.contents import log_picture, log_settings, log_start, log_texts
from gan_lightning.loggers.mlflow import MLflowRun, mlflow_logger
from gan_lightning.loggers.service import Service, is_rank_zero
from gan_lightning.loggers.table import CSVTable
from gan_lightning.loggers.tensorboard import tensorboard_logger

if TYPE_CHECKING:
    from gan_lightning.loggers.wandb import WandbRun

__all__ = [
    "CSVTable",
    "MLflowRun",
    "Service",
    "WandbRun",
    "is_rank_zero",
    "log_picture",
    "log_settings",
    "log_start",
    "log_texts",
    "mlflow_logger",
    "tensorboard_logger",
]


def __getattr__(name: str) -> Any:
    """Import `WandbRun`, and W&B's own package for it, when it is first used."""
    if name != "WandbRun":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gan_lightning.loggers.wandb import WandbRun

    return WandbRun
