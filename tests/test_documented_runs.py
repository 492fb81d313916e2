"""Every command that the documentation shows runs, in a process of its own: a step of a small network, few images.

What a command reads stands in the folder that it is typed into, under the name that the documentation gives it.
"""

import re
import shlex
import shutil
from pathlib import Path

import adding
import composing
import numpy as np
import pytest
from documented import COMMANDS, jobs, own_configurations
from omegaconf import DictConfig, OmegaConf
from PIL import Image
from runs import command as run
from shards import write_shards

from gan_lightning.data.sources import photographs
from gan_lightning.data.sources.vision import DEBIAN_FASHION_MNIST

pytestmark = [pytest.mark.exhaustive, pytest.mark.long]

TINY = {
    "network.width": 4,
    "encoder.width": 4,
    "dataset.batch_size": 4,
    "dataset.num_train": 64,
    "dataset.held_out": 2,
    "dataset.source.num_train": 160,
    "dataset.source.num_test": 80,
    "dataset.source.size": 160,
    "metrics.num_fake": 70,
    "metrics.extractor.images": 200,
    "model.likelihood_steps": 1,
    "model.discriminator_steps": 1,
    "callbacks.progress.refresh_rate": 0,
    "callbacks.samples.columns": 2,
    "hydra.sweeper.n_trials": 2,
}
"""What makes a run small, where a configuration has it."""

REFUSED = r"trainer=(gpu|ddp)\b|inception|extractor=timm|percentile=null"
"""Needs a GPU, weights that no test has, or a discriminator that tells few images apart: a sentence says so."""
DOWNLOADED = r"dataset=(mnist|cifar10|celeba)\b|experiment=\w+_(mnist|cifar10|celeba)\b"
"""Data that would be downloaded: random pictures of the same size stand in for them."""

KINDS = {
    "captions": ["model=gan_cls"],
    "domains": [
        *("model=stargan", "dataset=label_table", "dataset.source.path=FACES", "dataset.resolution=32"),
        *("dataset.source.table=list_attr_celeba.txt", "dataset.source.attributes=[Black_Hair,Blond_Hair,Male]"),
        "dataset.source.exclusive=[[Black_Hair,Blond_Hair]]",
    ],
    "enlarging": ["model=srresnet", "dataset=super_resolution", "dataset.source.path=PHOTOS"],
    "piles": ["model=cyclegan", "dataset=unpaired_folder", "dataset.source.path=PILES", "dataset.resolution=32"],
    "coded": ["model=infogan"],
    "encoded": ["model=vae"],
    "mapped": ["model=stylegan2_ada"],
    "clothes": ["model=cgan", "dataset=fashion_mnist"],
    "labelled": ["model=cgan", "dataset=digits", "dataset.resolution=16"],
    "tokens": ["model=mle"],
    "photos": ["dataset=folder", "dataset.source.path=PHOTOS"],
    "toy": ["experiment=toy_ring"],
    "photographs": ["experiment=super_resolution_photographs"],
    "noise": [],
}
"""Runs that other commands read, and how they are made."""
READS = {
    "photographs": r"super_resolution_detail|checkpoint=(first|second)\b",
    "captions": r"caption|columns=6",
    "domains": r"domain",
    "enlarging": r"blend|ENLARGED|SMALL|init=first",
    "piles": r"TRANSLATED|direction=|cyclegan.*init=",
    "coded": r"show=codes",
    "encoded": r"show=reconstructions",
    "mapped": r"show=(style_mixing|truncation|directions|projection|linear_walk)",
    "clothes": r"Sneaker",
    "labelled": r"labels=|show=classes",
    "tokens": r"init=FIRST",
    "photos": r"init=RUN dataset=folder(?!.*resolution)",
    "toy": r"gan-report toy",
    "noise": r"",
}
"""Which of them a command reads: the first whose pattern it contains."""
REST = {
    ("gan-(generate|evaluate)", "checkpoint=|real=|fake="): "checkpoint=RUN",
    (r".*\bfake=", "real="): "real=PHOTOS",
    (".*direction=", "source=|dataset"): "source=PHOTOS",
}
"""What is typed where a command has none of some settings, as in a table about the others."""
OF_DEBIAN = {
    r"=photographs\b|super_resolution_|checkpoint=(first|second)\b": photographs.WALLPAPERS / photographs.HELD_OUT[0],
    r"fashion_mnist|Sneaker": DEBIAN_FASHION_MNIST,
}
"""Data that packages of Debian bring, by the commands that read them."""
NAMES = r"\b(RUN[12]?|FIRST|first|second|A|B|(?<=gan-report )(?:avatars|toy)|outputs(?:/[\w-]+)*)\b(?!\.)"
"""What the documentation calls them."""


