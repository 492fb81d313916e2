"""Sweeps: what fails does not end them, what is done is not done again, and every launcher behaves the same."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import yaml
from filelock import FileLock
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError
from runs import TINY, assert_same, end_of, gan_train
from thinned import thinned
from wandb.sdk.launch.sweeps import utils as wandb_sweeps

from gan_lightning.console.config import CONF
from gan_lightning.errors import SettingError
from gan_lightning.runs import sweep
from gan_lightning.runs.summary import jobs

pytestmark = pytest.mark.long

REPOSITORY = Path(__file__).parents[2]
SWEEP = ["hydra.sweep.dir=sweep", "-m"]


def choose(*overrides: str) -> DictConfig:
    """The configuration of a job, as Hydra makes it known before a job begins."""
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", [*overrides], return_hydra_config=True)
    HydraConfig.instance().set_config(config)
    return config


def summary(folder: Path) -> list[dict[str, str]]:
    with (folder / "summary.csv").open() as file:
        return list(csv.DictReader(file))


def states(folder: Path) -> dict[str, str]:
    """What became of each job, by its last setting that has several values."""
    return {row["seed"]: row["state"] for row in summary(folder)}


def sentence(told: str) -> str:
    """The one line with which a command ends that was refused."""
    assert "Traceback" not in told
    (line,) = [line for line in told.splitlines() if line.startswith("gan-train: ")]
    return line


def test_failures_are_told_and_what_is_missing_runs_later(tmp_path):
    """A good job, one with an impossible setting, one with an error that no setting explains; then what is missing."""
    command = [*TINY[:-1], "+callbacks.fault._target_=faults.Fault,faults.Bug", "seed=3,-1", *SWEEP]
    status, told = gan_train(*command, folder=tmp_path, BUG="1")
    assert status == 1, told
    assert "Traceback" not in told
    folder = tmp_path / "sweep"
    rows = {(row["callbacks.fault._target_"], row["seed"]): row for row in summary(folder)}
    assert {key: row["state"] for key, row in rows.items()} == {
        ("faults.Fault", "3"): "finished",
        ("faults.Fault", "-1"): "failed",
        ("faults.Bug", "3"): "failed",
        ("faults.Bug", "-1"): "failed",
    }
    good, user, bug = (rows[key] for key in (("faults.Fault", "3"), ("faults.Fault", "-1"), ("faults.Bug", "3")))
    assert summary(folder)[0] == good  # the best first
    scores = [json.loads(line) for line in (folder / good["folder"] / "scores.jsonl").read_text().splitlines()]
    assert float(good["best"]) == pytest.approx(min(line[good["monitor"]] for line in scores))
    assert user["error"] == "seed=-1: a whole number from 0"
    assert bug["error"] == "ZeroDivisionError: a bug"
    assert "Traceback" not in (folder / user["folder"] / "error.txt").read_text()
    assert "in on_train_batch_start" in (folder / bug["folder"] / "error.txt").read_text()
    assert not (folder / good["folder"] / "error.txt").exists()
    for line in (
        r"\[1/4\] \+callbacks.fault._target_=faults.Fault seed=3: starts",
        r"\[1/4\] \+callbacks.fault._target_=faults.Fault seed=3: finished, best swd [\d.]+ in [\d.]+ s",
        r"\[2/4\] .* seed=-1: failed, seed=-1: a whole number from 0 \(after [\d.]+ s\)",
        r"4 jobs, 3 not finished; sweep/summary.csv",
        r"The same command with skip_done=true hydra.sweep.dir=sweep runs the missing jobs",
    ):
        assert re.search(f"^{line}$", told, re.M), line
    assert re.search(r"│ faults.Fault +│ 3 +│ finished │ +[\d.]+ │", told)

    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}
    status, told = gan_train(*command, folder=tmp_path)
    assert status == 1
    assert "hydra.sweep.dir=sweep: already holds 4 jobs, which are kept; choose another folder" in sentence(told)
    assert {path: path.stat().st_mtime_ns for path in before} == before

    # In another order, with one job more, and without the bug.
    command[-3] = "seed=3,4,-1"
    status, told = gan_train(*command, "skip_done=true", folder=tmp_path, BUG="exit")
    assert status == 1
    assert "[1/6] +callbacks.fault._target_=faults.Fault seed=3: was done before, finished, best swd" in told
    assert "faults.Bug seed=3: failed, SystemExit: 3" in told
    status, told = gan_train(*command[:-3], "seed=4,3", *SWEEP, "skip_done=true", folder=tmp_path)
    assert status == 1  # of the folder: the impossible jobs are still there
    assert told.count("was done before") == 2
    assert told.count(": starts") == 2  # they had failed before anything was worth keeping
    found = {(row["callbacks.fault._target_"], row["seed"]): row["state"] for row in summary(folder)}
    assert {key for key, state in found.items() if state == "failed"} == {("faults.Fault", "-1"), ("faults.Bug", "-1")}
    for path in (folder / good["folder"]).rglob("*.ckpt"):
        assert path.stat().st_mtime_ns == before[path]


def test_a_killed_sweep_goes_on_bit_for_bit(tmp_path):
    fault = {"event": "batch", "at": 14, "action": "kill"}
    status, told = gan_train(*TINY, "seed=5,5", *SWEEP, folder=tmp_path, fault=fault)
    assert status == -signal.SIGKILL, told
    status, told = gan_train(*TINY, "seed=5,5", *SWEEP, "skip_done=true", folder=tmp_path)
    assert status == 0, told
    assert "[1/2] seed=5: goes on" in told
    assert "[2/2] seed=5: was done before, finished" in told  # asked for twice, done once
    assert gan_train(*TINY, "seed=5", "hydra.run.dir=run", folder=tmp_path)[0] == 0
    (job,) = jobs(tmp_path / "sweep")
    assert_same(end_of(tmp_path / "sweep" / job.folder), end_of(tmp_path / "run"))


def test_a_job_does_not_pass_for_another_one_in_the_same_folder(tmp_path):
    arguments = [*TINY, "trainer.max_epochs=1", "seed=0,1", *SWEEP, "hydra.sweep.subdir=one"]
    status, told = gan_train(*arguments, folder=tmp_path)
    assert status == 1
    assert re.search(r"hydra\.sweep\.subdir: two jobs have the folder \S+/one; another one than seed=1", sentence(told))
    assert "was done before" not in told


def test_two_sweeps_cannot_share_a_folder(tmp_path):
    (tmp_path / "sweep").mkdir()
    with FileLock(tmp_path / "sweep" / ".lock"):
        status, told = gan_train(*TINY, "seed=0,1", *SWEEP, "skip_done=true", folder=tmp_path)
    assert status == 1
    assert "hydra.sweep.dir=sweep: another sweep is running there" in sentence(told)
    assert not jobs(tmp_path / "sweep")


def afresh(*arguments: str, folder: Path) -> subprocess.Popen[bytes]:
    """`gan-train ARGUMENTS` in a Python of its own, because joblib's workers outlast a parent that was forked.

    What it writes is in the file `told`.
    """
    paths = os.pathsep.join(map(str, (REPOSITORY, REPOSITORY / "tests" / "support", os.environ.get("PYTHONPATH", ""))))
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "MEMBERS": str(folder / "members")}
    command = [sys.executable, "-m", "gan_lightning.training", *arguments]
    with (folder / "told").open("wb") as file:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file, start_new_session=True)


@pytest.mark.parametrize(
    ("launcher", "processes"), thinned([("parallel", 1), ("parallel", 2), ("slurm_local", 1)], [("parallel", 1)])
)
def test_every_launcher_does_the_same(tmp_path, launcher, processes):
    several = ["trainer=ddp_cpu"] if processes == 2 else []
    command = [*TINY, *several, "trainer.max_epochs=1", "seed=0,-1", f"hydra/launcher={launcher}", *SWEEP]
    status = afresh(*command, folder=tmp_path).wait(300)
    told = (tmp_path / "told").read_text()
    assert status == 1, told
    assert states(tmp_path / "sweep") == {"0": "finished", "-1": "failed"}
    (path,) = (tmp_path / "sweep").glob("*/checkpoints/last.ckpt")
    assert len(torch.load(path, weights_only=True)["processes"]) == processes
    assert {row["error"] for row in summary(tmp_path / "sweep")} == {"", "seed=-1: a whole number from 0"}
    assert "2 jobs, 1 not finished" in told


@pytest.mark.exhaustive
def test_ctrl_c_ends_jobs_at_the_same_time_when_they_have_saved(tmp_path):
    long = [part for part in TINY if not part.startswith("trainer.max_epochs")]
    parallel = ["hydra/launcher=parallel", "hydra.launcher.n_jobs=2"]
    command = [*long, "trainer.max_epochs=10000", "seed=0,1,2", *parallel, *SWEEP]
    process = afresh(*command, folder=tmp_path)
    for _ in range(3000):  # workers import torch, which takes long on a busy machine
        if len(list((tmp_path / "sweep").glob("*/checkpoints/last.ckpt"))) == 2:
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    status = process.wait(120)
    told = (tmp_path / "told").read_text()
    assert status == 128 + signal.SIGINT, told
    assert states(tmp_path / "sweep") == {"0": "interrupted", "1": "interrupted"}
    assert told.count("Ended by SIGINT") == 2
    assert "seed=2: starts" not in told


# --- searches ---


def test_search_learns_from_scores_and_survives_failed_trials(tmp_path):
    search = ["hydra/sweeper=optuna_tpe", "seed=choice(0,-1,1)", "objectives=[score]", *SWEEP]
    command = [*TINY, "trainer.max_epochs=1", *search]
    status, told = gan_train(*command, "hydra.sweeper.n_trials=4", folder=tmp_path)
    assert status == 1, told
    found = summary(tmp_path / "sweep")
    assert {row["state"] for row in found} == {"finished", "failed"}
    best = OmegaConf.load(tmp_path / "sweep" / "optimization_results.yaml")
    assert best.best_value == float(found[0]["best"])
    assert "Failed experiment" in told
    # The same trials again, one more, and none that is finished is trained twice.
    status, told = gan_train(*command, "hydra.sweeper.n_trials=5", "skip_done=true", folder=tmp_path)
    assert status == 1, told
    finished = sum(row["state"] == "finished" for row in found)
    assert told.count("was done before") >= finished
    assert "[5/5]" in told


def test_search_may_weigh_score_against_time(tmp_path):
    command = [*TINY, "trainer.max_epochs=1", "hparams_search=optuna_pareto", "hydra.sweeper.n_trials=2", *SWEEP]
    status, told = gan_train(*command, folder=tmp_path)
    assert status == 0, told
    measured = [(float(row["best"]), float(row["seconds"])) for row in summary(tmp_path / "sweep")]
    front = OmegaConf.load(tmp_path / "sweep" / "optimization_results.yaml").solutions
    assert 1 <= len(front) <= 2
    assert {tuple(solution["values"]) for solution in front} <= set(measured)


def test_search_where_all_fails_ends_in_a_sentence(tmp_path):
    command = [part for part in TINY if not part.startswith("metrics.")]
    command += ["metrics=none", "hparams_search=optuna", "hydra.sweeper.n_trials=2", *SWEEP]
    status, told = gan_train(*command, folder=tmp_path)
    assert status == 1
    assert "the sweep ended early (ValueError: No trials are completed yet.)" in sentence(told)
    assert told.count("failed, objectives: a search needs a score, but these data and metrics have none") == 2


# --- what is refused before any job starts ---


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-m"], "-m: nothing to sweep; give a setting several values"),
        (["seed=range(0,0)", "-m"], "-m: nothing to sweep"),
        (["loss=", "-m"], "loss=: names no option; there are began, energy_based"),
        (["loss=lsgan,hinje", "-m"], "loss=hinje: there is no such option; did you mean loss=hinge?"),
        (["sweep=losses"], "sweep=losses: is a sweep; add -m"),
        (["hparams_search=optuna"], "hparams_search=optuna: is a sweep; add -m"),
        (["objectives=[speed]"], "objectives=[speed]: a list of score, or seconds, or both"),
        (["hparams_search=optuna", "objectives=[score,seconds]", "-m"], "as many as hydra.sweeper.direction has"),
    ],
)
def test_impossible_sweep_is_one_sentence(tmp_path, arguments, told):
    status, text = gan_train(*TINY, *arguments, "hydra.sweep.dir=sweep", "hydra.run.dir=run", folder=tmp_path)
    assert status == 1
    assert told in sentence(text)
    assert not list(tmp_path.glob("*/*/status.json"))


@pytest.mark.parametrize(
    ("choice", "extra"),
    [
        ("hydra/launcher=parallel", "joblib"),
        ("hydra/launcher=slurm", "submitit"),
        ("hydra/launcher=slurm_local", "submitit"),
        ("hydra/sweeper=optuna_tpe", "optuna"),
    ],
)
def test_plugin_that_is_missing_is_named_with_its_extra(monkeypatch, choice, extra):
    known = Plugins.instance().discover
    own = [f"hydra_plugins.hydra_{plugin}" for plugin in ("joblib_launcher", "submitit_launcher", "optuna_sweeper")]
    monkeypatch.setattr(
        Plugins.instance(),
        "discover",
        lambda kind: [plugin for plugin in known(kind) if not plugin.__module__.startswith(tuple(own))],
    )
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", [choice], return_hydra_config=True)
    with pytest.raises(
        SettingError, match=re.escape(f"{choice}: its plugin is missing; pip install 'gan-lightning[{extra}]'")
    ):
        sweep._check_plugins(config.hydra)


def test_plugins_that_are_there_are_found():
    for launcher in ("basic", "parallel", "slurm", "slurm_local"):
        with initialize_config_dir(CONF, version_base="1.3"):
            config = compose("train", [f"hydra/launcher={launcher}"], return_hydra_config=True)
        sweep._check_plugins(config.hydra)


# --- folders ---


def folder_of(*overrides: str) -> str:
    """The name of a job's folder."""
    return choose(*overrides).hydra.sweep.subdir


