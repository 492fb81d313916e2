"""TensorBoard's files in the run folder."""

from importlib.util import find_spec

from lightning.pytorch.loggers import TensorBoardLogger

from gan_lightning.errors import SettingError
from gan_lightning.ranges import PathText


def tensorboard_logger(run_dir: PathText) -> TensorBoardLogger:
    """A logger whose files lie in `tensorboard` below a run's folder, where a resumed run adds its own.

    Raises:
        SettingError: TensorBoard is not installed.
    """
    if find_spec("tensorboard") is None:
        raise SettingError("logger=tensorboard needs TensorBoard: pip install 'gan-lightning[tensorboard]'")
    # `log_settings` names the scores instead of Lightning's one of -1.
    return TensorBoardLogger(save_dir=run_dir, name="tensorboard", version="", default_hp_metric=False)
