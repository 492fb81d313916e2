"""MLflow's store, read back with its own client; what several loggers do in a sweep."""

import sys
from pathlib import Path

import pytest
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from lightning.pytorch.loggers.logger import DummyLogger
from lightning.pytorch.utilities import rank_zero_only
from offline import OfflineRun
from runs import TINY, gan_train

from gan_lightning import loggers
from gan_lightning.console import cli
from gan_lightning.errors import SettingError
from gan_lightning.training import train

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # from MLflow's own code
]


def database(name: str = "mlflow.db") -> str:
    """Of the working folder. A path that is not absolute would be the first test's file in all tests of a process."""
    return f"sqlite:///{Path(name).absolute()}"


def settings(**given: object) -> dict[str, object]:
    defaults = {"run_dir": ".", "tracking_uri": database(), "experiment": "experiment", "group": None, "name": "name"}
    return {**defaults, "tags": [], "choices": [], "artifact": False, **given}


def test_sweep_is_a_group_of_runs_with_which_resumed_jobs_go_on(tmp_path, monkeypatch):
    from mlflow import MlflowClient

    swept = [
        "loss=hinge,f_gan/kl",
        "logger=[wandb,mlflow]",
        "logger.wandb.artifact=true",
        "logger.mlflow.artifact=true",
    ]
    sweep = ["hydra.sweep.dir=two_losses", "hydra.sweep.subdir=${hydra:job.num}", "-m"]
    folder = {"folder": tmp_path, "WANDB_MODE": "offline", "WANDB_DATA_DIR": str(tmp_path / "staging")}
    status, told = gan_train(*TINY, *swept, "trainer.max_epochs=1", *sweep, **folder)
    assert status == 0, told
    jobs = sorted(path for path in (tmp_path / "two_losses").iterdir() if path.is_dir())
    for job, loss in zip(jobs, ("hinge", "f_gan/kl"), strict=True):
        (part,) = job.glob("wandb/offline-run-*")
        run = OfflineRun(part)
        assert (run.run.display_name, run.run.run_group, run.status) == (f"loss={loss}", "two_losses", 0)
        assert list(run.run.tags) == ["model=dcgan", f"loss={loss}", "dataset=fake"]
        assert len(run.artifacts) == 1

    monkeypatch.chdir(tmp_path)
    client = MlflowClient(database())
    (experiment,) = client.search_experiments(filter_string="name = 'gan_lightning'")
    runs = {run.info.run_id: run for run in client.search_runs(experiment.experiment_id)}
    assert len(runs) == 2
    for job, loss in zip(jobs, ("hinge", "f_gan/kl"), strict=True):
        run = runs[(job / "mlflow_run").read_text()]
        assert (run.info.run_name, run.info.status) == (f"loss={loss}", "FINISHED")
        named = {"group": "two_losses", "model": "dcgan", "loss": loss, "dataset": "fake"}
        assert run.data.tags.items() >= named.items()
        assert run.data.params["protocol/extractor"] == "classifier"
        assert steps(client, run, "fid_classifier") == [72]
        assert steps(client, run, "loss_generator") == [16 * i for i in range(1, 5)]
        pictures = [file.path for file in client.list_artifacts(run.info.run_id, "images")]
        assert sorted({int(path.split("+step+")[1].split("+")[0]) for path in pictures}) == [0, 72]
        best = Path(client.download_artifacts(run.info.run_id, "best/best.ckpt"))
        assert best.read_bytes() == (job / "checkpoints" / "best.ckpt").read_bytes()

    resumed, _ = jobs
    status, told = gan_train(f"resume={resumed}", "trainer.max_epochs=2", **folder)
    assert status == 0, told
    run = client.get_run((resumed / "mlflow_run").read_text())
    assert (run.info.run_name, run.info.status, run.data.tags["group"]) == ("loss=hinge", "FINISHED", "two_losses")
    assert steps(client, run, "fid_classifier") == [72, 144]
    assert run.data.params["trainer/max_epochs"] == "1"  # a parameter of MLflow's stays what it was
    assert "max_epochs: 2" in Path(client.download_artifacts(run.info.run_id, "settings.yaml")).read_text()
    assert len(client.search_runs(experiment.experiment_id)) == 2
    first, second = sorted(resumed.glob("wandb/offline-run-*"))
    assert OfflineRun(first).run.run_id == OfflineRun(second).run.run_id
    # The second part leaves the run's name and group as they are.
    assert (OfflineRun(second).run.display_name, OfflineRun(second).run.run_group) == ("", "")
    assert [row["images_seen"] for row in OfflineRun(second).history if "fid_classifier" in row] == [144]


def steps(client, run, name: str) -> list[int]:
    return [metric.step for metric in client.get_metric_history(run.info.run_id, name)]


