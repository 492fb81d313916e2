"""A command line before Hydra reads it, and paths of every kind through whole runs."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from odd import ODD
from PIL import Image

from gan_lightning.console.arguments import prepared
from gan_lightning.console.config import from_yaml
from gan_lightning.errors import SettingError
from gan_lightning.runs import status


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["max_images"], "`max_images` is not a setting; type settings as max_images=VALUE"),
        (["hydra.verbose=maybe"], "hydra.verbose=maybe: true (show everything), false, or modules whose log"),
        (["hydra.verbose=1"], "hydra.verbose=1: true (show everything), false, or modules whose log"),
        (["hydra.verbose=[hydra,on top]"], "hydra.verbose=[hydra,on top]: true (show everything), false, or modules"),
        (["seed", "=", "3"], "`seed` is not a setting; type settings as seed=VALUE, without spaces around the ="),
        (["seed=", "3"], "`3` is not a setting"),
        (["seed", "=3"], "`seed` is not a setting"),
        (["=3"], "=3: lacks the name of a setting"),
        ([""], "`` is not a setting; type settings as NAME=VALUE"),
        (["epochs"], "`epochs` is not a setting; type settings as NAME=VALUE"),
        (["photos/cats/"], "`photos/cats/` is not a setting; type settings as NAME=VALUE"),
        (["max_images:1000"], "`max_images:1000` is not a setting; type settings as NAME=VALUE"),
        (["dataset..batch_size=8"], "dataset..batch_size=8: `dataset..batch_size` cannot be the name of a setting"),
        ([".seed=1"], ".seed=1: `.seed` cannot be"),
        (["seed.=1"], "seed.=1: `seed.` cannot be"),
        (["max_images==1000"], "max_images==1000: the value cannot be read; text with signs goes in quotes"),
        (["model.optimisation.generator.betas=(0.5,0.9)"], "model.optimisation.generator.betas=(0.5,0.9): the value"),
        (["model.optimisation.generator.betas=[0.5"], "model.optimisation.generator.betas=[0.5: the value cannot"),
        (["--max_images=1000"], "--max_images: is unknown; settings are typed without dashes: max_images=1000"),
        (
            ["--max_images", "1000"],
            "--max_images: is unknown; settings are typed without dashes: max_images=1000",
        ),
        (["-max_images=1000"], "-max_images: is unknown; settings are typed without dashes: max_images=1000"),
        (["--batch_size", "32"], "--batch_size: is unknown; .* without dashes; say dataset.batch_size=32"),
        (["-x"], "-x: is unknown; settings are typed without dashes"),
        (["seed=1,2"], "seed=1,2: commas separate the values of a sweep; add -m for a sweep, or say 'seed=[1,2]'"),
        (
            ["max_images=10,000"],
            "max_images=10,000: commas separate the values of a sweep; a number has none, as 10000",
        ),
        (["seed=range(3)"], "seed=range(3): gives the values of a sweep; add -m"),
        (["seed=choice(1,2)"], "seed=choice(1,2): gives the values of a sweep; add -m"),
        (["model=dcgan,wgan"], "model=dcgan,wgan: takes one option; to try one after the other, add -m"),
        (["callbacks=default,toy"], "callbacks=default,toy: commas .* or say 'callbacks=\\[default,toy\\]' for a list"),
        (["model=[dcgan,wgan]"], "model=[dcgan,wgan]: takes a single option, not several"),
        (["model=null"], "model=null: this group takes one of "),
        (
            ["metrics=[inception,kid]"],
            "metrics: inception is a whole set .*'metrics=[fid,is,swd,kid]'",
        ),
        (["metrics=[fid,none]"], "metrics: none is a whole set of scores and cannot be in the list fid,none"),
        (["metrics=fid,is"], "metrics=fid,is: commas .* or say 'metrics=[fid,is]' for a list"),
        (["dataset=1"], "dataset=1: this group takes one of "),
        (["+loss=hinge"], "+loss=hinge: loss has an option already; say loss=hinge"),
        (["++model=wgan"], "++model=wgan: model has an option already; say model=wgan"),
        (["--config-dir", "nowhere"], "--config-dir nowhere: there is no such folder"),
        (["-cd=nowhere"], "-cd nowhere: there is no such folder"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_refused_in_one_sentence(given: list[str], told: str) -> None:
    with pytest.raises(SettingError) as caught:
        prepared(given)
    first, _, last = told.partition(".*")
    assert str(caught.value).startswith(first)
    assert last.replace("\\", "") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        ["seed=1", "max_images=10_000", "dataset.flip=True", "init=null"],
        ["hydra.verbose=true"],
        ["extractor=inception", "metrics=[fid,is,kid,swd]"],
        ["metrics=[inception]"],
        ["hydra.verbose=[gan_lightning.data,hydra,__main__]"],
        ["-m", "seed=1,2", "model=dcgan,wgan", "loss=choice(hinge,lsgan)"],
        ["--multirun", "seed=range(3)"],
        ["hydra.mode=MULTIRUN", "seed=1,2"],
        ["--cfg", "job", "--package", "model", "--resolve"],
        ["--help", "model=wgan"],
        ["--info", "searchpath"],
        ["~callbacks.samples", "+trainer.max_time={hours:1}", "++seed=3", "+my.own@x=3"],
        ["regulariser@generator_regulariser=orthogonal", "hydra/launcher=joblib", "callbacks=[default,gradient_norms]"],
    ],
    ids=str,
)
def test_what_can_be_read_stays_as_it_is(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert prepared(given) == given
    assert capsys.readouterr().err == ""


def test_flags_with_their_values_come_first(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("defaults: [train]\n")
    given = ["seed=1", f"--config-dir={tmp_path}", "-m", "lr=1", "--config-name", "mine", "loss=hinge"]
    expected = ["--config-dir", str(tmp_path), "-m", "--config-name", "mine", "seed=1", "lr=1", "loss=hinge"]
    assert prepared(given) == expected


def test_configurations_that_are_not_there_are_named(tmp_path: Path) -> None:
    for given, told in (
        (["seed=1", "--config-dir"], "--config-dir: takes a value, as --config-dir FOLDER"),
        (["--config-dir", "seed=1"], "--config-dir: takes a value, as --config-dir FOLDER"),
        (["--cfg="], "--cfg: takes a value, as --cfg job"),
        (["--config-dir=none", "seed=1"], "--config-dir none: there is no such folder"),
        (["seed=1", "-cp", "none"], "there is no such folder"),
        ([f"--config-dir={tmp_path}"], "this folder holds no file *.yaml"),
        (["--config-name", "none"], "--config-name none: there is no none.yaml in "),
        (["--shell-completion"], "--shell-completion: takes install=SHELL"),
        (["hydra.run.dir="], "hydra.run.dir=: names no folder"),
        (["hydra.sweep.dir=''", "-m"], "hydra.sweep.dir='': names no folder"),
        (["hydra.run.dir=null"], "hydra.run.dir=null: names no folder"),
    ):
        with pytest.raises(SettingError) as refused:
            prepared(given)
        assert told in str(refused.value)


def test_flags_come_first() -> None:
    assert prepared(["loss=hinge,lsgan", "-m", "seed=1"]) == ["-m", "loss=hinge,lsgan", "seed=1"]


def test_a_setting_given_twice_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert prepared(["seed=1", "max_images=5", "seed=2", "max_images=5"])[-2:] == ["seed=2", "max_images=5"]
    assert capsys.readouterr().err == "seed is given twice; the last one counts: seed=2\n"


def test_paths_are_quoted_and_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (quote,) = prepared(["dataset.source.path='a"])
    assert OverridesParser.create().parse_override(quote).value() == "'a"
    for name in ("dataset.source.path", "hydra.run.dir", "checkpoint", "+output"):
        (argument,) = prepared([f"{name}=~/a{ODD}"])
        assert OverridesParser.create().parse_override(argument).value() == f"{tmp_path}/a{ODD}"
    assert prepared(["checkpoint=[a b,c=d]"]) == ["checkpoint=['a b','c=d']"]
    for kept in ("source='a b'", "source=${run_dir}/x", "init=null", 'output="x"'):
        assert prepared([kept]) == [kept]


ALL_COMMANDS = """
import sys
from hydra.core.global_hydra import GlobalHydra
from gan_lightning.jobs import evaluate, generate, train
from gan_lightning.report import command

