"""What is advised for words of other programs exists."""

import copy
import shlex
from functools import cache
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, OmegaConf

from gan_lightning.config import CONF
from gan_lightning.console import wishes
from gan_lightning.console.listing import COMMANDS
from gan_lightning.console.schema import check


def test_every_advice_composes_and_is_accepted() -> None:
    for command, wish in wishes.everything():
        for setting in wish.settings:
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
    always = ["run_dir=run"] if command == "train" else ["run_dir=run", "checkpoint=x.ckpt"]
    with initialize_config_dir(CONF, version_base="1.3"):
        return compose(command, [*always, *groups])


def test_no_word_means_two_things() -> None:
    for wished in (*wishes.COMMANDS.values(), *wishes.OPTIONS.values()):
        words = [word for wish in wished for word in wish.words.split()]
        assert len(words) == len(set(words)), sorted(word for word in words if words.count(word) > 1)
        assert words == [wishes.plain(word) for word in words]