def test_store_that_stops_answering_is_said_once_and_survived(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    run = loggers.mlflow_logger(**settings())
    run.log_hyperparams({"a": {"b": 1, "long": "x" * 1000}})
    params = run.experiment.get_run(run.run_id).data.params
    assert params["a/b"] == "1"
    assert len(params["a/long"]) == 250
    run.experiment.delete_run(run.run_id)
    for step in (1, 2):
        run.log_metrics({"loss": 1.0}, step=step)
    run.finalize("failed")
    assert caplog.text.count("MLflow does not answer any more") == 1
    begun_anew = loggers.mlflow_logger(**settings(tracking_uri=database("other.db")))
    assert begun_anew.run_id != run.run_id


def test_run_that_fails_is_ended_as_failed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = loggers.mlflow_logger(**settings(tags=["mine", "a=b"], group="group"))
    run.log_hyperparams({"seed": 0})
    run.finalize("failed")
    again = loggers.mlflow_logger(**settings(name="other"))
    assert again.run_id == run.run_id
    told = again.experiment.get_run(again.run_id)
    assert (told.info.status, told.info.run_name) == ("FAILED", "name")
    assert told.data.tags.items() >= {"mine": "", "a": "b", "group": "group"}.items()
    again.log_hyperparams({"seed": 0})
    assert again.experiment.get_run(again.run_id).info.status == "RUNNING"


def test_variables_of_mlflow_come_before_our_defaults_and_the_command_line_before_both(composed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "theirs")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", database())
    monkeypatch.setenv("MLFLOW_RUN_NAME", "called")
    (tmp_path / "run").mkdir()
    run = instantiate(composed("logger=mlflow").logger.mlflow)
    run.log_hyperparams({})
    told = run.experiment.get_run(run.run_id)
    assert run.experiment.get_experiment(told.info.experiment_id).name == "theirs"
    assert told.info.run_name == "called"
    assert composed("logger=mlflow", "logger.mlflow.experiment=typed").logger.mlflow.experiment == "typed"

    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", told.info.experiment_id)
    monkeypatch.setenv("MLFLOW_RUN_ID", run.run_id)
    (tmp_path / "run" / "mlflow_run").unlink()
    again = instantiate(composed("logger=mlflow").logger.mlflow)
    assert (again.run_id, again.experiment_id) == (run.run_id, told.info.experiment_id)
    monkeypatch.setenv("MLFLOW_RUN_ID", "nowhere")
    with pytest.raises(InstantiationException, match="MLFLOW_RUN_ID=nowhere"):
        instantiate(composed("logger=mlflow").logger.mlflow)


def test_only_the_first_process_speaks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rank_zero_only, "rank", 1)
    assert isinstance(loggers.mlflow_logger(**settings()), DummyLogger)
    assert not list(tmp_path.iterdir())


def test_what_is_missing_is_said_in_one_sentence(composed, monkeypatch):
    logger = ["logger=mlflow", "dataset=fake", f"logger.mlflow.tracking_uri={database()}"]
    for uri, told in (
        ("nowhere://x", "logger.mlflow.tracking_uri=nowhere://x: "),
        (database(), "pip install 'gan-light"),
    ):
        with pytest.raises(InstantiationException) as refused:
            train(composed(*logger, f"logger.mlflow.tracking_uri={uri}"))
        assert told in cli.sentence(refused.value)
        monkeypatch.setitem(sys.modules, "mlflow", None)


def test_a_second_store_in_the_same_process_has_an_experiment_of_its_own(tmp_path, monkeypatch):
    from mlflow import MlflowClient

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
    for name, others in (("first.db", 3), ("second.db", 0)):
        client = MlflowClient(database(name))
        for number in range(others):  # so that the same name has another number there
            client.create_experiment(f"other {number}")
        loggers.mlflow_logger(**settings(tracking_uri=database(name), experiment=None))
        (found,) = client.search_experiments(filter_string="name = 'gan_lightning'")
        assert int(found.experiment_id) > others


def test_experiment_that_was_deleted_is_refused_and_one_made_meanwhile_is_taken(tmp_path, monkeypatch):
    from mlflow import MlflowClient

    monkeypatch.chdir(tmp_path)
    client = MlflowClient(database())
    client.delete_experiment(client.create_experiment("experiment"))
    with pytest.raises(SettingError, match="logger.mlflow.experiment=experiment was deleted: "):
        loggers.mlflow_logger(**settings())

    create = MlflowClient.create_experiment

    def made_by_another_first(self, name):
        create(self, name)
        return create(self, name)

    monkeypatch.setattr(MlflowClient, "create_experiment", made_by_another_first)
    run = loggers.mlflow_logger(**settings(experiment="new"))
    run.log_hyperparams({})
    assert client.get_run(run.run_id).info.experiment_id == client.get_experiment_by_name("new").experiment_id
