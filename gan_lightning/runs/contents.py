"""What has to be in a checkpoint: checked before anything is made of it."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, strided
from torch.optim import Optimizer

_SIZE = {"height", "width"}
_SPECS = (
    {"channels", "num_classes", "class_names", "size"},
    {"source_channels", "target_channels", "direction", "size"},
    {"a_channels", "b_channels"},
    {"channels", "sizes", "planes", "domains", "size"},
)
"""Facts that each kind of data module of ours measures, beside `_SIZE`. One of a user's own may measure others."""
_DEEPEST, _MOST_PARTS = 50, 10**6
_MOMENTS = {"exp_avg", "exp_avg_sq", "max_exp_avg_sq", "exp_inf", "momentum_buffer", "square_avg", "grad_avg"}
"""What optimizers of torch keep for every single number of the weights."""
_MOST_SHARING = 4
"""How often a byte of a checkpoint may occur in its weights: networks may share layers."""


def missing_for_the_model(content: Any) -> str | None:
    """The first part of a checkpoint's content that a model cannot be rebuilt from; None if it can be tried."""
    if not isinstance(content, dict):
        return "its parts"
    config = content.get("config")
    if not isinstance(config, dict) or not _is_shallow(config):
        return "`config`"
    for key, kind in {"cache_dir": str, "data_dir": str, "model": dict, "dataset": dict, "metrics": dict}.items():
        if not isinstance(config.get(key), kind):
            return f"`config.{key}`"
    checks = {
        "config.spec": _is_spec(config.get("spec")),
        "state_dict": _are_weights(content.get("state_dict")),
        "counters": _are_counters(content.get("counters")),
    }
    return next((f"`{part}`" for part, good in checks.items() if not good), None)


def missing_for_training(content: Mapping[str, Any]) -> str | None:
    """The first part, beside those of a model, that training cannot go on from; None if it can be tried."""
    players = len(content["counters"]["skipped_in_a_row"])
    checks: dict[str, Callable[[Any], bool]] = {
        "config": lambda config: isinstance(config.get("trainer"), dict) and "seed" in config,
        "processes": lambda found: isinstance(found, list) and len(found) > 0 and all(map(_is_process, found)),
        "loops": _are_loops,
        "callbacks": lambda found: isinstance(found, dict) and all(isinstance(state, dict) for state in found.values()),
        "optimizer_states": lambda found: (
            _are_dicts(found, players) and all({"state", "param_groups"} <= one.keys() for one in found)
        ),
        "lr_schedulers": lambda found: _are_dicts(found, players),
        "epoch": _is_count,
        "global_step": _is_count,
        "pytorch-lightning_version": lambda found: isinstance(found, str) and found[:1].isdigit(),
    }
    return next((f"`{part}`" for part, good in checks.items() if not good(content.get(part))), None)


