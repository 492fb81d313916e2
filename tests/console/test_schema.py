"""One schema of settings: it takes whatever the configurations compose, and names each value that cannot work."""

import copy
import re
from collections.abc import Callable
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from gan_lightning.config import CONF
from gan_lightning.console.declared import Evaluate, Generate, Group, Refused, Train
from gan_lightning.console.schema import Setting, Unknown, check, fault, settings
from gan_lightning.console.values import fits, is_plain
from gan_lightning.errors import SettingError

COMMANDS = {"train": Train, "evaluate": Evaluate, "generate": Generate}
PATHS = ["source.path", "source.a", "source.b"]


def composed(command: str, *overrides: str) -> DictConfig:
    with initialize_config_dir(CONF, version_base="1.3"):
        return compose(command, ["run_dir=/tmp/run", *overrides])


def options() -> list[list[str]]:
    """Every option of every group, as many groups as possible in one command line."""
    groups: dict[str, list[str]] = {}
    for path in sorted(Path(CONF).rglob("*/*.yaml")):
        group, _, option = path.relative_to(CONF).with_suffix("").as_posix().partition("/")
        if group in ("hydra", "step", "sweep", "hparams_search"):
            continue
        names = ("generator_regulariser", "discriminator_regulariser") if group == "regulariser" else (group,)
        for name in names:
            chosen = f"[default,{option}]" if option == "gradient_norms" else option
            groups.setdefault(name, []).append(f"{group}@{name}={chosen}" if name != group else f"{group}={chosen}")
    alone = [[choice] for name in ("model", "experiment") for choice in groups.pop(name)]  # they choose of the others
    return [*alone, *([choice for choice in row if choice] for row in zip_longest(*groups.values()))]


@pytest.mark.parametrize("chosen", options(), ids=" ".join)
def test_whatever_is_composed_is_accepted(chosen: list[str]) -> None:
    config = composed("train", *chosen)
    for name in PATHS:  # which only the user knows
        if "source" in config.dataset and OmegaConf.is_missing(config.dataset.source, name.partition(".")[2]):
            OmegaConf.update(config, f"dataset.{name}", "somewhere")
    check(config, Train)


@pytest.mark.parametrize(("command", "given"), [("evaluate", "checkpoint=x.ckpt"), ("generate", "checkpoint=x.ckpt")])
def test_other_commands_are_accepted_too(command: str, given: str) -> None:
    check(composed(command, given), COMMANDS[command])
    if command == "evaluate":
        check(
            composed(command, given, "dataset=digits", "metrics=classifier"), Evaluate
        )  # seed=null is the checkpoint's


@cache
def usual(command: str) -> DictConfig:
    return composed(command, *(["checkpoint=x.ckpt"] if command != "train" else []))


WRONG = ["some text", "-1", "0", "1.5", "true", "null", ".nan", ".inf", "1" + "0" * 30, "[1,2,3]", "{a: 1}", "[]"]


@pytest.mark.parametrize("recipe", ["model=dcgan", "model=pix2pix", "model=cyclegan", "experiment=toy_ring"])
def test_every_leaf_refuses_what_it_cannot_take(recipe: str) -> None:
    """Whatever is put in place of a setting is of its type, or a sentence names that setting: never another error."""
    config = composed("train", recipe)
    refused = 0
    seen: set[str] = set()
    for setting in list(settings(config, Train)):
        if setting.name in seen or isinstance(setting.kind, Group | Refused) or not is_plain(setting.kind):
            continue
        seen.add(setting.name)
        if isinstance(setting.value, Unknown):
            continue  # measured on the data
        values = [yaml.safe_load(text) for text in WRONG]
        bad = [value for value in values if not fits(setting.kind, value)]
        for value in bad:
            refused += 1
            told = fault(setting._replace(value=value))
            assert told is not None
            assert told.startswith(f"{setting.name}"), told
        # And so does the whole configuration with one of them.
        if bad:
            parent, key = OmegaConf.select(config, setting.name.rpartition(".")[0]), setting.name.rpartition(".")[2]
            parent = config if parent is None else parent
            before = OmegaConf.to_container(parent, resolve=False)[key]
            parent[key] = bad[len(seen) % len(bad)]
            with pytest.raises(SettingError, match=f"^{re.escape(setting.name)}"):
                check(config, Train)
            parent[key] = before
    assert refused > 5 * len(seen)
    assert len(seen) > 40


