"""The console scripts as their user runs them: processes, exit statuses, files, sentences."""

import csv
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from runs import command as run

from gan_lightning import load
from gan_lightning.console import cli
from gan_lightning.jobs import generate
from gan_lightning.metrics import quantise

pytestmark = pytest.mark.long

BIN = Path(sys.executable).parent
TINY = ["dataset=digits", "network.width=4", "metrics.extractor.images=2000", "metrics.num_fake=100"]
REPOSITORY = Path(__file__).parents[2]


def run_afresh(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command in a Python of its own, which needs seconds to import torch."""
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "150"}
    script, *arguments = command
    return subprocess.run(
        [str(BIN / script), *arguments], cwd=cwd, env=settings, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short run of class-conditional GAN on digits."""
    folder = tmp_path_factory.mktemp("cli")
    done = run("gan-train", "model=cgan", *TINY, "trainer.max_epochs=2", "hydra.run.dir=run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run"


def sentence(script: str, *arguments: str, cwd: Path) -> str:
    """The one line that a command prints which has to fail."""
    done = run(script, *arguments, cwd=cwd)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith(f"{script}: ")]
    return line


# --- what a user gets ---


def test_demo_ends_with_everything_and_where_it_is(tmp_path):
    """The command of `make demo`, with a short budget."""
    recipe = (REPOSITORY / "Makefile").read_text()
    assert re.search(r"^demo:.*\n\t\$\(BIN\)/gan-train$", recipe, re.M)
    short = ["dataset.source.num_train=320", "metrics.extractor.images=2000", "metrics.num_fake=100"]
    done = run("gan-train", *short, "trainer.max_epochs=2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = done.stderr + done.stdout
    (folder,) = tmp_path.glob("outputs/*/*_dcgan_avatars")
    name = folder.relative_to(tmp_path)
    for file in ("samples/000000640.png", "training.png", "logs/metrics.csv", "curves.png", "checkpoints/best.ckpt"):
        assert f"{name}/{file}" in told
        assert (tmp_path / name / file).stat().st_size > 0
    assert told.count("gan-train ") + told.count("gan-generate ") >= 3
    assert "fid_classifier" in told
    with Image.open(folder / "training.png") as strip:
        assert strip.size == (8 * 66 + 2, 4 * 66 + 2)  # before training, two validations, real images


def test_run_folder_tells_the_whole_story(trained):
    with (trained / "logs" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    scored = [row for row in rows if row["fid_classifier"]]
    assert [int(row["images_seen"]) for row in scored] == [44 * 32, 88 * 32]
    assert all(int(row["step"]) == int(row["images_seen"]) for row in rows)
    lines = [json.loads(line) for line in (trained / "scores.jsonl").read_text().splitlines()]
    assert [line["images_seen"] for line in lines] == [44 * 32, 88 * 32]
    assert lines[0]["protocol"]["extractor"] == "classifier"
    assert lines[0]["fid_classifier"] == pytest.approx(float(scored[0]["fid_classifier"]))
    assert {path.name for path in (trained / "checkpoints").iterdir()} == {"best.ckpt", "last.ckpt", "last-1.ckpt"}
    assert "fid_classifier" in (trained / "train.log").read_text()


@pytest.mark.parametrize("name", ["0_loss=lsgan,model=cgan", "with space", "it's"])
def test_checkpoint_may_lie_in_a_folder_of_any_name(trained, tmp_path, name):
    shutil.copytree(trained, tmp_path / name)
    done = run("gan-generate", f"checkpoint={name}/checkpoints/best.ckpt", "n=2", "hydra.run.dir=made", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "made" / "images").iterdir())) == 2


def test_module_runs_too(tmp_path):
    module = ["-m", "gan_lightning.training", *TINY, "max_generator_steps=2", "metrics=none", "hydra.run.dir=run"]
    arguments = [argument for argument in module if not argument.startswith("metrics.")]
    done = run_afresh("python", *arguments, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr.startswith("Data "), "Lightning's own messages come before the start block"
    assert "`weights_only`" not in done.stderr
    assert (tmp_path / "run" / "checkpoints" / "last.ckpt").exists()


def test_help_lists_every_group_and_examples(tmp_path):
    told = run("gan-train", "--help", cwd=tmp_path).stdout
    for group in (path.name for path in (REPOSITORY / "conf").iterdir() if path.is_dir() and path.name != "hydra"):
        assert re.search(rf"^{group}: ", told, re.M), group
        assert re.search(rf"^ +{group} +\w", told, re.M), group
    assert re.search("^loss/f_gan: .*kl", told, re.M)
    assert told.count("gan-train ") >= 6
    assert "gan-evaluate checkpoint=" in run("gan-evaluate", "--help", cwd=tmp_path).stdout
    assert "gan-generate checkpoint=" in run("gan-generate", "--help", cwd=tmp_path).stdout


def test_cfg_shows_the_composed_configuration(tmp_path):
    told = run("gan-train", "model=wgan_gp", "--cfg", "job", cwd=tmp_path).stdout
    assert "gan_lightning.losses.Wasserstein" in told
    assert not list(tmp_path.iterdir())


def test_own_configurations_join(tmp_path):
    (tmp_path / "mine" / "loss").mkdir(parents=True)
    (tmp_path / "mine" / "loss" / "soft.yaml").write_text("_target_: gan_lightning.losses.LeastSquares\nb: 0.8\n")
    told = run("gan-train", "--config-dir", "mine", "loss=soft", "--cfg", "job", cwd=tmp_path).stdout
    assert "b: 0.8" in told


def test_sweep_has_one_folder_and_one_log_per_loss(tmp_path):
    losses = ["minimax", "non_saturating", "lsgan", "wasserstein", "hinge", "f_gan/kl"]
    budget = ["trainer.max_epochs=1", "hydra.sweep.dir=sweep"]
    done = run("gan-train", "model=dcgan", f"loss={','.join(losses)}", "-m", *TINY, *budget, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for loss in losses:
        (folder,) = (tmp_path / "sweep").glob(f"*,loss={loss.replace('/', '_')},*")
        assert (folder / "checkpoints" / "best.ckpt").exists()
        with (folder / "logs" / "metrics.csv").open() as file:
            assert any(row["fid_classifier"] for row in csv.DictReader(file))


def test_evaluate_repeats_the_score_of_training(trained, tmp_path):
    done = run("gan-evaluate", f"checkpoint={trained}/checkpoints/last.ckpt", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    scores = dict(line.split()[:2] for line in done.stdout.splitlines() if line.startswith(("fid_", "is_", "swd")))
    expected = json.loads((trained / "scores.jsonl").read_text().splitlines()[-1])
    for name, value in scores.items():
        assert float(value) == pytest.approx(expected[name], rel=1e-3)
    assert set(scores) == {"fid_classifier", "is_classifier", "swd"}
    (written,) = (tmp_path / "outputs").rglob("scores.jsonl")
    assert '"num_fake": 100' in written.read_text()


def test_evaluate_takes_other_settings(trained, tmp_path):
    best = f"checkpoint={trained}/checkpoints/best.ckpt"
    done = run("gan-evaluate", best, "+metrics.split=test", "num_fake=150", "seed=7", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (written,) = (tmp_path / "outputs").rglob("scores.jsonl")
    for part in ('"split": "test"', '"num_fake": 150', '"num_real": 359'):
        assert part in written.read_text()


def test_evaluate_compares_several_checkpoints(trained, tmp_path):
    last, earlier = (f"{trained}/checkpoints/last{age}.ckpt" for age in ("", "-1"))
    done = run("gan-evaluate", f"checkpoint=[{last},{earlier}]", "num_fake=100", "hydra.run.dir=scored", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["1", "2", "real", "shuffled", "noise"]
    found = {row.split()[0]: [float(value) for value in row.split()[1:3]] for row in rows[:3]}
    expected = [json.loads(line) for line in (trained / "scores.jsonl").read_text().splitlines()]
    for name, values in found.items():
        assert values == pytest.approx([expected[-1][name], expected[0][name]], rel=1e-3)
    assert [f"1: {last}", f"2: {earlier}"] == rows[3:5]
    written = json.loads((tmp_path / "scored" / "scores.json").read_text())
    assert [one["scored"] for one in written] == [last, earlier]
    assert written[0]["protocol"] == written[1]["protocol"]
    table = (tmp_path / "scored" / "scores.md").read_text()
    assert f"| `{earlier}` | {written[1]['fid_classifier']:.4g} |" in table


def test_generate_writes_pictures_of_the_asked_classes(trained, tmp_path):
    best = f"checkpoint={trained}/checkpoints/best.ckpt"
    done = run("gan-generate", best, "n=6", "columns=3", "labels=[3,7]", "hydra.run.dir=pictures", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (tmp_path / "pictures" / "images").iterdir())
    assert files == [f"{i:05}.png" for i in range(6)]
    with (
        Image.open(tmp_path / "pictures" / "grid.png") as grid,
        Image.open(tmp_path / "pictures" / "images" / "00000.png") as single,
    ):
        assert grid.size == (3 * 66 + 2, 2 * 66 + 2)
        assert single.size == (16, 16)
        assert single.mode == "L"


@pytest.mark.parametrize("names", [("a=1.ckpt", "b 2.ckpt"), ("'a,1.ckpt'", '"b=2.ckpt"')])
def test_generate_lets_several_checkpoints_draw_in_turn(trained, tmp_path, names, monkeypatch, capsys):
    paths = [tmp_path / name.strip("'\"") for name in names]
    for path, age in zip(paths, ("", "-1"), strict=True):
        shutil.copy(trained / "checkpoints" / f"last{age}.ckpt", path)
    monkeypatch.chdir(tmp_path)
    settings = ["n=5", "labels=[3,7]", "seed=2", "truncation=0.8", "hydra.run.dir=pictures"]
    monkeypatch.setattr(sys, "argv", ["gan-generate", f"checkpoint=[{','.join(names)}]", *settings])
    generate.main()
    assert "5 images in" in capsys.readouterr().out
    label = torch.tensor([3, 3, 7, 7, 3])  # each class once from every generator
    first, second = (quantise(load(path).model.sample(5, label, seed=2, truncation=0.8)) for path in paths)
    for i, expected in enumerate([first[0], second[1], first[2], second[3], first[4]]):
        with Image.open(tmp_path / "pictures" / "images" / f"{i:05}.png") as image:
            np.testing.assert_array_equal(np.array(image), expected[0])
    assert not torch.equal(first, second)


# --- what a user does wrong ---


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["model=unknown"], "model=unknown: there is no such option; there are .*dcgan"),
        (["modle=dcgan"], r"modle: there is no such setting; did you mean model\?"),
        (["dataset.no_such_key=1"], "no_such_key: there is no such setting; --cfg job shows all"),
        (["dataset=fake", "dataset.resolution=48", "metrics=none"], r"dataset\.resolution=48.*power of two"),
        (["dataset=folder", "dataset.source.path=nowhere"], r"dataset\.source\.path=nowhere: this folder"),
        (["dataset=folder", "dataset.source.path=empty"], r"dataset\.source\.path=empty.*holds no image"),
        (["dataset=folder", "dataset.source.path=corrupt"], r"corrupt/broken\.png cannot be read"),
        (["dataset=folder"], r"dataset\.source\.path"),
        (["dataset=folder", "dataset.source.path=flat", "model=cgan", "dataset.batch_size=2"], "conditioning=none"),
        (["dataset=folder", "dataset.source.path=flat", "model=acgan", "dataset.batch_size=2"], "class labels"),
        (["dataset=digits", "metrics.num_fake=20"], r"metrics\.num_fake=20.*at least 65"),
        (
            ["dataset=fake", "dataset.source.size=2100", "metrics=inception", "metrics.extractor.weights=none.pth"],
            r"weights=none\.pth",
        ),
        (["dataset=digits", "metrics.monitor=fid"], r"metrics\.monitor=fid: .*fid_classifier"),
        (["dataset=digits", "+trainer.max_steps=100"], "max_generator_steps"),
        (["dataset=digits", "+trainer.gradient_clip_val=1"], r"model\.optimisation\.gradient_clip_norm"),
        (["hydra.run.dir=file/below", "dataset=digits"], r"file.*hydra\.run\.dir"),
        (["run_dir=file/below", "dataset=digits"], r"file/below cannot be written"),
        (["cache_dir=file/below"], r"cache_dir=file/below"),
        (["dataset=digits", "dataset.batch_size=some"], r"dataset\.batch_size=some"),
        (["dataset=digits", "seed=-1"], "seed=-1"),
        (["dataset=digits", "callbacks.samples.columns=0"], r"callbacks\.samples\.columns=0"),
        (["dataset=digits", "model.optimisation.generator.lr=-1"], r"model\.optimisation\.generator.*learning rate"),
        (["dataset=digits", "metrics.is_splits=0"], r"metrics\.is_splits=0"),
        (["dataset=digits", "devices=2"], r"devices=2 num_nodes=1.*trainer=ddp_cpu"),
        (["dataset=digits", "+trainer.limit_val_batches=1"], r"limit_val_batches.*metrics\.num_fake"),
        (["hydra.run.dir=flat/used", "dataset=digits"], "already holds logs"),
        (["dataset=toy_ring"], r"resolution=1: .*points.*experiment=toy_ring"),
        (["dataset=toy_ring", "model=gan"], "metrics=classifier: .*metrics=modes"),
        (["dataset=toy_ring", "model=gan", "metrics=inception"], "metrics=inception: .*metrics=modes"),
        (["dataset=fake", "metrics=modes"], "metrics=modes: .*toy_ring.*holds images"),
        (["experiment=toy_ring", "conditioning=projection"], "conditioning: .*network=mlp"),
        (["experiment=toy_ring", "dataset.mixture.radius=2"], r"dataset\.mixture: .*must lie below 1"),
        (
            ["model=cyclegan", "dataset=fake_unpaired", "auxiliary=feature_matching"],
            r"auxiliary=feature_matching: .*CycleGAN takes no auxiliary tasks",
        ),
        (["model=cyclegan", "dataset=fake_unpaired", "conditioning=concat"], "conditioning: .*CycleGAN takes no class"),
        (["dataset=digits", "trainer.precision=bf16-true"], r"trainer\.precision=bf16-true: .*bf16-mixed"),
        (["dataset=digits", "model.critic_steps=1.5"], r"model\.critic_steps=1\.5: a whole number from 1"),
        (["dataset=digits", "model.generator_batch=1.5"], r"model\.generator_batch=1\.5: a whole number"),
        (
            ["dataset=digits", "model.optimisation.accumulate=1.5"],
            r"model\.optimisation\.accumulate=1\.5: a whole number",
        ),
        (
            ["hydra.run.dir=/proc/x"],
            r"^gan-train: /proc/x cannot be written .*choose another folder with hydra\.run\.dir",
        ),
        (
            ["hydra.sweep.dir=file/below", "seed=0,1", "-m"],
            r"^gan-train: file/below cannot be written .*choose another folder with hydra\.sweep\.dir",
        ),
        ([f"hydra.run.dir={'x' * 300}"], r"x cannot be written \(File name too long\)"),
        (["dataset=digits", "max_images=1.5"], r"max_images=1\.5: a whole number"),
        (["dataset=digits", "penalty=lecam", "penalty.lecam.every=1.5"], r"penalty\..*every=1\.5: a whole number"),
        (["dataset=digits", "penalty=lecam", "penalty.lecam.weight=-1"], r"penalty\..*weight=-1: a number from 0"),
        (["dataset=digits", "loss=lsgan", "loss.a=2"], r"loss\.a=2\.?0? loss\.b=1"),
        (
            ["dataset=digits", "model.optimisation.ema_decay=0", "model.optimisation.ema_rampup=0.05"],
            "ema_rampup: .*keeps none",
        ),
        (["model=pix2pix", "dataset=fake_pairs", "penalty=consistency"], "penalty=consistency: moves the target"),
        (["experiment=toy_ring", "augment=diffaugment"], "augment=diffaugment: .*points.*instance_noise"),
        (["experiment=toy_ring", "augment=[instance_noise,ada]"], ": augment=ada: .*points"),
        (["dataset=digits", "augment=ada", "loss=wasserstein"], r"augment=ada .*augment\.ada\.target=null"),
        (["dataset=digits", "model=wgan", "critic_norm=spectral"], "constraint=weight_clipping .*spectral norm"),
        (["dataset=digits", "game=label_flips", "game.probability=1"], r"game\.probability=1.*\[0, 0\.5\)"),
        (
            ["dataset=folder", "dataset.source.path=corrupt", "dataset.source.memory_limit=0", "dataset.batch_size=1"],
            r"^gan-train: corrupt/broken\.png cannot be read as an image.*dataset\.source\.skip_broken=true",
        ),
        (
            [
                *("dataset=folder", "dataset.source.path=corrupt", "dataset.source.memory_limit=0"),
                *("dataset.batch_size=1", "dataset.num_workers=1"),
            ],
            r"^gan-train: corrupt/broken\.png cannot be read as an image",
        ),
    ],
)
def test_mistake_ends_in_one_sentence(tmp_path, arguments, expected):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "empty").mkdir()
    (tmp_path / "corrupt").mkdir()
    (tmp_path / "corrupt" / "broken.png").write_bytes(b"\x89PNG nothing")
    (tmp_path / "flat" / "used" / "logs").mkdir(parents=True)
    for i in range(70):
        Image.new("RGB", (64, 64), (i, 0, 0)).save(tmp_path / "flat" / f"{i}.png")
    assert re.search(expected, sentence("gan-train", *arguments, cwd=tmp_path))
    assert (tmp_path / "file").read_text() == "kept"
    assert not list(tmp_path.rglob("*.ckpt"))


@pytest.mark.parametrize(
    "command",
    [
        ("gan-train", "dataset=fake", "dataset.batch_size=0"),
        ("gan-evaluate", "checkpoint=nowhere"),
        ("gan-generate", "checkpoint=nowhere"),
    ],
)
def test_mistake_ends_with_status_one_and_one_line(tmp_path, command):
    done = run(*command, cwd=tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{command[0]}: {command[-1]}: ")


def test_a_full_disk_is_said_where_the_system_names_no_file():
    """As with pictures, which Pillow writes into an open file."""
    told = cli.sentence(OSError(errno.ENOSPC, "No space left on device"))
    assert told == (
        "a file could not be written (No space left on device); make room on the disk, or choose another folder"
    )


def test_full_error_shows_the_traceback(tmp_path):
    done = run("gan-train", "dataset=fake", "dataset.batch_size=0", cwd=tmp_path, HYDRA_FULL_ERROR="1")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_an_earlier_run_is_never_overwritten(trained):
    before = {path: path.stat().st_mtime_ns for path in trained.rglob("*") if path.is_file() and path.suffix != ".log"}
    told = sentence("gan-train", *TINY, f"hydra.run.dir={trained}", cwd=trained.parent)
    assert "already holds config.yaml, checkpoints" in told
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize(
    ("script", "arguments", "expected"),
    [
        ("gan-evaluate", ["checkpoint=none.ckpt"], r"checkpoint=none\.ckpt.*no such file"),
        ("gan-generate", ["checkpoint=none.ckpt"], r"checkpoint=none\.ckpt.*no such file"),
        ("gan-generate", [], "checkpoint"),
        ("gan-generate", ["checkpoint=foreign.ckpt"], "not written by gan-train"),
        ("gan-evaluate", ["checkpoint=foreign.ckpt"], "not written by gan-train"),
        ("gan-generate", ["checkpoint=TRAINED", "labels=[12]"], "labels=12.*0=0, 1=1"),
        ("gan-generate", ["checkpoint=TRAINED", "n=0"], "n=0"),
        ("gan-generate", ["checkpoint=TRAINED", "show=linear_walk", "n=3"], "n=3: changes nothing in what is shown"),
        ("gan-generate", ["checkpoint=TRAINED", "tile=64"], "tile=64: this checkpoint makes images from noise"),
        ("gan-generate", ["checkpoint=TRAINED", "labels=[]"], "labels="),
        ("gan-generate", ["checkpoint=TRAINED", "truncation=0"], "truncation=0: a number above 0"),
        ("gan-generate", ["checkpoint=TRAINED", "truncation=half"], "truncation=half: a number"),
        ("gan-generate", ["checkpoint=[]"], "checkpoint=.*at least one"),
        ("gan-generate", ["checkpoint=[TRAINED,none.ckpt]"], r"checkpoint=none\.ckpt.*no such file"),
        ("gan-generate", ["checkpoint=TRAINED", "labels=3.5"], "labels=3.5"),
        ("gan-generate", ["checkpoint=half.ckpt"], "damaged or half-written"),
        ("gan-evaluate", ["checkpoint=[TRAINED,none.ckpt]"], r"checkpoint=none\.ckpt.*no such file"),
        ("gan-evaluate", ["checkpoint=[TRAINED,TRAINED]"], r"checkpoint: names .*best\.ckpt twice"),
        ("gan-generate", ["checkpoint=[TRAINED,TRAINED]"], r"checkpoint: names .*best\.ckpt twice"),
        ("gan-evaluate", ["checkpoint=[]"], "checkpoint=.*at least one"),
        ("gan-evaluate", ["checkpoint=TRAINED", "hydra.run.dir=foreign.ckpt/x"], "foreign.ckpt/x cannot be written"),
        ("gan-generate", ["checkpoint=TRAINED", "hydra.run.dir=foreign.ckpt/x"], "foreign.ckpt"),
        (
            "gan-evaluate",
            ["checkpoint=TRAINED", "dataset=fake", "metrics=none"],
            "checkpoint was trained on channels 1, height 16$",
        ),
        (
            "gan-evaluate",
            ["checkpoint=TRAINED", "dataset=fake", "dataset.source.channels=1", "metrics=none"],
            "checkpoint was trained on channels 1, height 16; choose dataset.resolution=16",
        ),
        ("gan-evaluate", ["checkpoint=TRAINED", "metrics=none"], "no scores are chosen; .*metrics=swd"),
    ],
)
def test_mistake_with_a_checkpoint_ends_in_one_sentence(trained, tmp_path, script, arguments, expected):
    torch.save({"state_dict": {}}, tmp_path / "foreign.ckpt")
    whole = (trained / "checkpoints" / "best.ckpt").read_bytes()
    (tmp_path / "half.ckpt").write_bytes(whole[: len(whole) // 2])
    best = str(trained / "checkpoints" / "best.ckpt")
    told = sentence(script, *(argument.replace("TRAINED", best) for argument in arguments), cwd=tmp_path)
    assert re.search(expected, told)


def test_labels_for_an_unconditional_model_are_refused(tmp_path):
    budget = ["max_generator_steps=1", "metrics=none", "hydra.run.dir=run"]
    arguments = [argument for argument in TINY if not argument.startswith("metrics")]
    assert run("gan-train", *arguments, *budget, cwd=tmp_path).returncode == 0
    told = sentence("gan-generate", "checkpoint=run/checkpoints/last.ckpt", "labels=[1]", cwd=tmp_path)
    assert "ignores labels" in told
