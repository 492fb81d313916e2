"""The settings that pages name in passing, outside of whole commands, are settings of some command."""

import re
import shlex
from pathlib import Path

import composing
import pytest
from omegaconf import OmegaConf

from gan_lightning.console.config import CONF

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [DOCS / f"{name}.md" for name in ("coming_from", "troubleshooting", "start", "photographs")]
PAGES += sorted((DOCS / "lessons").glob("*.md"))
SETTING = re.compile(r"[+~]*([\w@./]+)=(.*)")
SHELL_AND_HYDRA = ("OMP_NUM_THREADS", "hydra.run.dir", "key", "group")


def named(page: Path) -> list[tuple[str, str]]:
    """The settings between single backticks, as names and values."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    words = [word for span in re.findall(r"`([^`]+)`", text) if "=" in span for word in shlex.split(span)]
    return [(match[1], match[2]) for word in words if (match := SETTING.match(word))]


@pytest.fixture(scope="module")
def configurations() -> list[dict]:
    commands = (
        ("train", "model=cyclegan", "dataset=unpaired_folder"),
        ("train", "model=pix2pix", "dataset=aligned_folder", "trainer=ddp"),
        ("train", "model=stylegan2_ada", "dataset=folder", "penalty=r1"),
        ("train", "model=sagan", "loss=non_saturating", "+trainer.profiler=simple"),
        ("generate",),
        ("evaluate", "metrics=fid"),
    )
    return [OmegaConf.to_container(composing.composed(*command)) for command in commands]


def exists(name: str, value: str, configurations: list[dict]) -> bool:
    """Whether a name is that of a group which has this option, or of a setting in one of the configurations."""
    group = Path(CONF, name.partition("@")[0])
    if group.is_dir():
        return all((group / f"{option}.yaml").is_file() for option in value.strip("[]").split(",") if option)
    return any(_has(config, name.split(".")) for config in configurations)


def _has(config: dict, keys: list[str]) -> bool:
    inner = config
    for key in keys[:-1]:
        inner = inner.get(key) if isinstance(inner, dict) else None
    return isinstance(inner, dict) and keys[-1] in inner


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_named_settings_exist(page, configurations):
    unknown = [
        f"{name}={value}"
        for name, value in named(page)
        if name not in SHELL_AND_HYDRA and not exists(name, value, configurations)
    ]
    assert not unknown


@pytest.mark.parametrize("setting", ["loss=hinges", "model.optimisation.ema_deca=0", "dataset.loads=286", "lossy=1"])
def test_a_misspelled_setting_is_noticed(setting, configurations):
    assert not exists(*setting.split("="), configurations)
