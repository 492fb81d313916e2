"""What is read of a class from its source is what the class itself says."""

import re
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Any

import pytest
from hydra.utils import get_object

from gan_lightning.console.config import CONF
from gan_lightning.console.declared import DESCRIBED
from gan_lightning.console.outline import outline, outlines
from gan_lightning.console.schema import explained
from gan_lightning.console.values import is_plain

NAMED = {name for file in Path(CONF).rglob("*.yaml") for name in re.findall(r"_target_: *([\w.]+)", file.read_text())}
BUILT = sorted(name for name in NAMED if name.startswith(("gan_lightning.", *DESCRIBED)))
# Hydra's callbacks are no settings of ours; and others' callbacks and optimizers that people may name.
TARGETS = [name for name in BUILT if ".console." not in name and ".runs.sweep." not in name]
TARGETS += ["lightning.pytorch.callbacks.EarlyStopping", "lightning.pytorch.callbacks.Timer", "torch.optim.SGD"]
GROUPS = ["callbacks", "data", "loggers", "metrics"]
"""Whose paths on a command line are quoted."""


def taken(parts: Signature, own: bool) -> tuple[dict[str, Any], bool]:
    """The names that something takes, with the plain types and whether they are required; whether it takes others."""
    named = {name: part for name, part in parts.parameters.items() if part.kind not in (2, 4)}
    assert [Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD] == [2, 4]
    kinds = {name: part.annotation if is_plain(part.annotation) else "a part" for name, part in named.items()}
    required = {name: part.default is part.empty for name, part in named.items()}
    return {name: (kinds[name] if own else None, required[name]) for name in named}, len(named) < len(parts.parameters)


@pytest.mark.parametrize("target", TARGETS)
def test_outline_is_what_the_class_takes(target):
    real, read = get_object(target), outline(target)
    own = target.startswith("gan_lightning.")
    names = taken(signature(read), own)
    assert names == taken(signature(real, eval_str=True), own)
    assert {name: explained(read).get(name) for name in names[0]} == {
        name: explained(real).get(name) for name in names[0]
    }


@pytest.mark.parametrize("group", GROUPS)
def test_outlines_of_a_package_are_what_it_exports(group):
    package = f"gan_lightning.{group}"
    for read in outlines(package):
        real = get_object(f"{package}.{read.__name__}")
        if not issubclass(real, Exception) if isinstance(real, type) else True:
            assert taken(signature(read), True) == taken(signature(real, eval_str=True), True), real


@pytest.mark.parametrize("target", ["gan_lightning.models.Nothing", "gan_lightning.nowhere.Nothing", "gan_lightning"])
def test_what_is_not_in_the_sources_has_no_outline(target):
    with pytest.raises(LookupError):
        outline(target)