@pytest.mark.parametrize(
    ("command", "given", "told"),
    [
        ("train", "dataset.batch_size=0", "dataset.batch_size=0: a whole number from 1"),
        ("train", "+dataset.num_workers=-1", "dataset.num_workers=-1: "),
        ("train", "dataset.flip=maybe", "dataset.flip=maybe: true or false"),
        ("train", "dataset.flip='off'", "dataset.flip=off: true or false"),
        ("train", "network.width=0", "network.width=0: a whole number from 1"),
        ("train", "network.width=1000000000000", "network.width=1000000000000: "),
        ("train", "metrics.num_fake=abc", "metrics.num_fake=abc: a whole number from 1"),
        ("train", "seed=4294967296", "seed=4294967296: a whole number from 0 to 4294967295"),
        ("train", "seed=true", "seed=true: a whole number"),
        ("train", "trainer.precision=64-true", "trainer.precision=64-true: 32-true, bf16-mixed or 16-mixed"),
        ("train", "trainer.strategy=ddp", "trainer.strategy=ddp: auto; several processes take trainer=ddp"),
        ("train", "trainer.log_every_n_steps=0", "trainer.log_every_n_steps=0: a whole number from 1"),
        ("train", "trainer.max_epochs=abc", "trainer.max_epochs=abc: a whole number from 1"),
        ("train", "trainer.max_epochs=0", "trainer.max_epochs=0: a whole number from 1"),
        ("train", "trainer.limit_train_batches=0", "trainer.limit_train_batches=0: a share"),
        ("train", "trainer.val_check_interval=0", "trainer.val_check_interval=0: a share"),
        ("train", "+trainer.overfit_batches=1", "trainer.overfit_batches: is not used here"),
        ("train", "+trainer.nonsense=1", "trainer.nonsense: lightning.pytorch.Trainer takes "),
        ("train", "devices=0", "devices=0: how many"),
        ("train", "callbacks.progress.refresh_rate=-1", "callbacks.progress.refresh_rate=-1: "),
        ("train", "callbacks.newest.keep=null", "callbacks.newest.keep=null: a whole number from 1"),
        ("train", "callbacks.newest=null", "callbacks.newest=null: "),
        ("train", "callbacks.samples.columns=2000", "callbacks.samples.columns=2000: "),
        ("train", "model.optimisation.generator.lr=0", "model.optimisation.generator.lr=0: a learning rate"),
        ("train", "model.optimisation.generator.lr=.nan", "model.optimisation.generator.lr=nan: a learning rate"),
        ("train", "model.optimisation.generator.betas=[0.5,1]", "model.optimisation.generator.betas=[0.5,1]: a list"),
        ("train", "model.optimisation.ema_decay=1", "model.optimisation.ema_decay=1: a number in [0, 1)"),
        ("train", "~loss", "loss=null: this group takes one of "),
        ("train", "~logger", "logger=null: this group takes one of "),
        ("train", "model.loss=3", "model.loss=3: takes a `_target_`"),
        ("train", "trusted=mine", "trusted=mine: a list of packages"),
        ("train", "objectives=[speed]", "objectives=[speed]: a list of score and seconds"),
        ("train", "dataset.source.label=3", "dataset.source.label=3: text; as text: \"dataset.source.label='3'\""),
        ("train", "run_dir=3", "run_dir=3: a path"),
        ("evaluate", "seed=abc", "seed=abc: a whole number from 0"),
        ("evaluate", "num_fake=0", "num_fake=0: a whole number from 1"),
        ("evaluate", "trainer.precision=64-true", "trainer.precision=64-true: "),
        ("generate", "seed=abc", "seed=abc: a whole number from 0"),
        ("generate", "seed=null", "seed=null: a whole number from 0"),
        ("generate", "seed=1.5", "seed=1.5: a whole number from 0"),
        ("generate", "seed=-1", "seed=-1: a whole number from 0"),
        ("generate", "direction=c2d", "direction=c2d: a2b or b2a, or null"),
        ("generate", "labels=[]", "labels=[]: a class name or number, or a list of at least one"),
        ("generate", "columns=0", "columns=0: a whole number from 1"),
    ],
)
def test_one_sentence_names_the_setting(command: str, given: str, told: str) -> None:
    config = copy.deepcopy(usual(command))
    OmegaConf.set_struct(config, False)
    name, _, value = given.lstrip("+~").partition("=")
    if given.startswith("~"):
        del config[name]
    else:
        OmegaConf.update(config, name, yaml.safe_load(value), merge=False, force_add=True)
    with pytest.raises(SettingError) as caught:
        check(config, COMMANDS[command])
    assert str(caught.value).startswith(told)


def test_classes_of_ones_own_are_checked_by_their_signatures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, composed: Callable[..., DictConfig]
) -> None:
    (tmp_path / "own_losses.py").write_text("class Mine:\n    def __init__(self, rate: float, free=1): ...\n")
    monkeypatch.chdir(tmp_path)
    config = composed("trusted=[own_losses]")
    config.loss = {"_target_": "own_losses.Mine", "rate": 0.5, "free": "anything"}
    check(config, Train)
    config.loss.rate = "fast"
    with pytest.raises(SettingError, match=r"^loss\.rate=fast: a number"):
        check(config, Train)
    del config.loss.rate
    with pytest.raises(SettingError, match=r"^loss\.rate: has no value yet"):
        check(config, Train)


def test_a_circle_of_references_is_named() -> None:
    config = composed("train")
    OmegaConf.update(config, "network.width", "${network.generator.width}")
    with pytest.raises(SettingError, match="refers to itself"):
        check(config, Train)


@pytest.mark.parametrize("kind", [int, float, bool, str])
def test_fault_of_a_plain_setting_is_a_sentence(kind: Any) -> None:
    assert fault(Setting("a.b", kind, object(), "", "")) is not None
