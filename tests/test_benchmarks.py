"""The benchmarks still run; what they measure is for people to look at."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gan_lightning.data import Digits, ImageData
from gan_lightning.metrics.judgement import why_copies
from gan_lightning.metrics.scores import sliced_wasserstein

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import around
import durations
import evaluation
import memory
import scaling
import scores
import speeds
import step
import two_runs

SMALL = {"DCGAN": 16, "default recipe": 16, "WGAN-GP": 16, "Pix2Pix": 64, "CycleGAN": 32}
"""The smallest side of pictures in each setting."""


def small(setting):
    side = SMALL[setting.name.partition(":")[0]]
    overrides = [*setting.overrides, f"dataset.resolution={side}", "network.width=4"]
    return replace(setting, overrides=overrides, steps=2, batch_size=2)


@pytest.mark.filterwarnings("ignore:.*is smaller than the logging interval", "ignore:.*does not have many workers")
@pytest.mark.parametrize("setting", step.ON_CPU, ids=lambda setting: setting.name)
def test_trainer_and_plain_loop_take_turns(setting, tmp_path, monkeypatch):
    monkeypatch.setattr(step, "WARM_UP", 1)
    monkeypatch.setattr(step, "ROUNDS", 1)
    turns, works = step.measure(small(setting), str(tmp_path), "cpu")
    assert len(works) > 10
    assert min(min(work.operations, work.elements) for work in works) > 0
    assert {name: len(times) for name, times in turns.times.items()} == {"trainer": 2, "plain": 2, "tuned": 2}
    assert min(time for times in turns.times.values() for time in times) > 0


@pytest.mark.filterwarnings("ignore:.*is smaller than the logging interval", "ignore:.*does not have many workers")
def test_a_row_has_the_fast_setting_of_a_cpu_and_becomes_a_line_of_a_table(monkeypatch):
    monkeypatch.setattr(step, "WARM_UP", 1)
    monkeypatch.setattr(step, "ROUNDS", 1)
    row = step.row_of(small(step.ON_CPU[0]), "cpu", [], step.Rates(1.0, 1.0, 4))
    assert row["trainer=cpu"] > 0
    assert row["plain / trainer=cpu"][1] == row["plain / trainer=cpu"][2] > 0
    header, _, line = step.table([row]).splitlines()
    assert header.startswith("| Step | trainer | plain | tuned | trainer / plain | plain / tuned | trainer=cpu |")
    assert line.startswith(f"| {step.ON_CPU[0].name} | ")


@pytest.mark.filterwarnings("ignore:.*is smaller than the logging interval", "ignore:.*does not have many workers")
@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
def test_both_trainers_take_turns_around_a_step(monkeypatch):
    for name, value in {"BATCHES": 4, "BLOCK": 2, "ROUNDS": 1}.items():
        monkeypatch.setattr(around, name, value)
    rows = around.measure()
    assert [*rows] == ["gan-train", "Lightning"]
    for row in rows.values():
        assert min(row["fetching"], row["module"]) > 0
        assert row["batch"] == pytest.approx(row["fetching"] + row["module"] + row["rest"])


def test_the_floor_takes_what_is_slower_of_computing_and_moving():
    a, b = torch.ones(4, 8), torch.ones(8, 16)
    with step.Operations() as operations:
        a @ b
    (work,) = operations.found
    assert (work.operations, work.elements) == (2 * 4 * 8 * 16, 4 * 8 + 8 * 16 + 4 * 16)
    assert step.Rates(operations=1024, elements=1e9, bytes=4).floor([work, work]) == 2
    assert step.Rates(operations=1e9, elements=112, bytes=4).floor([work]) == 2


def test_the_time_of_a_command_is_extrapolated_to_its_budget(monkeypatch):
    monkeypatch.setattr(durations, "WARM_UP", 1)
    monkeypatch.setattr(durations, "MEASURED", 1)
    assert durations.minutes(durations.COMMANDS[0]) > 0


@pytest.mark.filterwarnings("ignore:.*is smaller than the logging interval", "ignore:.*does not have many workers")
def test_the_speed_of_a_recipe_is_a_row(monkeypatch, capsys):
    monkeypatch.setitem(speeds.BATCHES, "cpu", (1, 2))
    speeds.main(["--only", "dcgan", "network.width=4"])
    *_, row = capsys.readouterr().out.splitlines()
    recipe, sizes, rate = row.strip("| ").split(" | ")
    assert recipe == "`model=dcgan`"
    assert sizes.startswith("generator 0.0")
    assert float(rate.replace(",", "")) > 0


def test_the_model_of_a_step_on_several_processes():
    assert scaling.predicted(2.0, [100, 300], 1, 10.0, 0.5) == 2.0
    # Two processes: there and back, half of each message at a time.
    assert scaling.predicted(2.0, [100, 300], 2, 10.0, 0.5) == pytest.approx(2 + 2 * 0.5 + 10 + 2 * 0.5 + 30)
    # Of many processes, each link carries almost every byte twice.
    assert scaling.predicted(0.0, [100], 10_000, 10.0, 0.0) == pytest.approx(20, rel=1e-3)


def test_two_runs_at_once_are_compared_with_one(monkeypatch):
    monkeypatch.setattr(two_runs, "speeds", lambda count, variables, _: [30.0 if variables else 60.0 / count] * count)
    usual, ours = two_runs.measure({"usual": {"X": "1"}, "gan-train": {}}, 3, [])
    assert (usual["together"], usual["alone"]) == (2.0, 1.0)
    assert (ours["together"], ours["alone"]) == (1.0, 2.0)


def test_scores_see_what_they_are_for(tmp_path, monkeypatch):
    """On real digits: blur, noise, dropped classes, and copies."""
    monkeypatch.setattr(sliced_wasserstein, "PATCHES", 2048)
    digits = ImageData(Digits(), resolution=16, batch_size=4, num_fake=300, seed=0)
    found = scores.behaviour(digits, count=300, images=9000, cache_dir=tmp_path)

    def of(score: str, *names: str) -> list[float]:
        return [found[name][score] for name in ("held-out images", *names)]

    changes = {
        "blur": ["blur 0.5", "blur 1.0", "blur 2.0"],
        "noise": ["noise 20", "noise 40", "noise 80"],
        "dropped": [f"{n} of 10 classes dropped" for n in (2, 5, 8)],
    }
    for names in changes.values():
        for distance in ("fid", "kid", "swd"):
            assert of(distance, *names) == sorted(of(distance, *names)), (distance, names)
    assert of("precision", *changes["noise"]) == sorted(of("precision", *changes["noise"]), reverse=True)
    for diversity in ("recall", "coverage", "classes_reached"):
        assert of(diversity, *changes["dropped"]) == sorted(of(diversity, *changes["dropped"]), reverse=True)
    assert of("precision", "8 of 10 classes dropped")[1] > 0.7 * of("precision")[0]  # each picture is still a real one
    assert of("class_kl", *changes["dropped"]) == sorted(of("class_kl", *changes["dropped"]))
    copies, held = found["training images"], found["held-out images"]
    for name in ("nn_ratio", "copied", "authenticity", "ct"):
        assert why_copies(f"{name}_classifier", copies[name], held[name]) is not None
        assert why_copies(f"{name}_classifier", held[name], held[name]) is None
    assert copies["fid"] < held["fid"]  # which alone would praise a memory
    few = scores.bias(digits, [100, 300], images=9000, cache_dir=tmp_path)
    assert few["100 images"]["fid"] > few["300 images"]["fid"]
    assert scores.as_markdown(few).startswith("|  | fid | kid |")


@pytest.mark.filterwarnings("ignore:.*large memory footprint", "ignore:std")
def test_scores_are_measured_against_those_of_torchmetrics(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation, "REAL", 100)
    for work in (evaluation.stock, evaluation.one_pass):
        assert min(work(70, tmp_path).values()) > 0


@pytest.mark.filterwarnings("ignore:.*is smaller than the logging interval", "ignore:.*does not have many workers")
def test_memory_of_a_step_becomes_a_line_of_a_table(monkeypatch):
    for name in ("empty_cache", "reset_peak_memory_stats"):
        monkeypatch.setattr(torch.cuda, name, lambda: None)
    monkeypatch.setattr(torch.cuda, "max_memory_reserved", lambda: 3 * 2**29)
    small = ["model=dcgan", "dataset=fake", "dataset.source.size=16", "network.width=4"]
    (fits,) = memory.table(memory.Setting("fits", [*small, "dataset.resolution=16"], [4]), "cpu")
    assert fits == "| fits | 4 | 1.5 |"
    (fails,) = memory.table(memory.Setting("fails", [*small, "dataset.resolution=17"], [4]), "cpu")
    assert "DCGANGenerator" in fails