def pictures(folder: Path, names: list[str], size: tuple[int, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for name in names:
        coarse = Image.fromarray(random.integers(256, size=(8, 8, 3), dtype=np.uint8))
        coarse.resize(size).save(folder / name)


def small(config: DictConfig, typed: list[str]) -> list[str]:
    """Settings that make a run of this configuration small, where they were not typed."""
    keys = [setting.partition("=")[0].lstrip("+") for setting in typed]
    chosen = {
        key: value for key, value in TINY.items() if OmegaConf.select(config, key) is not None and key not in keys
    }
    if config.get("num_fake") is not None and "metrics.num_fake" in chosen:
        chosen["num_fake"] = chosen.pop("metrics.num_fake")
    without = ["~callbacks.curves"] if "curves" in (config.callbacks or {}) else []
    return [*(f"{key}={value}" for key, value in chosen.items()), *without]


class Place:
    """A folder with all that commands read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inputs = folder / "inputs"
        for name in ("PHOTOS", "SAMPLES", "FOLDER", "IMAGENET"):
            for part in ("cats", "dogs"):
                pictures(self.inputs / name / part, [f"{i}.png" for i in range(80)], (140, 132))
        for name in ("PILES", "horses", "datasets/horse2zebra"):
            for part in ("trainA", "trainB", "testA", "testB"):
                pictures(self.inputs / name / part, [f"{i}.png" for i in range(8)], (70, 64))
        for name in ("PAIRS", "facades", "datasets/facades"):
            for part in ("train", "val"):
                pictures(self.inputs / name / part, [f"{i}.png" for i in range(8)], (140, 70))
        pictures(self.inputs / "PIECES" / "small", ["0.png"], (32, 24))
        pictures(self.inputs / "SMALL", ["0.png", "1.png"], (40, 30))
        pictures(self.inputs, ["photo.jpg", "PICTURE.png"], (32, 32))
        (self.inputs / "PICTURE.png").rename(self.inputs / "PICTURE")
        numbers = range(160)
        pictures(self.inputs / "FACES", [f"{i}.jpg" for i in numbers], (60, 60))
        rows = [f"{i}.jpg {1 if i % 3 == 0 else -1} {1 if i % 3 == 1 else -1} {1 if i % 2 else -1}" for i in numbers]
        table = [str(len(rows)), "Black_Hair Blond_Hair Male", *rows]
        (self.inputs / "list_attr_celeba.txt").write_text("\n".join(table) + "\n")
        pictures(self.inputs / "MADE" / "images", ["0.png", "1.png"], (32, 32))
        (self.inputs / "FILE").write_text("a man with green hair and no glasses\na person with red hair\n")
        write_shards(self.inputs / "SHARDS", [{"image": Image.new("RGB", (64, 64), (i, 0, 0))} for i in range(80)], 40)
        (self.inputs / "MY_CONF").mkdir()
        own_configurations(self.inputs / "MY_CONF")
        (self.inputs / "mine.py").write_text(adding.PACKAGE)

    def link_inputs(self, folder: Path) -> None:
        for path in self.inputs.iterdir():
            (folder / path.name).symlink_to(path)

    def run_of(self, kind: str) -> Path:
        """A run of this kind, made when it is first asked for."""
        folder = self.folder / kind
        if not folder.exists():
            folder.mkdir()
            self.link_inputs(folder)
            typed = KINDS[kind]
            tiny = small(composing.composed("train", *typed), typed)
            done = run("gan-train", *typed, *tiny, "max_generator_steps=1", "hydra.run.dir=RUN", cwd=folder)
            assert done.returncode == 0, done.stdout + done.stderr
        return folder / "RUN"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.mark.parametrize(
    "command", [command for command in COMMANDS if not command.startswith("gan-demo") and "$" not in command]
)
def test_documented_command_runs(place, tmp_path, monkeypatch, command):
    """But gan-demo, which serves until it is interrupted: tests/demo opens it in a browser."""
    for pattern, path in OF_DEBIAN.items():
        if re.search(pattern, command) and not path.exists():
            pytest.skip(f"{path} is not installed")
    monkeypatch.chdir(tmp_path)
    place.link_inputs(tmp_path)
    words = command.partition(" #")[0]
    for (part, has), missing in REST.items():
        if re.match(part, words) and not re.search(f"{has}|--help", words):
            words += f" {missing}"
    kind = next(kind for kind, pattern in READS.items() if re.search(pattern, words))
    if "output=FOLDER" in words or words.startswith("gan-report"):
        (tmp_path / "FOLDER").unlink()
    if "output=MADE" in words:
        (tmp_path / "MADE").unlink()
    if words == "gan-report FOLDER":
        shutil.copytree(place.run_of(kind), tmp_path / "FOLDER")
    for name in {match[1] for match in re.finditer(NAMES, words)}:
        if f"dir={name}" not in words and f"dataset={name}" not in words:
            shutil.copytree(place.run_of(kind), tmp_path / name)
    script = words.split()[0]
    for i, typed in enumerate(settings(script, words, monkeypatch, tmp_path / "MY_CONF")):
        folder = tmp_path / f"job{i}"
        folder.mkdir()
        for path in tmp_path.iterdir():
            if not path.name.startswith("job"):
                (folder / path.name).symlink_to(path)
        done = run(script, *typed, cwd=folder)
        told = f"{script} {shlex.join(typed)}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in told, told
        assert (done.returncode != 0) == bool(re.search(REFUSED, words)), told


def settings(script: str, words: str, monkeypatch: pytest.MonkeyPatch, mine: Path) -> list[list[str]]:
    """What is typed: as it stands in the documentation, but small."""
    plain = shlex.split(words)[1:]
    if script == "gan-report" or {"--help", "--hydra-help", "--cfg"} & set(plain):
        return [plain]
    every = []
    for typed in jobs(words, monkeypatch, mine):
        tiny = []
        if script == "gan-train":
            tiny = ["max_generator_steps=2"]
            if not words.startswith("gan-train resume="):
                instead = ["dataset=fake"] if re.search(DOWNLOADED, words) else []
                config = composing.composed("train", *typed, *instead)
                if "experiment=" in words and "extractor" in (config.metrics or {}):
                    needs_weights = "Classifier" not in config.metrics.extractor._target_
                    instead += ["metrics=none"] if needs_weights else []
                tiny += [*instead, *small(composing.composed("train", *typed, *instead), typed)]
        elif script == "gan-evaluate":
            typed = [setting for setting in typed if not setting.startswith("num_fake=")]
            tiny = [] if re.search(r"fake=FOLDER|fake=SAMPLES|held_out=", words) else ["num_fake=70"]
        typed = [setting for setting in typed if setting != "hydra/launcher=parallel"]  # one job after the other
        every.append([*typed, *tiny, *(["-m"] if re.search(r"sweep=|search=", words) else [])])
    return every
