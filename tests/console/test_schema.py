"""One schema of settings: it takes whatever the configurations compose, and names each value that cannot work."""

import copy
import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

import composing
import pytest
import yaml
from omegaconf import DictConfig, OmegaConf

from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Demo, Evaluate, Export, Generate, Group, Parts, Train, read
from gan_lightning.console.schema import Setting, check, fault, settings
from gan_lightning.console.values import fits, is_plain
from gan_lightning.errors import SettingError

pytestmark = pytest.mark.long

COMMANDS = {"train": Train, "evaluate": Evaluate, "generate": Generate, "export": Export, "demo": Demo}
ONLY_THE_USER_KNOWS = {
    **dict.fromkeys((f"dataset.source.{name}" for name in ("path", "a", "b", "table", "train", "test")), "somewhere"),
    "dataset.source.attributes": ["Young"],
    "metrics.extractor.network": "vit_tiny_patch16_224",
    "metrics.extractor.weights": "somewhere",
}
OF_GENERATE = ("film", "sampler", "show")
OF_EXPORT = ("format",)


def composed(command: str, *overrides: str) -> DictConfig:
    run_dir = [] if command in ("demo", "export") else ["run_dir=/tmp/run"]
    return composing.composed(command, *run_dir, *overrides)


def options() -> list[list[str]]:
    """Every option of every group, as many groups as possible in one command line."""
    groups: dict[str, list[str]] = {}
    for path in sorted(Path(CONF).rglob("*/*.yaml")):
        group, _, option = path.relative_to(CONF).with_suffix("").as_posix().partition("/")
        if group in ("hydra", "step", "sweep", "hparams_search", "ramp", *OF_GENERATE, *OF_EXPORT):
            continue
        names = ("generator_regulariser", "discriminator_regulariser") if group == "regulariser" else (group,)
        for name in names:
            chosen = f"[default,{option}]" if option in ("gradient_norms", "discriminator_accuracy") else option
            groups.setdefault(name, []).append(f"{group}@{name}={chosen}" if name != group else f"{group}={chosen}")
    alone = [[choice] for name in ("model", "experiment") for choice in groups.pop(name)]  # they choose of the others
    alone += [["dataset=restoration", choice] for choice in groups.pop("degradation")]
    alone += [["model=vae", choice.replace("=", "@model.reconstruction=")] for choice in groups.pop("likelihood")]
    return [*alone, *([choice for choice in row if choice] for row in zip_longest(*groups.values()))]


@pytest.mark.parametrize("chosen", options(), ids=" ".join)
def test_whatever_is_composed_is_accepted(chosen: list[str]) -> None:
    config = composed("train", *chosen)
    for name, value in ONLY_THE_USER_KNOWS.items():
        part, _, key = name.rpartition(".")
        node = OmegaConf.select(config, part)
        if isinstance(node, DictConfig) and OmegaConf.is_missing(node, key):
            node[key] = value
    check(config, Train)


@pytest.mark.parametrize(("command", "given"), [("evaluate", "checkpoint=x.ckpt"), ("generate", "checkpoint=x.ckpt")])
def test_other_commands_are_accepted_too(command: str, given: str) -> None:
    check(composed(command, given), COMMANDS[command])
    if command == "evaluate":
        check(
            composed(command, given, "dataset=digits", "metrics=classifier"), Evaluate
        )  # seed=null is the checkpoint's


@pytest.mark.parametrize("group", OF_GENERATE)
def test_every_way_of_sampling_is_accepted(group: str) -> None:
    for path in Path(CONF, group).glob("*.yaml"):
        walk = ["show=linear_walk"] if group == "film" else []
        check(composed("generate", "checkpoint=x.ckpt", f"{group}={path.stem}", *walk), COMMANDS["generate"])


@pytest.mark.parametrize("path", [path for group in OF_EXPORT for path in Path(CONF, group).glob("*.yaml")], ids=str)
def test_every_format_is_accepted(path: Path) -> None:
    check(composed("export", "checkpoint=x.ckpt", f"{path.parent.name}={path.stem}"), COMMANDS["export"])


@cache
def usual(command: str) -> DictConfig:
    return composed(command, *(["checkpoint=x.ckpt"] if command != "train" else []))


WRONG: list[Any] = [
    "some text",
    "",
    -1,
    0,
    1.5,
    True,
    None,
    math.nan,
    math.inf,
    10**12,
    10**30,
    [1, 2, 3],
    [],
    {"a": 1},
]