def _is_shallow(root: Any) -> bool:
    """Whether plain data have so few levels and parts that functions may call themselves for each."""
    waiting, seen = [(root, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > _DEEPEST or seen > _MOST_PARTS:
            return False
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ()
        waiting += [(child, depth + 1) for child in children]
    return True


def optimizers_misfit(optimizers: Sequence[Optimizer]) -> str | None:
    """How restored moments differ in shape from the weights that they are of; None if they fit."""
    for optimizer in optimizers:
        for weights, state in optimizer.state.items():
            for name in _MOMENTS & state.keys():
                moment = state[name]
                if isinstance(moment, Tensor) and moment.shape != weights.shape:
                    return f"an optimizer has {name} of shape {tuple(moment.shape)} for {tuple(weights.shape)} weights"
    return None


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _are_counters(found: Any) -> bool:
    """Whether it is the images seen, the steps skipped, and a number of steps for each player."""
    if not isinstance(found, dict):
        return False
    in_a_row = found.get("skipped_in_a_row")
    others = {name: value for name, value in found.items() if name != "skipped_in_a_row"}
    if not {"images_seen", "skipped_steps"} <= others.keys() or not all(map(_is_count, others.values())):
        return False
    steps = [name for name in others if name.endswith("_step")]
    return isinstance(in_a_row, list) and len(in_a_row) == len(steps) > 0 and all(map(_is_count, in_a_row))


def _is_spec(found: Any) -> bool:
    if not isinstance(found, dict) or not isinstance(found.get("fingerprint"), str):
        return False
    if "vocabulary" in found:
        return _is_spec_of_sequences(found)
    ours = any((kind - {"size"}) & found.keys() for kind in _SPECS)
    if not found.keys() >= _SIZE or (ours and not any(kind <= found.keys() for kind in _SPECS)):
        return False
    names = found.get("class_names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return False
    ranges = [value for key, value in found.items() if key.endswith("value_range")]
    others = {"fingerprint", "class_names", "direction", "kind", "domains", "captions"}
    facts = [value for key, value in found.items() if key not in others and not key.endswith("value_range")]
    counts = [one for fact in facts for one in (fact if isinstance(fact, list) else [fact])]  # a list: of attributes
    good = all(map(_is_count, counts)) and all(map(_is_range, ranges)) and _are_domains(found) and _are_captions(found)
    named = isinstance(found.get("kind", "images"), str)
    return good and named and found.get("direction", "a2b") in ("a2b", "b2a")


def _is_spec_of_sequences(found: Mapping[str, Any]) -> bool:
    words, end = found["vocabulary"], found.get("end")
    texts = [found.get("separator"), found.get("kind"), *(words if isinstance(words, list) else [None])]
    counts = [found.get(fact) for fact in ("num_tokens", "length", "size", "num_classes")]
    good = all(isinstance(text, str) for text in texts) and all(map(_is_count, counts))
    ends = end is None or (_is_count(end) and end < len(words))
    return good and ends and found["num_tokens"] == len(words) and found.get("class_names") == []


def _are_captions(spec: Mapping[str, Any]) -> bool:
    """Whether the facts about captions, if there are any, are lists of words and of sentences, and a length."""
    found = spec.get("captions")
    if found is None:
        return True
    if not isinstance(found, dict) or not found.keys() >= {"words", "length", "shown"}:
        return False
    texts = [found["words"], found["shown"]]
    lists = all(isinstance(part, list) and all(isinstance(text, str) for text in part) for part in texts)
    return lists and _is_count(found["length"])


def _are_domains(spec: Mapping[str, Any]) -> bool:
    """Whether what labels have in each domain, if there are domains, is 0, 1 or None for each number of a label."""
    domains, planes = spec.get("domains", {}), spec.get("planes", 0)
    named = isinstance(domains, dict) and all(isinstance(name, str) and name.isalnum() for name in domains)
    return named and all(
        isinstance(label, list) and len(label) == planes and all(value in (0, 1, None) for value in label)
        for label in domains.values()
    )


def _is_range(found: Any) -> bool:
    """Whether it is a value range, or None for pictures of 8 bits."""
    if found is None:
        return True
    numbers = isinstance(found, list) and len(found) == 2 and all(type(value) in (int, float) for value in found)
    return numbers and all(map(math.isfinite, found)) and found[0] < found[1]


def _are_weights(found: Any) -> bool:
    """Whether it is tensors by name that take no more memory than their file, give or take shared ones."""
    if not _are_tensors(found) or not found:
        return False
    held = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in found.values()}
    return sum(tensor.nbytes for tensor in found.values()) <= _MOST_SHARING * sum(held.values())


def _are_tensors(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(name, str) and _is_plain(one) for name, one in found.items())


def _is_plain(tensor: Any) -> bool:
    """Whether it is a dense tensor with a value for each of its numbers."""
    return isinstance(tensor, Tensor) and tensor.layout is strided and tensor.device.type == "cpu"


def _are_dicts(found: Any, count: int) -> bool:
    return isinstance(found, list) and len(found) == count and all(isinstance(one, dict) for one in found)


def _is_process(found: Any) -> bool:
    if not isinstance(found, dict) or not _are_tensors(found.get("buffers")):
        return False
    window, notes = found.get("window"), found.get("notes")
    whole = isinstance(window, list) and all(isinstance(batch, list) and all(map(_is_plain, batch)) for batch in window)
    return whole and isinstance(notes, dict) and all(isinstance(value, float) for value in notes.values())


def _are_loops(found: Any) -> bool:
    """Whether Lightning's position inside its epoch is there, which `callbacks.Newest` reads as well."""
    loop = found.get("fit_loop") if isinstance(found, dict) else None
    progress = loop.get("epoch_loop.batch_progress") if isinstance(loop, dict) else None
    if not isinstance(progress, dict):
        return False
    counts = [progress.get("current"), progress.get("total")]
    return all(isinstance(count, dict) and all(map(_is_count, count.values())) for count in counts)
