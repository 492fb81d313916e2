"""From photographs to two stages of super-resolution, and from their checkpoints to larger photographs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image

from gan_lightning import load
from gan_lightning.console.config import CONF
from gan_lightning.data import read_picture
from gan_lightning.data.contracts import quantise, scaled
from gan_lightning.errors import SettingError
from gan_lightning.generate import generate
from gan_lightning.models import blend
from gan_lightning.training import train


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    random = torch.Generator().manual_seed(0)
    for i in range(4):
        small = torch.randint(256, (14, 24, 3), dtype=torch.uint8, generator=random)
        Image.fromarray(small.numpy()).resize((96, 56), Image.Resampling.BICUBIC).save(folder / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, photographs: Path) -> list[Path]:
    """The folders of a first and a second stage, each of three steps."""
    folder = tmp_path_factory.mktemp("stages")
    found: list[Path] = []
    for model in ("srresnet", "srgan"):
        settings = [
            *(
                f"model={model}",
                "dataset=super_resolution",
                f"dataset.source.path={photographs}",
                "degradation.scale=2",
            ),
            *("dataset.resolution=32", "dataset.batch_size=2", "network.width=4", "network.translator.blocks=1"),
            *("max_generator_steps=3", "lr=0.01", "callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu"),
            *([f"init={found[0]}"] if found else []),
        ]
        found.append(folder / model)
        with initialize_config_dir(CONF, version_base="1.3"):
            train(compose("train", [*settings, f"run_dir={found[-1]}"]))
    return found


@pytest.fixture
def made(tmp_path: Path, photographs: Path) -> Callable[..., Path]:
    """`made("name", *settings)`: the folder that gan-generate fills."""

    def make(name: str, *settings: str) -> Path:
        with initialize_config_dir(CONF, version_base="1.3"):
            places = [f"output={tmp_path / name}", f"run_dir={tmp_path}/run-{name}"]
            generate(compose("generate", [f"source={photographs}", *settings, *places]))
        return tmp_path / name

    return make


def test_validation_compares_with_bicubic_interpolation(stages):
    line = json.loads((stages[0] / "scores.jsonl").read_text().splitlines()[-1])
    for score in ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb"):
        assert {score, f"copy_{score}"} <= line.keys()
    assert line["protocol"]["pairs"]["border"] == [2]
    assert line["references"]["copy"].keys() == {"swd"}
    assert json.loads((stages[1] / "scores.jsonl").read_text().splitlines()[-1])["protocol"]["size"] == [32, 32]


def test_photographs_are_enlarged_whole_or_in_parts(stages, made, photographs):
    model = load(stages[0]).model.eval()
    assert model.reach == 10 < 48 / 4
    whole = made("whole", f"checkpoint={stages[0]}", "tile=256")
    parts = made("parts", f"checkpoint={stages[0]}", "tile=48")
    for file in sorted(photographs.iterdir()):
        source = read_picture(file, 3)
        expected = quantise(model.translate(scaled(source)[None])[0])
        assert expected.shape == (3, 112, 192)
        pictures = [read_picture(folder / file.name, 3) for folder in (whole, parts)]
        assert torch.equal(pictures[0], expected)
        assert (pictures[1].int() - expected.int()).abs().max() <= 1  # where a value lies between two levels


def test_two_stages_are_mixed(stages, made, photographs):
    ends = [made(f"end{i}", f"checkpoint={stage}") for i, stage in enumerate(stages)]
    both = f"checkpoint=[{stages[0]},{stages[1]}]"
    for i, share in enumerate((0.0, 1.0)):
        mixed = made(f"mixed{i}", both, f"blend={share}")
        assert (mixed / "0.png").read_bytes() == (ends[i] / "0.png").read_bytes()
    first, second = (load(stage).model for stage in stages)
    weights = [
        {name: value.clone() for name, value in model.ema.module.state_dict().items()} for model in (first, second)
    ]
    blend(first, second, 0.75)
    for name, value in second.ema.module.state_dict().items():
        if value.is_floating_point():
            torch.testing.assert_close(value, 0.25 * weights[0][name] + 0.75 * weights[1][name])
    assert (made("half", both, "blend=0.5") / "0.png").read_bytes() != (ends[0] / "0.png").read_bytes()
    for settings, message in (
        ([f"checkpoint={stages[0]}", "blend=0.5"], r"blend=0\.5: mixes the weights of two checkpoints"),
        ([both, "blend=1.5"], r"blend=1\.5: "),
        ([both], "translates pictures|one checkpoint"),
    ):
        with pytest.raises(SettingError, match=message):
            made("refused", *settings)


def test_networks_that_differ_are_not_mixed(stages):
    first, second = (load(stage).model for stage in stages)
    second.ema.module.blocks = torch.nn.Identity()
    with pytest.raises(SettingError, match=r"blend=0\.5: the two checkpoints have different networks"):
        blend(first, second, 0.5)