FREE = {
    "_args_": "of Hydra, which passes them on as they are",
    "_convert_": "of Hydra, which refuses what it does not know",
    "monitor": "the scores say it, and `refuse_what_cannot_go_together` refuses any other",
    "mode": "as monitor",
    "experiment": "groups, of which nothing is left but what they changed",
    "sweep": "as experiment",
    "hparams_search": "as experiment",
}
"""Leaves that take anything, and why."""


def leaves(node: Any, name: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, f"{name}.{key}" if name else str(key))
    else:
        yield name


def with_text_everywhere(config: DictConfig, names: list[str]) -> DictConfig:
    """Text in place of each leaf, so that none refers to another; but the names of classes stay."""
    literal = copy.deepcopy(config)
    OmegaConf.set_struct(literal, False)
    for name in names:
        if not name.endswith(("._target_", "._partial_")) and OmegaConf.select(config, name.rpartition(".")[0]) != {}:
            OmegaConf.update(literal, name, "text", merge=False)
    return literal


def is_valid(kind: Any, value: object) -> bool:
    """Whether it is what a setting says it takes: its type, no choice or no part where those may be missing."""
    if isinstance(kind, Group):
        return (value is None and kind.may_be_null) or (isinstance(value, dict) and not kind.is_part)
    return fits(kind, value) if is_plain(kind) else value in (None, [])


@pytest.mark.parametrize(
    ("command", "overrides"),
    [
        ("train", ["model=dcgan", "logger=[csv,wandb,tensorboard,mlflow]"]),
        ("train", ["model=pix2pix"]),
        ("train", ["model=cyclegan"]),
        ("train", ["experiment=toy_ring", "penalty=[gradient,lecam]", "augment=ada"]),
        ("evaluate", ["checkpoint=x.ckpt"]),
        ("evaluate", ["checkpoint=x.ckpt", "dataset=digits", "metrics=classifier"]),
        ("evaluate", ["checkpoint=x.ckpt", "dataset=folder", "metrics=swd", "trainer=ddp_cpu"]),
        ("generate", ["checkpoint=x.ckpt"]),
        ("export", ["checkpoint=x.ckpt"]),
    ],
    ids=str,
)
def test_every_leaf_refuses_what_it_cannot_take(command: str, overrides: list[str]) -> None:
    """Whatever is put in place of a leaf is of its type, or a sentence names that leaf: never another error."""
    config = composed(command, *overrides)
    plain: Any = OmegaConf.to_container(config, resolve=False)
    names = [name for name in leaves({key: value for key, value in plain.items() if key != "hydra"}) if name]
    known = {found.name: found for found in settings(with_text_everywhere(config, names), COMMANDS[command])}
    if command == "evaluate":  # which are looked at with what the checkpoint has of them
        known |= {found.name: found for found in settings(with_text_everywhere(config, names), Parts)}
    undeclared, refused = [], 0
    for name in names:
        setting = known.get(name)
        if setting is None or setting.kind is Any:
            undeclared.append(name)
            continue
        for value in WRONG:
            told = fault(setting._replace(value=value))
            if told is None:
                assert is_valid(setting.kind, value), (name, value)
            else:
                refused += 1
                assert told.startswith(name), told
                assert "\n" not in told, told
    for name in undeclared:
        if name.rpartition(".")[2] in FREE or f"${{{name}}}" not in str(plain["model"]):
            continue  # or this recipe's model reads it nowhere
        wrong = copy.deepcopy(config)  # other settings refer to it, and these are declared
        OmegaConf.update(wrong, name, "text", merge=False)
        with pytest.raises(SettingError, match=f"^{name}=text: "):
            check(wrong, COMMANDS[command])
    assert refused > 8 * (len(names) - len(undeclared))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_whole_configuration_is_looked_at(command: str) -> None:
    config = copy.deepcopy(usual(command))
    for name in ("seed", "trusted", "run_dir", "trainer.devices", "trainer.precision", "dataset.batch_size"):
        if OmegaConf.select(config, name) is not None:
            before = OmegaConf.select(config, name)
            OmegaConf.update(config, name, -1.5)
            with pytest.raises(SettingError, match=rf"^{re.escape(name)}=-1\.5: "):
                check(config, COMMANDS[command])
            OmegaConf.update(config, name, before)
    check(config, COMMANDS[command])


