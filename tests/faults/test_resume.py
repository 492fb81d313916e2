"""A run that was killed and resumed equals the one that was left alone, bit for bit."""

import csv
import itertools
import json
import re
from pathlib import Path
from typing import Any

import lightning.pytorch as L
import pytest
import ranks
import recipes
import torch
import unchanged
from runs import TINY, assert_same, end_of, gan_train
from thinned import thinned

from gan_lightning.models import GAN, EnergyModel, FromNoise, SequenceModel, SteppingModule

pytestmark = pytest.mark.long

TWO = "trainer=ddp_cpu"
_NO_METRICS = ["metrics=none", *(part for part in TINY if not part.startswith(("metrics", "dataset", "network")))]


def settings(step: type[SteppingModule]) -> list[str]:
    """A short run of a training step."""
    recipe = recipes.recipe_of(step)
    if issubclass(step, SequenceModel):
        small = ["dataset.source.size=36", "dataset.batch_size=4", "metrics.num_fake=8", *recipes.short(step)]
        own = [part for part in TINY if not part.startswith(("metrics", "dataset", "network", "callbacks"))]
        return [f"model={recipe}", f"dataset={recipes.fake_data(step)}", *recipes.small_network(step), *own, *small]
    if issubclass(step, FromNoise):
        return [*TINY, f"model={recipe}", *recipes.small_network(step)]
    data = [f"dataset={recipes.fake_data(step)}", "dataset.source.size=36", "dataset.batch_size=4"]
    decay = "model.optimisation.schedule._target_=gan_lightning.models.LinearDecay"
    more = {"cyclegan": ["model.pool_size=8"]}.get(recipe, [])
    return [
        f"model={recipe}",
        *data,
        *recipes.small_network(step),
        decay,
        "dataset.flip=true",
        *more,
        *_NO_METRICS,
    ]


STEPS: dict[str, list[str]] = {
    **{recipes.recipe_of(step): settings(step) for step in recipes.STEPS},
    "gan": TINY,
    "two": [*TINY, TWO],
    "wgan_gp": [*TINY, "model=wgan_gp", "model.critic_steps=2", "penalty.gradient.every=2"],
    "accumulated": [
        *(*TINY, "model=acgan", "model.optimisation.accumulate=4", "game=top_k", "game.share=0.25", "penalty=none"),
        *("regulariser@discriminator_regulariser=historical_averaging", "augment=[instance_noise,ada]"),
        *("augment.ada.images=300", "augment.ada.interval=3", "augment.ada.p=0.5", "model.optimisation.ema_rampup=0.5"),
        *("+ramp@augment.instance_noise.std=cosine", "augment.instance_noise.std.start=0.2"),
        *("augment.instance_noise.std.end=0", "+ramp@model.optimisation.generator.lr=linear"),
        *("model.optimisation.generator.lr.start=0", "model.optimisation.generator.lr.end=1e-3"),
        "model.optimisation.discriminator.betas=[0.0,{_target_: gan_lightning.models.CosineRamp,start: 0.9,end: 0.99}]",
    ],
    "progan": [*TINY, "model=progan", "network.grown=1"],  # killed in the middle of a fade
    "stylegan2": [*TINY, "model=stylegan2", "penalty.r1.every=3", "generator_penalty.path_length.every=2"],
    "gan_cls": [*(part for part in TINY if part != "dataset=fake"), "model=gan_cls", "dataset=fake_captions"],
    "workers": [*TINY, "dataset.flip=true", "+dataset.num_workers=2"],
}
_SELDOM = [part for part in TINY if not part.startswith("trainer.max_epochs")]
STEPS["every_second_epoch"] = [*_SELDOM, "trainer.max_epochs=3", "trainer.check_val_every_n_epoch=2"]
STEPS["by_batches"] = [
    *(*_SELDOM, "trainer.max_epochs=3", "trainer.check_val_every_n_epoch=null", "trainer.val_check_interval=5"),
]
STEPS["twice_an_epoch"] = [*_SELDOM, "trainer.max_epochs=2", "trainer.val_check_interval=0.5"]
STEPS["by_images"] = [*_SELDOM, "max_images=2160", "dataset.batch_size=72"]  # validated after 14, 28 and 30 batches
STEPS["cyclegan_two"] = [*STEPS["cyclegan"], TWO]