def test_folder_is_named_by_settings_alone():
    assert folder_of("seed=1", "loss=hinge") == "loss=hinge,seed=1"
    assert folder_of("loss=hinge", "skip_done=true", "seed=1", "hydra.verbose=true") == "loss=hinge,seed=1"


def test_no_two_settings_share_a_folder():
    long = [f"callbacks.samples.columns={8 + i}" for i in range(2)]
    many = [f"run_dir='{'é' * 100}{i}'" for i in range(2)]
    names = [folder_of(part, f"run_dir={'x' * 200}") for part in long] + [folder_of(part) for part in many]
    names += [folder_of("loss=f_gan/kl"), folder_of("run_dir=a/b"), folder_of("run_dir=a_b")]
    assert len(set(names)) == len(names)
    assert max(len(name.encode()) for name in names) <= 150
    assert names[-1] == "run_dir=a_b"


# --- ready-made ---


@pytest.mark.parametrize("name", [path.stem for path in Path(CONF, "sweep").glob("*.yaml")])
def test_ready_made_sweep_composes_every_job(name):
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", [f"sweep={name}"], return_hydra_config=True)
        swept, count = sweep._planned(config.hydra)
        params = {key: str(value).split(",") for key, value in config.hydra.sweeper.params.items()}
        assert list(params)[-len(swept) :] == swept
        if name == "seeds":
            assert count == 5
            return
        product = 1
        for values in params.values():
            product *= len(values)
        assert count == product
        fixed = [f"{key}={values[0]}" for key, values in params.items()]
        for key, values in params.items():
            for value in values:
                compose("train", [*fixed, f"{key}={value}"])


