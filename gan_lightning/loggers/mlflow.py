"""MLflow: a store of all runs, in a file or on a server."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from lightning.pytorch.loggers import Logger, MLFlowLogger
from lightning.pytorch.loggers.logger import DummyLogger

from gan_lightning.errors import SettingError
from gan_lightning.loggers.flat import flat
from gan_lightning.loggers.service import Service, is_rank_zero
from gan_lightning.ranges import PathText

DEFAULT = "gan_lightning"
"""The experiment where nobody names one."""


def mlflow_logger(
    run_dir: PathText,
    tracking_uri: str | None,
    experiment: str | None,
    group: str | None,
    name: str,
    tags: Sequence[str],
    choices: Sequence[str],
    artifact: bool,
) -> Logger:
    """An `MLflowRun` in the process that writes, and nothing in the others.

    Args:
        run_dir: folder of the run.
        tracking_uri: of the store; None for MLflow's own choice, which is `MLFLOW_TRACKING_URI` or else `mlflow.db` in
            the working folder. What is secret belongs into MLflow's environment variables, since the configuration is
            in every checkpoint.
        experiment: MLflow's name for what W&B calls a project; None for that of `MLFLOW_EXPERIMENT_ID`, or else
            `gan_lightning`.
        group: of runs that belong together, or None; becomes the tag `group`.
        name: of the run, for people.
        tags: any words; `a=b` becomes the tag `a` with the value `b`.
        choices: more tags, from the configuration.
        artifact: upload the best checkpoint when the training is done.

    Raises:
        SettingError: MLflow is not installed, or its store does not answer.
    """
    if not is_rank_zero():
        return DummyLogger()
    # A server that is away is asked for half a minute, not for four, while the training waits.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "4")
    try:
        import mlflow
        from mlflow.exceptions import MlflowException

        logging.getLogger("mlflow").setLevel(logging.WARNING)  # it would tell how it fills a new database
        store = tracking_uri or mlflow.get_tracking_uri()
        client = mlflow.MlflowClient(store)
        number = os.environ.get("MLFLOW_EXPERIMENT_ID") if experiment is None else None
        chosen = client.get_experiment(number).name if number else _create(client, experiment or DEFAULT)
    except ModuleNotFoundError as error:
        raise SettingError(f"logger=mlflow lacks {error.name}: pip install 'gan-lightning[mlflow]'") from error
    except MlflowException as error:
        raise SettingError(f"logger.mlflow.tracking_uri={tracking_uri}: {error}") from error
    kept = Path(run_dir) / "mlflow_run"
    earlier: str | None = None
    if kept.exists():
        try:
            earlier = client.get_run(kept.read_text()).info.run_id
        except MlflowException:  # another store, where it becomes a new run
            earlier = None
    elif number := os.environ.get("MLFLOW_RUN_ID"):
        try:
            earlier = client.get_run(number).info.run_id
        except MlflowException as error:
            raise SettingError(f"MLFLOW_RUN_ID={number}: {error}") from error
    labels = dict(str(tag).partition("=")[::2] for tag in [*tags, *choices])
    if group is not None:
        labels["group"] = group
    return MLflowRun(kept, store, chosen, name, labels, earlier, artifact)


def _create(client: Any, name: str) -> str:
    """Create an experiment if the store has none of this name, and return the name.

    mlflow.set_experiment does the same, but also makes it the experiment of the whole process.

    Raises:
        SettingError: the experiment was deleted.
    """
    from mlflow.exceptions import MlflowException

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            client.create_experiment(name)
        except MlflowException:
            if client.get_experiment_by_name(name) is None:  # else another run was faster
                raise
    elif found.lifecycle_stage == "deleted":
        raise SettingError(f"logger.mlflow.experiment={name} was deleted: restore it, or choose another name")
    return name


@final
class MLflowRun(MLFlowLogger):
    """One MLflow run for each run folder, over the images seen.

    It begins with the training and ends with it, as failed if the training did. The folder keeps the run's number: a
    resumed run goes on with it. Should the store stop answering in the middle, the training goes on.

    Args:
        kept: file that holds the run's number.
        tracking_uri: of the store.
        experiment: an experiment of the store.
        name: of the run, for people.
        tags: by name.
        earlier: number of a run to go on with, or None.
        artifact: upload the best checkpoint when the training is done.
    """

    def __init__(
        self,
        kept: Path,
        tracking_uri: str,
        experiment: str,
        name: str,
        tags: Mapping[str, str],
        earlier: str | None,
        artifact: bool,
    ) -> None:
        super().__init__(experiment, name, tracking_uri, dict(tags), run_id=earlier, log_model=artifact)
        self.kept = kept
        self.service = Service("MLflow")

    def log_hyperparams(self, params: Any) -> None:
        """Log settings: nested as the file `settings.yaml`, flat as parameters for MLflow's tables.

        Parameters cannot change, so what differs in a resumed run is in the file only.
        """

        def report() -> None:
            self.kept.write_text(str(self.run_id))
            self.experiment.update_run(self.run_id, status="RUNNING")
            self.experiment.log_dict(self.run_id, params, "settings.yaml")
            known = self.experiment.get_run(self.run_id).data.params
            new = {name: value for name, value in flat(params) if name not in known}
            super(MLflowRun, self).log_hyperparams(new)

        self.service(report)

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        self.service(lambda: super(MLflowRun, self).log_metrics(metrics, step))

    def log_image(self, key: str, image: Any, step: int) -> None:
        """Log a picture.

        Args:
            key: name of all pictures over which a slider moves.
            image: (H, W, 3) uint8.
            step: images seen.
        """
        self.service(lambda: self.experiment.log_image(self.run_id, image, key=key, step=step))

    def log_text(self, key: str, texts: Sequence[str], step: int) -> None:
        """Log texts as the file `KEY/IMAGES_SEEN.txt`, a line each.

        Args:
            key: folder of all such files.
            texts: without line breaks.
            step: images seen.
        """
        content = "".join(f"{text}\n" for text in texts)
        self.service(lambda: self.experiment.log_text(self.run_id, content, f"{key}/{step:09}.txt"))

    def finalize(self, status: str = "success") -> None:
        self.service(lambda: super(MLflowRun, self).finalize(status))
