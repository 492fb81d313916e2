"""Which class is meant by what somebody types."""

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser

from gan_lightning.console.arguments import prepared
from gan_lightning.console.classes import class_indices
from gan_lightning.console.config import CONF
from gan_lightning.console.declared import Generate
from gan_lightning.console.schema import check
from gan_lightning.errors import SettingError


def index(text: str, class_names: list[str]) -> list[int]:
    """The classes of `labels=TEXT` on a command line."""
    labels = OverridesParser.create().parse_override(f"labels={text}").value()
    return class_indices(labels, class_names, n=len(labels) if isinstance(labels, list) else 1, each=1).tolist()


TEN = sorted(str(i) for i in range(1, 11))  # 1, 10, 2, 3 ...


def test_numbers_are_names_where_a_name_is_a_number():
    assert TEN[:2] == ["1", "10"]
    assert index("1", TEN) == [0]
    assert index("[10,2]", TEN) == [1, 2]
    with pytest.raises(SettingError, match="labels=0: .*classes 1, 10, 2, .*by name only, because"):
        index("0", TEN)
    with pytest.raises(SettingError, match="labels=1: .*01, 02, by name only"):
        index("1", ["01", "02"])
    assert index("02", ["01", "02"]) == [1]
    with pytest.raises(SettingError, match="labels=2: .*0=0, 1=1$"):
        index("2", ["0", "1"])
    assert index("-1", ["-1", "0"]) == [0]


def test_numbers_are_places_where_no_name_is_a_number():
    assert index("[1,birds]", ["birds", "cats"]) == [1, 0]
    with pytest.raises(SettingError, match="labels=2: .*0=birds, 1=cats"):
        index("2", ["birds", "cats"])
    with pytest.raises(SettingError, match="labels=-1"):
        index("-1", ["birds", "cats"])


@pytest.mark.parametrize(
    "name",
    ["1e3", "1_000", "yes", "no", "true", "False", "nan", "inf", "2024-01-01", "0x1F", "1.0", "007", "+5"],
)
def test_names_that_hydra_reads_as_something_else(name):
    assert index(name, ["cats", name]) == [1]
    assert index(f"[{name},cats]", ["cats", name]) == [1, 0]
    assert index(f"'{name}'", ["cats", name]) == [1]


@pytest.mark.parametrize("name", ["???", "a=b", "x\ny", "null", "caf\udce9", "Gärten", "${oc.env:HOME}", "1,2", "[a]"])
def test_every_name_can_be_given_as_it_is(name):
    assert class_indices([name], ["cats", name], 1, 1).tolist() == [1]


def test_null_in_a_list_is_the_class_of_this_name():
    assert index("[null]", ["cats", "null"]) == [1]


def test_what_may_be_two_classes_is_refused():
    with pytest.raises(SettingError, match="labels=1000.0: could be the class 1000.0 or 1e3"):
        index("1e3", ["1000.0", "1e3"])
    assert index("'1e3'", ["1000.0", "1e3"]) == [1]
    assert index("true", ["cats", "true"]) == [1]
    with pytest.raises(SettingError, match="labels=True: .*0=birds, 1=cats"):
        index("true", ["birds", "cats"])


def test_colours_by_name_or_code():
    classes = ["#28150a", "#bd1700"]
    assert index("'dark brown'", classes) == [0]
    assert class_indices(["#bd1700", "red"], classes, 2, 1).tolist() == [1, 1]
    with pytest.raises(SettingError, match=r"0=#28150a \(dark brown\), 1=#bd1700 \(red\)"):
        index("blue", classes)


def test_labels_are_repeated_for_each_member_in_turn():
    assert class_indices(["b", "a"], ["a", "b"], n=6, each=2).tolist() == [1, 1, 0, 0, 1, 1]
    with pytest.raises(SettingError, match=r"labels=\[\]: at least one"):
        class_indices([], ["a"], 1, 1)
    with pytest.raises(SettingError, match="labels=0: the checkpoint's data set has no labels; leave this setting out"):
        class_indices(0, [], 1, 1)


NAMES = ["~", "a=b", "a,b", "${x}", "1e3", "true", "Café", "dark brown", "x'y", "null", "nan", "[a]", "cats", "???"]


@pytest.mark.parametrize("name", NAMES)
def test_a_class_is_typed_as_it_is_called(name):
    typed = {"null": "[null]", "[a]": "'[a]'"}.get(name, name)
    assert of_command_line(f"labels={typed}") == [NAMES.index(name)]


def test_a_list_of_classes_is_typed_as_they_are_called():
    assert of_command_line("labels=[~, 1e3,'a,b',${x},dark brown]") == [0, 4, 2, 3, 7]
    assert of_command_line("labels=[cats, ???,'???']") == [12, 13, 13]
    assert of_command_line("labels='???'") == [13]
    assert of_command_line("labels=[1,cats]") == [1, 12]  # no name is a whole number
    with pytest.raises(SettingError, match="labels=14: .*12=cats"):
        of_command_line("labels=14")


def of_command_line(argument: str) -> list[int]:
    """The classes that gan-generate takes from an argument."""
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("generate", prepared(["checkpoint=x", argument, "run_dir=run"]))
    check(config, Generate)
    labels = config.labels if isinstance(config.labels, str) else list(config.labels)
    return class_indices(labels, NAMES, n=1 if isinstance(labels, str) else len(labels), each=1).tolist()
