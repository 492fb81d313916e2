"""A model from the content of a checkpoint, no larger than the weights that the file brings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from hydra.utils import instantiate
from torch import Tensor
from torch.nn.modules.module import (
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)

from gan_lightning.batch import Attributed, Labelled, Paired, Unpaired
from gan_lightning.errors import SettingError
from gan_lightning.models import SteppingModule
from gan_lightning.sampling.trust import refuse_large_pictures, refuse_untrusted

_MOST_NAMED = 3
_SPARE_PARAMETERS, _SPARE_LAYERS = 100, 1000


def rebuild(checkpoint: dict[str, Any], trusted: Sequence[str] = ()) -> SteppingModule:
    """The model that a checkpoint's content describes, on the CPU, in evaluation mode.

    It is first built without memory (on torch's meta device), and only if its tensors have the shapes of the file's.

    Args:
        checkpoint: what `gan_lightning.runs.checkpoint.read` returned.
        trusted: packages of the user's whose classes it may name.

    Raises:
        SettingError: the configuration names classes that are not allowed, or does not fit the weights.
    """
    refuse_untrusted(checkpoint["config"], "model", trusted)
    config, weights = checkpoint["config"]["model"], checkpoint["state_dict"]
    refuse_large_pictures(config)
    with torch.device("meta"), bounded(len(weights)):
        wrong = misfit(_build(config).state_dict(), weights)
    if wrong is not None:
        raise SettingError(f"the checkpoint's weights do not fit its configuration: {wrong}")
    model = _build(config)
    names: dict[type, str] = {Labelled: "channels", Paired: "source_channels", Unpaired: "a_channels"}
    names[Attributed] = "domains"
    fact = names.get(model.takes)
    if fact is not None and fact not in checkpoint["config"]["spec"]:
        raise SettingError(
            f"the checkpoint's `config.spec` has no {fact}, but its model is a {type(model).__name__}; gan-train "
            "did not write it"
        )
    steps = {name for name in checkpoint["counters"] if name.endswith("_step")}
    if steps != {f"{name}_step" for name in model.players}:
        raise SettingError(
            f"the checkpoint's `counters` are {', '.join(sorted(steps))}, but the players of its model are "
            f"{', '.join(model.players)}; gan-train did not write it"
        )
    model.load_state_dict(weights)
    model.restore_counters(checkpoint["counters"])
    return model.eval()


def _build(config: Mapping[str, Any]) -> SteppingModule:
    try:
        model = instantiate(config)
    except _TooLargeError:
        raise
    except Exception as error:  # whatever settings that nobody checked make the classes raise
        reason = " ".join(str(error).split())
        raise SettingError(f"the checkpoint's model cannot be built: {reason:.300}") from error
    if not isinstance(model, SteppingModule):
        raise SettingError(f"the checkpoint's model is a {type(model).__name__}, which no step is")
    return model


class _TooLargeError(BaseException):
    """Passes through Hydra, which wraps exceptions."""


@contextmanager
def bounded(tensors: int) -> Iterator[None]:
    """Stop as soon as many more layers or parameters are made than a file has tensors.

    Raises:
        SettingError: it was stopped.
    """
    left = {"parameter": 2 * tensors + _SPARE_PARAMETERS, "layer": 10 * tensors + _SPARE_LAYERS}

    def count(kind: str) -> None:
        left[kind] -= 1
        if left[kind] < 0:
            raise _TooLargeError

    hooks = [
        register_module_parameter_registration_hook(lambda *_: count("parameter")),
        register_module_module_registration_hook(lambda *_: count("layer")),
    ]
    try:
        yield
    except _TooLargeError:
        raise SettingError(
            f"the checkpoint's configuration asks for far more layers than its {tensors} tensors; it was not built"
        ) from None
    finally:
        for hook in hooks:
            hook.remove()


def misfit(expected: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> str | None:
    """How tensors differ from those that a model expects, in name, shape or kind of number; None if they fit."""
    wrong = [f"{name} is missing" for name in expected.keys() - given.keys()]
    wrong += [f"{name} is unknown" for name in given.keys() - expected.keys()]
    for name in expected.keys() & given.keys():
        want, have = expected[name], given[name]
        if want.shape != have.shape:
            wrong.append(f"{name} is {tuple(have.shape)} instead of {tuple(want.shape)}")
        elif want.is_floating_point() != have.is_floating_point():
            wrong.append(f"{name} holds {have.dtype} instead of {want.dtype}")
    if not wrong:
        return None
    rest = f" and {len(wrong) - _MOST_NAMED} more" if len(wrong) > _MOST_NAMED else ""
    return f"{', '.join(sorted(wrong)[:_MOST_NAMED])}{rest}"
