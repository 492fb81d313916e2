"""The console scripts for translators: runs, scores, folders of pictures, and what is said about mistakes."""

import csv
import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from composing import composed
from PIL import Image
from runs import command as run
from torch import Tensor

from gan_lightning import load
from gan_lightning.jobs import evaluate, generate, train
from gan_lightning.metrics import quantise

MAIN = {"gan-train": train.main, "gan-evaluate": evaluate.main, "gan-generate": generate.main}
SMALL = ["network.width=4", "dataset.batch_size=4", "callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu"]
# At 64 pixels, unlike at 32, the U-Net has dropout; after few but large steps it changes the picture.
PIX2PIX = [
    *("model=pix2pix", "dataset=fake_pairs", "dataset.source.size=12", "dataset.resolution=64", *SMALL),
    *("dataset.batch_size=2", "model.optimisation.generator.lr=0.03"),
]
CYCLEGAN = [
    *("model=cyclegan", "dataset=fake_unpaired", "dataset.source.size=12", "dataset.resolution=32"),
    *("network.translator.blocks=1", *SMALL),
]


@pytest.fixture(scope="module")
def pix2pix(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a short run, and what it said."""
    folder = tmp_path_factory.mktemp("pix2pix")
    done = run("gan-train", *PIX2PIX, "trainer.max_epochs=2", "hydra.run.dir=run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run", done.stderr + done.stdout


@pytest.fixture(scope="module")
def cyclegan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("cyclegan")
    done = run("gan-train", *CYCLEGAN, "trainer.max_epochs=2", "hydra.run.dir=run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "run", done.stderr + done.stdout


@pytest.fixture
def call(monkeypatch, capfd) -> Callable[..., str]:
    """Runs a console script's function in this process (a fresh one needs seconds to import torch)."""

    def called(script: str, *arguments: str, cwd: Path) -> str:
        monkeypatch.chdir(cwd)
        monkeypatch.setattr(sys, "argv", [script, *arguments])
        monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
        MAIN[script]()
        return capfd.readouterr().out

    return called


@pytest.fixture
def sentence(call, capfd) -> Callable[..., str]:
    """Runs a console script that has to fail, and returns the one line that it may print."""

    def failed(script: str, *arguments: str, cwd: Path) -> str:
        with pytest.raises(SystemExit) as ended:
            call(script, *arguments, cwd=cwd)
        assert ended.value.code == 1
        told = capfd.readouterr().err
        assert "Traceback" not in told
        lines = [line for line in told.splitlines() if line.startswith(f"{script}: ")]
        assert len(lines) == 1, told
        return lines[0]

    return failed


def files(folder: Path) -> set[str]:
    """All files below a folder but for logs, and what says how a run ended."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".log")
    return {str(path.relative_to(folder)) for path in found if path.name not in ("status.json", "error.txt")}


# --- training ---


def test_run_of_pairs_leaves_everything_and_says_where(pix2pix):
    folder, told = pix2pix
    grids = {f"samples/{seen:09}.png" for seen in (0, 12, 24)}
    kept = {f"checkpoints/{name}.ckpt" for name in ("best", "last", "last-1")}
    told_files = {"scores.jsonl", "diagnosis.md", "curves.png", "training.png", "logs/metrics.csv"}
    assert files(folder) == {"config.yaml", *told_files, *grids, *kept}
    for file in ("samples/000000024.png", "training.png", "logs/metrics.csv", "curves.png", "checkpoints/best.ckpt"):
        assert f"run/{file}" in told
    lines = [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]
    assert [line["images_seen"] for line in lines] == [12, 24]
    best = min(line["l1"] for line in lines)
    assert re.search(rf"^Best +l1 {best:.3f}$", told, re.M)
    with (folder / "logs" / "metrics.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["l1"]]
    assert [float(row["l1"]) for row in rows] == pytest.approx([line["l1"] for line in lines])


def test_without_truth_and_labels_swd_chooses_the_best_checkpoint(cyclegan):
    folder, told = cyclegan
    assert {path.name for path in (folder / "checkpoints").iterdir()} == {"best.ckpt", "last.ckpt", "last-1.ckpt"}
    assert "run/checkpoints/best.ckpt" in told
    assert re.search(r"^Best +swd \d", told, re.M)
    assert told.count("unpaired_inception need no labels") == 1
    (first, _) = [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]
    swd = {"swd", "swd_a2b", "swd_b2a", "swd_by_level"}
    about = {"images_seen", "protocol", "references", "higher_is_better"}
    assert set(first) == {"cycle_l1", "cycle_l1_a2b", "cycle_l1_b2a"} | swd | about


@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan"])
def test_suggestions_at_the_end_work(request, call, tmp_path, kind):
    folder, told = request.getfixturevalue(kind)
    lines = [shlex.split(line) for line in told.partition("Worth trying next:")[2].splitlines() if line.strip()]
    suggested = lines[1:] if lines[0][0] == "export" else lines  # which says where the shell finds the commands
    assert [Path(words[0]).name for words in suggested] == ["gan-generate", "gan-train", "gan-train"]
    (tmp_path / "in" / "trainA").mkdir(parents=True)
    Image.new("RGB", (40, 40), "red").save(tmp_path / "in" / "trainA" / "a.png")
    words = [word.replace("source=FOLDER", f"source={tmp_path}/in") for word in suggested[0][1:]]
    told = call("gan-generate", *words, f"output={tmp_path}/out", cwd=folder.parent)
    assert "1 picture in" in told
    assert (tmp_path / "out" / "trainA" / "a.png").is_file()
    model = {"pix2pix": "Pix2Pix", "cyclegan": "CycleGAN"}[kind]
    for words in suggested[1:]:
        settings = [word.partition("=") for word in words[1:] if word != "-m"]
        for i in range(max(len(value.split(",")) for _, _, value in settings)):
            chosen = [f"{name}={(value.split(',') * 9)[i if ',' in value else 0]}" for name, _, value in settings]
            assert composed("train", *chosen).model._target_.endswith(model)


# --- evaluating ---


def last_line(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "scores.jsonl").read_text().splitlines()[-1])


@pytest.mark.parametrize("kind", ["pix2pix", "cyclegan"])
@pytest.mark.parametrize("settings", [[], ["+dataset.evaluation_batch_size=5"]])
def test_evaluate_repeats_the_scores_of_training(request, call, tmp_path, kind, settings):
    folder, _ = request.getfixturevalue(kind)
    last = f"checkpoint={folder}/checkpoints/last.ckpt"
    told = call("gan-evaluate", last, *settings, "hydra.run.dir=run", cwd=tmp_path)
    expected, found = last_line(folder), last_line(tmp_path / "run")
    assert "As a table to paste: run/scores.md" in told
    assert "Validation" not in told.replace("TranslationScores", "")  # no bar in a file
    assert found.pop("protocol") == expected.pop("protocol")
    assert _flat(found) == pytest.approx(_flat(expected), rel=1e-3)
    for name in ("images_seen", "references", "higher_is_better", "swd_by_level"):  # of the run, and about the scores
        del expected[name]
    rows = re.findall(r"^(\w+) +(\d+\.\d{4})\b", told, re.M)
    assert {name: float(value) for name, value in rows} == pytest.approx(expected, abs=1e-4)


def _flat(scores: dict[str, Any], prefix: str = "") -> dict[str, float]:
    """Numbers in dictionaries, by dotted names."""
    flat: dict[str, float] = {}
    for name, value in scores.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat


def test_seed_of_the_noise_alone_changes_the_scores(call, pix2pix, tmp_path):
    last = f"checkpoint={pix2pix[0]}/checkpoints/last.ckpt"
    call("gan-evaluate", last, "seed=1", "hydra.run.dir=run", cwd=tmp_path)
    assert last_line(tmp_path / "run")["ssim"] != pytest.approx(last_line(pix2pix[0])["ssim"], rel=2e-3)


def test_translators_are_scored_at_other_sizes_too(call, pix2pix, tmp_path):
    last = f"checkpoint={pix2pix[0]}/checkpoints/last.ckpt"
    call("gan-evaluate", last, "+dataset.resolution=[64,128]", "hydra.run.dir=run", cwd=tmp_path)
    assert '"size": [64, 128]' in json.dumps(last_line(tmp_path / "run")["protocol"])


# --- translating folders ---


def write_pictures(folder: Path, size: int) -> dict[str, tuple[int, int]]:
    """Pictures of many sizes and kinds below a folder, and files beside them that are none; sizes by new name."""
    (folder / "deep" / "er").mkdir(parents=True)
    random = np.random.default_rng(0)

    def picture(width: int, height: int, channels: int = 3) -> Image.Image:
        pixels = random.integers(256, size=(height, width, channels), dtype=np.uint8)
        return Image.fromarray(pixels if channels > 1 else pixels[:, :, 0])

    picture(size, size).save(folder / "a.png")
    picture(40, 21).save(folder / "a.jpg")
    picture(19, 23).save(folder / "a.jpg.png")
    picture(1, 1).save(folder / "dot.bmp")
    picture(70, 5).save(folder / "deep" / "a.png")
    picture(33, 33).quantize(8).save(folder / "deep" / "palette.gif")
    picture(37, 50, 1).save(folder / "deep" / "grey.PNG")
    picture(30, 64, 4).save(folder / "alpha.png")
    picture(29, 65).convert("CMYK").save(folder / "deep" / "er" / "print.jpg")
    Image.fromarray(random.integers(65536, size=(35, 31), dtype=np.uint16)).save(folder / "sixteen.png")
    picture(100, 3).save(folder / "no suffix", "PNG")
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"skipped")
    return {
        "a.png.png": (size, size),
        "a.jpg.png": (40, 21),
        "a.jpg.png.png": (19, 23),
        "dot.png": (1, 1),
        "deep/a.png": (70, 5),
        "deep/palette.png": (33, 33),
        "deep/grey.png": (37, 50),
        "alpha.png": (30, 64),
        "deep/er/print.png": (29, 65),
        "sixteen.png": (31, 35),
        "no suffix.png": (100, 3),
    }


def opened(file: Path) -> np.ndarray:
    with Image.open(file) as picture:
        return np.array(picture)


def scaled(pixels: np.ndarray) -> Tensor:
    """A colour picture (H, W, 3) as a batch in [-1, 1]."""
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1


def written(translated: Tensor) -> np.ndarray:
    return quantise(translated)[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize(("kind", "size"), [("pix2pix", 64), ("cyclegan", 36)])
def test_pictures_of_all_sizes_and_kinds_keep_size_and_place(request, call, tmp_path, kind, size):
    folder, _ = request.getfixturevalue(kind)
    expected = write_pictures(tmp_path / "in", size)
    last = folder / "checkpoints" / "last.ckpt"
    told = call("gan-generate", f"checkpoint={last}", "source=in", "output=out/here", cwd=tmp_path)
    assert re.search(r"^11 pictures in out/here, [\d.,]+ pictures/s", told, re.M)
    assert files(tmp_path / "out" / "here") == set(expected)
    for name, (width, height) in expected.items():
        assert opened(tmp_path / "out" / "here" / name).shape == (height, width, 3), name
    source = scaled(opened(tmp_path / "in" / "a.png"))
    # a.jpg and a.jpg.png stand before it; the place in the folder keys the noise.
    model = load(last).model
    known = model.translate(source, seed=0, number=torch.tensor([2])) if kind == "pix2pix" else model.translate(source)
    assert np.array_equal(opened(tmp_path / "out" / "here" / "a.png.png"), written(known))


def test_fitting_part_of_a_mirrored_picture_is_cut_out(call, cyclegan, tmp_path):
    (tmp_path / "in").mkdir()
    pixels = np.random.default_rng(0).integers(256, size=(21, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "in" / "a.png")
    last = cyclegan[0] / "checkpoints" / "last.ckpt"
    call("gan-generate", f"checkpoint={last}", "source=in", "output=out", "direction=b2a", cwd=tmp_path)
    mirrored = np.concatenate([pixels, pixels[:-4:-1]], 0)
    mirrored = np.concatenate([mirrored, mirrored[:, :-3:-1]], 1)
    assert mirrored.shape == (24, 32, 3)
    known = load(last).model.translate(scaled(mirrored), "b2a")
    assert np.array_equal(opened(tmp_path / "out" / "a.png"), written(known)[:21, :30])


def test_direction_chooses_the_network(call, cyclegan, tmp_path):
    (tmp_path / "in").mkdir()
    Image.new("RGB", (32, 32), "teal").save(tmp_path / "in" / "a.png")
    last = f"checkpoint={cyclegan[0]}/checkpoints/last.ckpt"
    for name, settings in {"default": [], "there": ["direction=a2b"], "back": ["direction=b2a"]}.items():
        call("gan-generate", last, "source=in", f"output={name}", *settings, cwd=tmp_path)
    default, there, back = (opened(tmp_path / name / "a.png") for name in ("default", "there", "back"))
    assert np.array_equal(default, there)
    assert not np.array_equal(there, back)


def test_seed_chooses_the_noise(call, pix2pix, tmp_path):
    (tmp_path / "in").mkdir()
    for name in "ab":
        Image.new("RGB", (64, 64), "teal").save(tmp_path / "in" / f"{name}.png")
    last = f"checkpoint={pix2pix[0]}/checkpoints/last.ckpt"
    for seed in (0, 1):
        call("gan-generate", last, "source=in", f"output={seed}", f"seed={seed}", cwd=tmp_path)
    made = [opened(tmp_path / seed / f"{name}.png").tobytes() for seed in "01" for name in "ab"]
    assert len(set(made)) == 4


def test_channels_of_the_domain_are_read_and_written(call, tmp_path):
    channels = ["dataset.source.channels_a=1", "dataset.source.channels_b=4", "model.identity=0", "metrics=none"]
    call("gan-train", *CYCLEGAN, *channels, "max_generator_steps=1", "hydra.run.dir=run", cwd=tmp_path)
    (tmp_path / "in").mkdir()
    Image.new("RGBA", (20, 40), (255, 0, 0, 0)).save(tmp_path / "in" / "a.png")
    for direction, mode in (("a2b", "RGBA"), ("b2a", "L")):
        settings = ["source=in", f"output={direction}", f"direction={direction}"]
        call("gan-generate", "checkpoint=run/checkpoints/last.ckpt", *settings, cwd=tmp_path)
        with Image.open(tmp_path / direction / "a.png") as picture:
            assert (picture.mode, picture.size) == (mode, (20, 40))


def test_unreadable_files_are_named_after_all_others_are_done(sentence, cyclegan, tmp_path):
    (tmp_path / "in" / "sub").mkdir(parents=True)
    for name in ("a.png", "z.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / "in" / name)
    (tmp_path / "in" / "sub" / "half.jpg").write_bytes(b"\xff\xd8 half")
    Image.new("RGB", (9, 9)).save(tmp_path / "in" / "sub" / "print.eps")  # drawn by Ghostscript only
    last = f"checkpoint={cyclegan[0]}/checkpoints/last.ckpt"
    told = sentence("gan-generate", last, "source=in", "output=out", cwd=tmp_path)
    named = r"\(sub/half.jpg, sub/print.eps\)"
    assert re.search(rf"source=in: 2 of 4 files could not be read {named}; the other 2 are in out", told)
    assert files(tmp_path / "out") == {"a.png", "z.png"}


def test_link_out_of_the_folder_is_named_and_not_followed(sentence, cyclegan, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("in/a.png", "secret.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / name)
    (tmp_path / "in" / "b.png").symlink_to(tmp_path / "secret.png")
    last = f"checkpoint={cyclegan[0]}/checkpoints/last.ckpt"
    told = sentence("gan-generate", last, "source=in", "output=out", cwd=tmp_path)
    assert re.search(r"1 of 2 files could not be read \(b.png\); the other 1 are in out", told)
    assert files(tmp_path / "out") == {"a.png"}


def test_one_picture_and_circles_of_links(call, sentence, cyclegan, tmp_path):
    Image.new("RGB", (9, 12)).save(tmp_path / "photo.jpg")
    last = f"checkpoint={cyclegan[0]}/checkpoints/last.ckpt"
    assert "1 picture in out" in call("gan-generate", last, "source=photo.jpg", "output=out", cwd=tmp_path)
    assert files(tmp_path / "out") == {"photo.png"}
    with Image.open(tmp_path / "out" / "photo.png") as picture:
        assert picture.size == (9, 12)

    (tmp_path / "in").mkdir()
    (tmp_path / "photo.jpg").rename(tmp_path / "in" / "photo.jpg")
    for name, other in (("x.png", "y.png"), ("y.png", "x.png")):
        (tmp_path / "in" / name).symlink_to(other)
    told = sentence("gan-generate", last, "source=in", "output=out2", cwd=tmp_path)
    assert "source=in: 2 of 3 files could not be read (x.png, y.png); the other 1 are in out2" in told


def test_folder_named_like_an_output_is_not_in_its_way(call, cyclegan, tmp_path):
    (tmp_path / "in" / "a.png").mkdir(parents=True)
    for name in ("a.jpg", "a.png/b.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / "in" / name)
    last = f"checkpoint={cyclegan[0]}/checkpoints/last.ckpt"
    assert "2 pictures" in call("gan-generate", last, "source=in", "output=out", cwd=tmp_path)
    assert files(tmp_path / "out") == {"a.jpg.png", "a.png/b.png"}


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [
        ("pix2pix", ["source=in", "seed=-1"], "seed=-1: a whole number"),
        ("pix2pix", [], "source: this checkpoint translates pictures, so say which: source=FOLDER_OR_FILE"),
        ("cyclegan", ["source=missing"], "source=missing: this folder does not exist"),
        ("cyclegan", ["source=notes.txt"], "source=notes.txt: is neither a picture that Pillow can open nor a folder"),
        ("cyclegan", ["source=empty"], "source=empty: holds no picture"),
        ("cyclegan", ["source=in", "output=in/sub"], "output=in/sub: lies inside source=in"),
        ("pix2pix", ["source=in", "output=in"], "output=in: is not empty.*another folder"),
        ("cyclegan", ["source=in", "output=in/a.png"], "output=in/a.png: .*another folder"),
        ("cyclegan", ["source=in", "output=secret.png/b"], "output=secret.png/b: cannot be written.*another folder"),
        ("pix2pix", ["source=in", "direction=b2a"], "direction=b2a: this checkpoint has learnt a2b only"),
        ("pix2pix", ["source=in", "direction=c2d"], "direction=c2d: this checkpoint has learnt a2b only"),
        ("cyclegan", ["source=in", "direction=c2d"], "direction=c2d: this checkpoint has learnt a2b, b2a only"),
        ("cyclegan", ["source=in", "labels=[1]"], "labels=.*translates pictures, which have no labels"),
        ("cyclegan", ["source=in", "truncation=0.7"], "truncation=0.7: .*translates pictures, which have no noise"),
        ("cyclegan", ["source=in", "show=classes"], "show, sampler: .*translates pictures.*leave them out"),
    ],
)
def test_mistake_with_a_folder_ends_in_one_sentence(request, sentence, tmp_path, kind, arguments, expected):
    (tmp_path / "in").mkdir()
    (tmp_path / "empty").mkdir()
    for name in ("in/a.png", "secret.png"):
        Image.new("RGB", (9, 9)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    before = files(tmp_path)
    last = f"checkpoint={request.getfixturevalue(kind)[0]}/checkpoints/last.ckpt"
    output = [] if any("output" in argument for argument in arguments) else ["output=out"]
    assert re.search(expected, sentence("gan-generate", last, *arguments, *output, cwd=tmp_path))
    assert files(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_models_from_noise_take_no_pictures(call, sentence, tmp_path):
    tiny = ["dataset=digits", "network.width=4", "metrics=none", "max_generator_steps=1", "hydra.run.dir=run"]
    call("gan-train", *tiny, *SMALL[2:], cwd=tmp_path)
    (tmp_path / "in").mkdir()
    for setting in ("source=in", "direction=a2b"):
        told = sentence("gan-generate", "checkpoint=run/checkpoints/last.ckpt", setting, cwd=tmp_path)
        assert f"{setting}: this checkpoint makes images from noise" in told
    told = sentence("gan-evaluate", "checkpoint=run/checkpoints/last.ckpt", "dataset=fake_pairs", cwd=tmp_path)
    assert "delivers Paired batches" in told


def test_translators_do_not_draw_in_turn(cyclegan, sentence, tmp_path):
    last, before = (f"{cyclegan[0]}/checkpoints/last{age}.ckpt" for age in ("", "-1"))
    told = sentence("gan-generate", f"checkpoint=[{last},{before}]", "source=in", cwd=tmp_path)
    assert f"checkpoint={last}: translates pictures" in told


@pytest.mark.parametrize(
    ("kind", "arguments", "expected"),
    [
        ("pix2pix", ["num_fake=10"], "num_fake=10: a model that translates is scored on all"),
        (
            "pix2pix",
            ["metrics=classifier"],
            "GenerationScores scores images from noise, but this model makes translations of pictures",
        ),
        ("cyclegan", ["metrics=none"], "no scores are chosen.*metrics=paired or metrics=unpaired"),
        ("cyclegan", ["dataset=fake"], "delivers Labelled batches"),
        ("cyclegan", ["dataset=fake_pairs"], "delivers Paired batches"),
        ("pix2pix", ["+dataset.direction=b2a"], "direction b2a, .*but the checkpoint was trained on .*direction a2b"),
        ("pix2pix", ["+dataset.source.channels_b=1"], "target_channels 1, .*trained on .*target_channels 3"),
        (
            "pix2pix",
            ["+dataset.resolution=96"],
            r"resolution=96: .*multiples of 64, at least 64; the nearest are 64 and 128",
        ),
        (
            "cyclegan",
            ["+dataset.resolution=[32,33]"],
            r"resolution=\[32,33\]: .*multiples of 4, at least 8; the nearest are 32 and \[32,36\]",
        ),
        ("pix2pix", ["+metrics.monitor=fid_inception"], r"metrics\.monitor=fid_inception: .*l1, psnr, ssim"),
    ],
)
def test_mistake_in_evaluating_ends_in_one_sentence(request, sentence, tmp_path, kind, arguments, expected):
    last = f"checkpoint={request.getfixturevalue(kind)[0]}/checkpoints/last.ckpt"
    assert re.search(expected, sentence("gan-evaluate", last, *arguments, cwd=tmp_path))


# --- mistakes in training ---


PAIRS = ["model=pix2pix", "dataset=fake_pairs", "dataset.source.size=16"]
DOMAINS = ["model=cyclegan", "dataset=fake_unpaired", "dataset.source.size=16"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["model=pix2pix", "dataset=avatars"],
            "dataset: delivers Labelled .*takes Paired.*dataset=paired_folder.*model=dcgan",
        ),
        (["model=cyclegan", "dataset=fake_pairs"], "delivers Paired .*takes Unpaired.*unpaired_folder.*model=pix2pix"),
        (["model=dcgan", "dataset=fake_pairs"], "dataset: delivers Paired .*takes Labelled"),
        (
            ["model=pix2pix", "metrics=classifier"],
            "metrics: GenerationScores scores images from noise, .*translations.*metrics=paired",
        ),
        (
            ["model=dcgan", "metrics=paired"],
            "metrics: TranslationScores scores translations of pictures, .*images from noise",
        ),
        (
            ["model=dcgan", "network=unet", "dataset=fake", "metrics=none"],
            r"network: .*has a translator.*GAN needs.*'network\.generator'",
        ),
        ([*PAIRS, "network=dcgan"], r"network: .*has a generator.*Pix2Pix needs.*'network\.translator'"),
        ([*DOMAINS, "network=resnet"], r"network: .*has a generator.*CycleGAN needs.*'network\.translator'"),
        ([*PAIRS, "dataset.resolution=100"], r"dataset\.resolution=100: a U-Net .*nearest are 96 and 128"),
        ([*PAIRS, "dataset.resolution=16"], r"dataset\.resolution=16: a U-Net .*nearest is 32"),
        ([*DOMAINS, "dataset.resolution=[32,50]"], r"resolution=\[32,50\]: .*nearest are \[32,48\] and \[32,52\]"),
        ([*DOMAINS, "dataset.resolution=20"], r"dataset\.resolution=20: a PatchGAN .*from 24"),
        (
            [*DOMAINS, "network=discogan", "dataset.resolution=[32,66]"],
            r"resolution=\[32,66\]: .*halves 3 times .*nearest are \[32,64\] and \[32,72\]",
        ),
        ([*PAIRS, "dataset.direction=c2d"], r"dataset\.direction=c2d: a2b or b2a"),
        ([*PAIRS, "dataset.load=16"], r"dataset\.load=16: .*at least dataset\.resolution=32"),
        ([*DOMAINS, "dataset.source.channels_b=1"], r"model\.identity=0\.5: .*3 and 1 channels.*model\.identity=0"),
        ([*DOMAINS, "penalty=gradient", "critic_norm=batch"], "penalty=gradient .*critic_norm=layer"),
        ([*PAIRS, "metrics.monitor=fid"], r"metrics\.monitor=fid: .*l1, psnr, ssim"),
        ([*PAIRS, "dataset.source.paired=false"], "are not paired.*model=cyclegan"),
        (["model=pix2pix", "dataset=aligned_folder"], r"dataset\.source\.path"),
        (["model=pix2pix", "dataset=aligned_folder", "dataset.source.path=odd"], r"odd/0\.png: is 41 pixels wide"),
        (["model=pix2pix", "dataset=aligned_folder", "dataset.source.path=broken"], r"broken/\d\.png cannot be read"),
        (
            ["model=pix2pix", "dataset=paired_folder", "dataset.source.a=left", "dataset.source.b=missing"],
            r"dataset\.source\.b=missing: this folder does not exist",
        ),
        (
            ["model=pix2pix", "dataset=paired_folder", "dataset.source.a=left", "dataset.source.b=right"],
            "1 only in a: one; 2 only in b: three, two$",
        ),
        (
            ["model=cyclegan", "dataset=unpaired_folder", "dataset.source.path=domains"],
            r"dataset\.source\.path=domains: has no subfolder trainB",
        ),
        (
            ["model=cyclegan", "dataset=unpaired_folder", "dataset.source.path=left"],
            r"dataset\.source\.path=left: has no subfolder trainA and no trainB",
        ),
        (
            ["model=cyclegan", "dataset=authors_unpaired", "dataset.source.path.name=zebras"],
            r"name=zebras: allowed are .*horse2zebra",
        ),
    ],
)
def test_mistake_ends_in_one_sentence(sentence, tmp_path, arguments, expected):
    kinds = {"odd/0.png": (41, 20), "left/one.png": (8, 8), "left/same.png": (8, 8), "domains/trainA/0.png": (8, 8)}
    for name, size in {**kinds, "right/two.png": (8, 8), "right/three.png": (8, 8), "right/same.jpg": (8, 8)}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size).save(tmp_path / name)
    for i in range(2):
        (tmp_path / "broken").mkdir(exist_ok=True)
        (tmp_path / "broken" / f"{i}.png").write_bytes(b"\x89PNG nothing")
    before = files(tmp_path)
    assert re.search(expected, sentence("gan-train", *arguments, "hydra.run.dir=run", "data_dir=data", cwd=tmp_path))
    assert files(tmp_path) == before