@pytest.mark.parametrize("command", COMMANDS)
def test_no_group_may_be_null_but_those_that_a_checkpoint_completes(command: str) -> None:
    config = copy.deepcopy(usual(command))
    OmegaConf.set_struct(config, False)
    for name, kind in read(COMMANDS[command])[0].items():
        if not isinstance(kind, Group) or kind.may_be_null:
            continue
        before, config[name] = config[name], None
        with pytest.raises(SettingError, match=f"^{name}=null: this group takes one of "):
            check(config, COMMANDS[command])
        config[name] = before
    check(config, COMMANDS[command])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("max_images='1e3'", "max_images='1e3': a whole number from 1, or null; say max_images=1000"),
        ("max_images=1000.0", "max_images=1000.0: a whole number from 1, or null; say max_images=1000"),
        ("max_images=2.5k", "max_images=2.5k: a whole number from 1, or null; say max_images=2500"),
        ("max_images='1000'", "max_images='1000': a whole number from 1, or null; say max_images=1000"),
        ("dataset.flip='yes'", "dataset.flip=yes: true or false; say dataset.flip=true"),
        ("dataset.flip=0", "dataset.flip=0: true or false; say dataset.flip=false"),
        ("seed={_target_: os.getcwd}", "seed={_target_:os.getcwd}: a whole number from 0"),
        ("dataset.batch_size={_target_: os.getcwd}", "dataset.batch_size={_target_:os.getcwd}: a whole number"),
        ("spec=3", "spec=3: is measured on the data"),
        ("command=3", "command=3: a list"),
        ("foo=1", "foo: there is no such setting; one of your own is allowed only if another setting refers"),
        ("run_dir=''", "run_dir=: a path"),
        ("callbacks.best.filename=../x", "callbacks.best.filename=../x: a file's name"),
    ],
)
def test_what_was_meant_is_said(given: str, told: str) -> None:
    config = copy.deepcopy(usual("train"))
    OmegaConf.set_struct(config, False)
    name, _, value = given.partition("=")
    OmegaConf.update(config, name, yaml.safe_load(value), merge=False, force_add=True)
    with pytest.raises(SettingError) as caught:
        check(config, Train)
    assert str(caught.value).startswith(told)


def test_a_setting_of_ones_own_is_read_where_another_refers_to_it() -> None:
    check(composed("train", "+rate=0.001", "model.optimisation.generator.lr=${rate}"), Train)


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
        ("train", "trainer.max_time=1h", "trainer.max_time=1h: DAYS:HOURS:MINUTES:SECONDS"),
        ("train", "trainer.max_time={hour: 1}", "trainer.max_time={hour:1}: DAYS:HOURS:MINUTES:SECONDS"),
        ("train", "trainer.max_time={}", "trainer.max_time={}: DAYS:HOURS:MINUTES:SECONDS"),
        ("train", "trainer.limit_train_batches=0", "trainer.limit_train_batches=0: a share"),
        ("train", "trainer.val_check_interval=0", "trainer.val_check_interval=0: a share"),
        ("train", "+trainer.overfit_batches=1", "trainer.overfit_batches: is not used here"),
        (
            "train",
            "+trainer.nonsense=1",
            "trainer.nonsense: there is no such setting; lightning.pytorch.Trainer takes ",
        ),
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
        ("train", "model.loss=3", "model.loss=3: needs a `_target_`"),
        ("train", "trusted=mine", "trusted=mine: a list of packages"),
        ("train", "objectives=[speed]", "objectives=[speed]: a list of score, or seconds"),
        ("train", "dataset.source.label=3", "dataset.source.label=3: text; as text: \"dataset.source.label='3'\""),
        ("train", "run_dir=3", "run_dir=3: a path"),
        ("evaluate", "seed=abc", "seed=abc: a whole number from 0"),
        ("evaluate", "num_fake=0", "num_fake=0: a whole number from 1"),
        ("evaluate", "trainer.precision=64-true", "trainer.precision=64-true: "),
        ("generate", "seed=abc", "seed=abc: a whole number from 0"),
        ("generate", "seed=null", "seed=null: a whole number from 0"),
        ("generate", "seed=1.5", "seed=1.5: a whole number from 0"),
        ("generate", "seed=-1", "seed=-1: a whole number from 0"),
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