def test_each_architecture_of_the_ready_made_sweep_has_a_budget():
    models = choose("sweep=architectures").hydra.sweeper.params.model.split(",")
    budgets = {model: choose("sweep=architectures", f"model={model}").model.optimisation.max_images for model in models}
    assert budgets["dcgan"] == 3_100_000
    assert budgets["r3gan"] == 43_000
    assert all(isinstance(budget, int) for budget in budgets.values())


def test_sweep_of_architectures_without_a_budget_for_a_model_asks_for_one():
    config = choose("sweep=architectures", "model=cgan")
    with pytest.raises(
        InterpolationResolutionError, match="model=cgan: the sweep has no max_images for it; give max_images"
    ):
        _ = config.max_images
    assert choose("sweep=architectures", "model=cgan", "max_images=64").model.optimisation.max_images == 64


def test_command_line_has_the_last_word_over_a_ready_made_sweep():
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("train", ["sweep=losses"], return_hydra_config=True)
        OmegaConf.update(config, "hydra.overrides.task", ["sweep=losses", "loss=hinge,lsgan", "seed=range(0,3)"])
        assert sweep._planned(config.hydra) == (["loss", "seed"], 6)


def test_sweep_of_weights_and_biases_becomes_a_command_that_composes(monkeypatch):
    """As its agent turns the file into a command."""
    config = yaml.safe_load((REPOSITORY / "docs" / "wandb_sweep.yaml").read_text())
    drawn = {"loss": "hinge", "seed": 1}
    drawn |= {f"model.optimisation.{player}.lr": 0.00031 for player in ("generator", "discriminator")}
    assert drawn.keys() == config["parameters"].keys()
    parts = wandb_sweeps.create_sweep_command(config["command"])
    made = wandb_sweeps.create_sweep_command_args({"args": {key: {"value": value} for key, value in drawn.items()}})
    made |= {"env": ["env"], "program": [config["program"]]}
    words = [word for part in parts for word in made.get(part[2:-1] if part.startswith("${") else "", [part])]
    assert words[:2] == ["env", "gan-train"]
    monkeypatch.setenv("WANDB_RUN_ID", "abc")
    with initialize_config_dir(CONF, version_base="1.3"):
        composed = compose("train", words[2:], return_hydra_config=True)
    assert composed.model.loss._target_.endswith("Hinge")
    assert composed.model.optimisation.generator.lr == 0.00031
    assert composed.seed == 1
    assert composed.hydra.run.dir == "outputs/wandb/abc"
