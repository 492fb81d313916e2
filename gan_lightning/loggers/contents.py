"""Pictures, texts, settings and the place where a run begins or goes on, which every logger wants in its own way."""

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

from lightning.pytorch.loggers import Logger, TensorBoardLogger, WandbLogger
from torch import Tensor

from gan_lightning.loggers.flat import flat
from gan_lightning.loggers.mlflow import MLflowRun


@singledispatch
def log_picture(logger: Logger, name: str, picture: Tensor, images_seen: int) -> None:
    """Show a picture (3, H, W) uint8 where a logger has room for one; others are left alone."""


@log_picture.register
def _(logger: TensorBoardLogger, name: str, picture: Tensor, images_seen: int) -> None:
    logger.experiment.add_image(name, picture, images_seen)


@log_picture.register
def _(logger: WandbLogger, name: str, picture: Tensor, images_seen: int) -> None:
    # As uint8: Weights & Biases shows float images in [0, 1] as black.
    logger.log_image(name, [picture.permute(1, 2, 0).numpy()], images_seen)


@log_picture.register
def _(logger: MLflowRun, name: str, picture: Tensor, images_seen: int) -> None:
    logger.log_image(name, picture.permute(1, 2, 0).numpy(), images_seen)


@singledispatch
def log_texts(logger: Logger, name: str, texts: Sequence[str], images_seen: int) -> None:
    """Show texts, a line each, where a logger has room for them; others are left alone."""


@log_texts.register
def _(logger: TensorBoardLogger, name: str, texts: Sequence[str], images_seen: int) -> None:
    # Indented, so that TensorBoard, which takes the text for Markdown, shows every line as it is.
    logger.experiment.add_text(name, "\n".join(f"    {text}" for text in texts), images_seen)


@log_texts.register
def _(logger: WandbLogger, name: str, texts: Sequence[str], images_seen: int) -> None:
    logger.log_text(name, columns=["text"], data=[[text] for text in texts], step=images_seen)


@log_texts.register
def _(logger: MLflowRun, name: str, texts: Sequence[str], images_seen: int) -> None:
    logger.log_text(name, texts, images_seen)


@singledispatch
def log_settings(logger: Logger, settings: Mapping[str, Any], scores: Sequence[str]) -> None:
    """Tell a logger what a run is. To be called once, by the process that writes.

    Args:
        logger: any.
        settings: nested plain data.
        scores: names under which the run's scores will be logged.
    """
    logger.log_hyperparams(dict(settings))


@log_settings.register
def _(logger: TensorBoardLogger, settings: Mapping[str, Any], scores: Sequence[str]) -> None:
    from torch.utils.tensorboard.summary import hparams

    # The table of hyperparameters finds the values of the scores among the scalars. Through Lightning they would have
    # to be logged with it, before there are any.
    for summary in hparams(dict(flat(settings)), dict.fromkeys(scores, 0.0)):
        logger.experiment.file_writer.add_summary(summary)


@singledispatch
def log_start(logger: Logger, images_seen: int) -> None:
    """Tell a logger where a run begins or goes on, if it then shows nothing twice; others are left alone. To be called
    once, by the process that writes.

    Args:
        logger: any.
        images_seen: so far. What an earlier attempt logged of later images is trained again.
    """


@log_start.register
def _(logger: TensorBoardLogger, images_seen: int) -> None:
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    # At such an event TensorBoard drops what it has read from this step on. Its reader without the data server takes
    # the first one for the beginning of the run and drops nothing, so a run that is not resumed needs one too.
    logger.experiment.file_writer.add_event(
        Event(step=images_seen + 1, session_log=SessionLog(status=SessionLog.START))
    )