MAINS = {"train": train.main, "evaluate": evaluate.main, "generate": generate.main, "report": command.main}
arguments = sys.argv[1:]
while arguments:
    end = arguments.index("END")
    sys.argv = [f"gan-{arguments[0]}", *arguments[1:end]]
    GlobalHydra.instance().clear()
    MAINS[arguments[0]]()
    arguments = arguments[end + 1 :]
"""
"""Commands with their arguments, each followed by END, in one process."""


def test_whole_runs_take_any_path(tmp_path: Path) -> None:
    photos, run = tmp_path / f"photos{ODD}", tmp_path / f"run{ODD}"
    photos.mkdir()
    for i in range(40):
        pixels = np.random.default_rng(i).integers(0, 256, (16, 16, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(photos / f"{i}{ODD}.png")
    small = ["dataset=folder", f"dataset.source.path=~/{photos.name}", "dataset.resolution=16", "dataset.batch_size=8"]
    small += ["network.width=4", "augment=none", "trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0"]
    commands = [
        ["train", *small, "metrics.num_fake=40", "max_images=40", f"hydra.run.dir=~/{run.name}"],
        ["train", f"resume=~/{run.name}", "max_images=80"],
        [
            *("evaluate", f"checkpoint=~/{run.name}/checkpoints/last.ckpt", "trainer.accelerator=cpu"),
            f"hydra.run.dir=~/evaluated{ODD}",
        ],
        ["generate", f"checkpoint=~/{run.name}", "n=2", f"hydra.run.dir=~/made{ODD}"],
        ["report", str(run), "--output", f"{tmp_path}/report{ODD}.html"],
    ]
    typed = [part for one in commands for part in (*one, "END")]
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ALL_COMMANDS, *typed], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    assert b"rror" not in done.stderr
    found = status.read(run)
    assert found is not None
    assert (found.state, found.images_seen) == ("finished", 80)
    saved = from_yaml(run / "config.yaml")
    assert saved["run_dir"] == str(run)
    assert saved["dataset"]["source"]["path"] == str(photos)
    assert (run / "checkpoints" / "best.ckpt").is_file()
    assert (tmp_path / f"evaluated{ODD}" / "scores.jsonl").is_file()
    assert len(list((tmp_path / f"made{ODD}" / "images").iterdir())) == 2
    assert (tmp_path / f"report{ODD}.html").is_file()
    assert ",80.0," in (tmp_path / f"report{ODD}.csv").read_text(errors="replace")
