"""Groups of options: which may be in a list, and what a group takes."""

from pathlib import Path

import pytest

from gan_lightning.console.config import CONF
from gan_lightning.console.declared.groups import ADDED_TO_A_SETTING, ADDING_UP, options, refuse_sets_in_list
from gan_lightning.errors import SettingError


def test_a_whole_set_of_scores_is_not_one_of_a_list():
    refuse_sets_in_list("metrics", ["fid", "is", "kid"])
    refuse_sets_in_list("callbacks", ["none", "default"])  # sets are those of metrics
    told = "^metrics: paired is a whole set of scores and cannot be in the list fid,paired; name single scores"
    with pytest.raises(SettingError, match=told):
        refuse_sets_in_list("metrics", ["fid", "paired"])


def test_the_options_of_a_group_are_its_files_also_those_in_folders():
    told = options("loss")
    assert told.startswith("this group takes one of ")
    names = told.removeprefix("this group takes one of ").split(", ")
    assert names == sorted(names)
    assert {"hinge", "f_gan/kl"} <= {*names}
    assert len(names) == len(list(Path(CONF, "loss").rglob("*.yaml")))


@pytest.mark.parametrize("group", [*ADDING_UP, *ADDED_TO_A_SETTING])
def test_groups_that_add_up_are_there(group):
    assert Path(CONF, group).is_dir()
