"""What is advised for words of other programs exists."""

import copy
import shlex
from functools import cache
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from gan_lightning.console import suggestions, synonyms
from gan_lightning.console.arguments import prepared
from gan_lightning.console.config import CONF
from gan_lightning.console.listing import COMMANDS
from gan_lightning.console.schema import check

pytestmark = pytest.mark.long


def test_every_advice_composes_and_is_accepted() -> None:
    for command, advice in synonyms.everything():
        for setting in advice.settings:
            words = [word for word in shlex.split(setting) if not word.startswith("hydra.")]
            groups = tuple(word for word in words if Path(CONF, word.partition("=")[0]).is_dir())
            config = copy.deepcopy(composed(command, groups))
            for word in words:
                name = word.partition("=")[0]
                if word not in groups:  # in a strict configuration, where only what exists can be changed
                    value = OverridesParser.create().parse_override(word).value()
                    OmegaConf.update(config, name.lstrip("+"), value, force_add=name.startswith("+"))
            check(config, COMMANDS[command])


@cache
def composed(command: str, groups: tuple[str, ...]) -> DictConfig:
    always = [] if command == "train" else ["checkpoint=x.ckpt"]
    always += [] if command in ("demo", "export") else ["run_dir=run"]
    with initialize_config_dir(CONF, version_base="1.3"):
        return compose(command, [*always, *groups])


def test_no_word_means_two_things() -> None:
    for table in (*synonyms.COMMANDS.values(), *synonyms.OPTIONS.values()):
        words = [word for advice in table for word in advice.words.split()]
        assert len(words) == len(set(words)), sorted(word for word in words if words.count(word) > 1)
        assert words == [synonyms.plain(word) for word in words]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bs=8"], "bs: there is no such setting; say dataset.batch_size=8"),
        (["epochs=10"], "say trainer.max_epochs=10 or max_images=200000"),
        (["learning_rate=0.001"], "say lr=0.001"),
        (["kimg=5"], "images are counted one by one; say max_images=200000"),
        (["ckpt=my run"], "say 'resume=my run'"),
        (["data=fake"], "data: there is no such setting; say dataset=fake"),
        (["data=my/photos"], "say dataset=folder dataset.source.path=my/photos"),
        (
            ["dataset.path=photos"],
            "dataset.path: there is no such setting; say dataset=folder dataset.source.path=photos",
        ),
        (["dataset=./my photos"], "say dataset=folder 'dataset.source.path=./my photos'"),
        (["dataset=fake", "num_workers=3"], "say ++dataset.num_workers=3"),
        (["dataset=folder", "path=x"], "say dataset.source.path=x"),
        (["dataset=fake", "path=x"], "say dataset=folder dataset.source.path=x"),
    ],
)
def test_a_suggestion_repeats_what_was_typed(arguments: list[str], told: str) -> None:
    with initialize_config_dir(CONF, version_base="1.3"), pytest.raises(Exception) as caught:  # noqa: PT011
        compose("train", prepared(["run_dir=run", *arguments]))
    assert told in (suggestions.better(caught.value, arguments) or str(caught.value))