def rows(run: Path) -> list[tuple[tuple[str, str], ...]]:
    """The log, each row without its empty cells."""
    if not (run / "logs" / "metrics.csv").exists():
        return []
    with (run / "logs" / "metrics.csv").open() as file:
        return [tuple(sorted((name, value) for name, value in row.items() if value)) for row in csv.DictReader(file)]


def scores(run: Path) -> set[str]:
    path = run / "scores.jsonl"
    return set(path.read_text().splitlines()) if path.exists() else set()


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`whole(name)`: the folder of the run that nothing happened to."""
    done: dict[str, Path] = {}

    def run(name: str) -> Path:
        if name not in done:
            folder = tmp_path_factory.mktemp(f"whole-{name}")
            status, told = gan_train(*STEPS[name], "hydra.run.dir=run", folder=folder)
            assert status == 0, told
            done[name] = folder / "run"
        return done[name]

    return run


def killed(name: str, event: str, at: int, folder: Path, rank: int | None = None) -> bool:
    """Run until the event; False if it never came and the run is complete."""
    fault = {"event": event, "at": at, "action": "kill"} | ({} if rank is None else {"rank": rank})
    status, told = gan_train(*STEPS[name], "hydra.run.dir=run", folder=folder, fault=fault)
    assert status in (0, 1 if TWO in STEPS[name] else -9), told
    return status != 0


def goes_on_as(whole: Path, folder: Path) -> None:
    """Resume the run in `folder`; its end is that of the whole one."""
    run = folder / "run"
    assert all(path.stat().st_size > 0 for path in (run / "checkpoints").glob("*.ckpt"))
    before = rows(run)
    status, told = gan_train("resume=run", folder=folder)
    assert status == 0, told
    assert "passed over" not in told
    assert_same(end_of(run), end_of(whole))
    after = rows(run)
    assert after[: len(before)] == before
    assert set(after) == set(rows(whole))
    assert {path.name for path in (run / "checkpoints").glob("*.ckpt")} >= {"last.ckpt"}
    assert not (run / "checkpoints" / "next.ckpt").exists()
    assert scores(run) == scores(whole)
    assert {path.name for path in (run / "samples").iterdir()} == {path.name for path in (whole / "samples").iterdir()}
    assert (run / "training.png").read_bytes() == (whole / "training.png").read_bytes()


@pytest.mark.parametrize(
    ("event", "at"),
    [
        ("batch", 14),  # in the middle of an epoch, between two checkpoints
        ("between", 19),  # D has stepped and G has not
        ("validation", 2),
        ("write", 4),  # half of the file is there
        ("move", 8),  # the newest has been written and has no name yet
        ("write", 18),  # only the last one of all is missing, which best.ckpt equals
        ("move", 48),  # the last one of all has no name yet
        ("move", 49),  # and last.ckpt has lost its own
    ],
)
def test_killed_at_any_moment(whole, tmp_path, event, at):
    assert killed("gan", event, at, tmp_path)
    goes_on_as(whole("gan"), tmp_path)


@pytest.mark.parametrize(
    "name",
    thinned(
        [
            *("wgan_gp", "accumulated", "progan", "stylegan2", "workers", "gan_cls"),
            *(recipes.recipe_of(step) for step in recipes.STEPS if step is not GAN),
        ],
        ["accumulated", "progan", "workers", "cyclegan", "scratchgan"],
    ),
)
def test_every_step_goes_on(whole, tmp_path, name):
    assert killed(name, "batch", 16, tmp_path)
    goes_on_as(whole(name), tmp_path)


class Middle(L.Callback):
    """Saves in the middle of an epoch, and counts the batches."""

    def __init__(self, path: Path) -> None:
        self.path, self.batches = path, 0

    def on_train_batch_end(self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        self.batches += 1
        if batch_idx == 4:
            trainer.save_checkpoint(self.path)


@pytest.mark.parametrize("name", sorted(unchanged.COVER))
def test_a_checkpoint_holds_all_that_a_step_remembers(tmp_path, name):
    """Within a process, which takes a tenth of the time of killing one."""
    config = ranks.composed(unchanged.RECIPES[name])

    def trained(callback: Middle, **resumed: Any) -> Any:
        model, data = ranks.build(config)
        ranks.trainer(config, callback, limit_val_batches=0, limit_train_batches=9).fit(model, data, **resumed)
        return model

    first, second = Middle(tmp_path / "middle.ckpt"), Middle(tmp_path / "unused.ckpt")
    with ranks.quiet():
        whole = trained(first)
        again = trained(second, ckpt_path=first.path, weights_only=True)
    assert (first.batches, second.batches) == (9, 4)
    assert_same(dict(again.state_dict()), dict(whole.state_dict()))


@pytest.mark.parametrize(
    ("name", "images", "at"),
    thinned(
        [
            *(("every_second_epoch", 216, 23), ("by_batches", 216, 23), ("twice_an_epoch", 144, 15)),
            ("by_images", 2160, 20),
        ],
        [("by_batches", 216, 23), ("by_images", 2160, 20)],
    ),
)
def test_runs_validated_at_other_times_end_with_a_validation_and_go_on(whole, tmp_path, name, images, at):
    end = end_of(whole(name))
    assert end["counters"]["images_seen"] == images
    assert max(json.loads(line)["images_seen"] for line in scores(whole(name))) == images
    assert killed(name, "batch", at, tmp_path)
    goes_on_as(whole(name), tmp_path)


@pytest.mark.parametrize(("name", "rank", "at"), [("two", 1, 8), ("cyclegan_two", 0, 7)])
def test_two_processes_go_on_when_one_was_killed(whole, tmp_path, name, rank, at):
    assert killed(name, "batch", at, tmp_path, rank)
    goes_on_as(whole(name), tmp_path)


@pytest.mark.exhaustive
@pytest.mark.parametrize("event", ["batch", "between", "validation", "write", "move"])
@pytest.mark.parametrize("name", STEPS)
def test_killed_at_every_moment(whole, tmp_path, name, event):
    """All of them for one step, every fourth for the others."""
    rank = 0 if TWO in STEPS[name] else None
    resumed = 0
    for at in itertools.count(1, 1 if name == "gan" else 4):
        folder = tmp_path / str(at)
        folder.mkdir()
        if not killed(name, event, at, folder, rank):
            break
        if not (folder / "run" / "config.yaml").exists():  # nothing was begun, and the same command begins
            assert not killed(name, "batch", 10**6, folder, rank)
            assert_same(end_of(folder / "run"), end_of(whole(name)))
            continue
        goes_on_as(whole(name), folder)
        resumed += 1
    without_generator = name == recipes.recipe_of(EnergyModel)  # so nothing happens before its update
    assert resumed > 0 or event == "validation" or (event == "between" and without_generator)


def test_a_run_that_was_killed_twice(whole, tmp_path):
    for command, at in (([*TINY, "hydra.run.dir=run"], 8), (["resume=run"], 10)):
        status, _ = gan_train(*command, folder=tmp_path, fault={"event": "batch", "at": at, "action": "kill"})
        assert status == -9
    assert gan_train("resume=run", folder=tmp_path)[0] == 0
    assert_same(end_of(tmp_path / "run"), end_of(whole("gan")))


def test_damaged_checkpoint_is_passed_over(whole, tmp_path):
    assert killed("gan", "batch", 14, tmp_path)
    newest = tmp_path / "run" / "checkpoints" / "last.ckpt"
    newest.write_bytes(newest.read_bytes()[:5000])
    status, told = gan_train("resume=run", folder=tmp_path)
    assert status == 0, told
    assert re.search(r"last\.ckpt: is damaged or half-written.*; passed over", told.replace("\n", " "))
    assert "Continuing from run/checkpoints/last-1.ckpt" in told
    assert_same(end_of(tmp_path / "run"), end_of(whole("gan")))


def test_all_checkpoints_damaged_are_no_beginning(tmp_path):
    assert killed("gan", "batch", 14, tmp_path)
    for path in (tmp_path / "run" / "checkpoints").iterdir():
        path.write_bytes(b"")
    status, told = gan_train("resume=run", folder=tmp_path)
    assert status == 1
    assert "holds no checkpoint that can be read" in told


def test_a_run_without_checkpoints_starts_from_the_beginning(whole, tmp_path):
    assert killed("gan", "batch", 2, tmp_path)
    assert not list((tmp_path / "run" / "checkpoints").glob("*.ckpt"))
    goes_on_as(whole("gan"), tmp_path)


def test_a_moved_run_remembers_its_best(whole, tmp_path):
    assert killed("gan", "batch", 14, tmp_path)
    (tmp_path / "run").rename(tmp_path / "moved")
    status, told = gan_train("resume=moved", folder=tmp_path)
    assert status == 0, told
    assert "dirpath" not in told
    assert_same(end_of(tmp_path / "moved"), end_of(whole("gan")))
    state = torch.load(tmp_path / "moved" / "checkpoints" / "last.ckpt", weights_only=True)["callbacks"]
    (best,) = [found["best_model_path"] for found in state.values() if "best_model_path" in found]
    assert Path(best) == tmp_path / "moved" / "checkpoints" / "best.ckpt"


def test_full_disk_leaves_the_configuration_of_a_resumed_run(tmp_path):
    assert killed("gan", "batch", 14, tmp_path)
    before = (tmp_path / "run" / "config.yaml").read_bytes()
    fault = {"event": "setup", "at": 1, "action": "no_space_at_all"}
    assert gan_train("resume=run", folder=tmp_path, fault=fault)[0] == 1
    assert (tmp_path / "run" / "config.yaml").read_bytes() == before


def test_budget_logger_and_devices_may_change(whole, tmp_path):
    fault = {"event": "batch", "at": 14, "action": "kill"}
    gan_train(*TINY, "hydra.run.dir=run", folder=tmp_path, fault=fault)
    changed = ["trainer.max_epochs=4", "logger=tensorboard", TWO]
    status, told = gan_train("resume=run", *changed, folder=tmp_path)
    assert status == 0, told
    assert (tmp_path / "run" / "tensorboard").is_dir()
    end = end_of(tmp_path / "run")
    # One process saw an epoch of 9 batches and 4 more; 2 of 16 images fill the second epoch up, two epochs follow.
    assert end["counters"]["images_seen"] == (9 + 4) * 8 + (2 + 4 + 4) * 16
    status, told = gan_train("resume=run", folder=tmp_path)
    assert (status, "Nothing was left to do" in told) == (0, True), told
    assert_same(end_of(tmp_path / "run"), end)


@pytest.mark.parametrize(
    ("setting", "key"),
    [
        ("network.width=8", "model.generator.width (was 4, is 8)"),
        ("seed=1", "seed (was 0, is 1)"),
        ("trainer.precision=bf16-mixed", "trainer.precision (was 32-true, is bf16-mixed)"),
        ("loss=hinge", "model.loss._target_"),
        ("dataset.batch_size=4", "dataset.batch_size (was 8, is 4)"),
        ("model.optimisation.generator.lr=0.1", "model.optimisation.generator.lr"),
    ],
)
def test_what_would_be_another_run_is_named(whole, tmp_path, setting, key):
    before = (whole("gan") / "config.yaml").read_bytes()
    status, told = gan_train(f"resume={whole('gan')}", setting, folder=tmp_path)
    assert status == 1
    assert key in told
    assert "Traceback" not in told
    assert (whole("gan") / "config.yaml").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resume=nowhere"], "nowhere: holds no run of gan-train"),
        (["resume=run", "-m"], "goes on with one run"),
        (["hydra.run.dir=run"], "resume="),
    ],
)
def test_requests_that_cannot_work(tmp_path, arguments, message):
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / "config.yaml").write_text("command: []\n")
    status, told = gan_train(*arguments, folder=tmp_path)
    assert status == 1
    assert message in told
    assert "Traceback" not in told


def test_a_job_of_a_sweep_goes_on_under_its_own_name(tmp_path):
    fault = {"event": "batch", "at": 22, "action": "kill"}
    arguments = [*TINY, "loss=hinge,lsgan", "hydra.sweep.dir=sweep", "-m"]
    assert gan_train(*arguments, folder=tmp_path, fault=fault)[0] == -9
    (job,) = (path for path in (tmp_path / "sweep").iterdir() if path.is_dir())
    status, told = gan_train(f"resume={job.relative_to(tmp_path)}", folder=tmp_path)
    assert status == 0, told
    saved = torch.load(job / "checkpoints" / "last.ckpt", weights_only=True)
    assert saved["config"]["model"]["loss"]["_target_"] == "gan_lightning.losses.Hinge"
    assert saved["counters"]["images_seen"] == 3 * 72
    assert len(json.loads((job / "scores.jsonl").read_text().splitlines()[-1])) >= 4
