"""What has to be in a checkpoint, part by part."""

import copy
from typing import Any

import pytest
import torch

from gan_lightning.runs.contents import missing_for_the_model, missing_for_training, optimizers_misfit

SPEC = {"channels": 3, "num_classes": 2, "class_names": ["a", "b"], "size": 9, "height": 8, "width": 8}


def whole() -> dict[str, Any]:
    """The least that a checkpoint holds."""
    config = {"cache_dir": "c", "data_dir": "d", "model": {}, "dataset": {}, "metrics": {}, "trainer": {}, "seed": 0}
    progress = {"current": {"ready": 1}, "total": {"ready": 1}}
    return {
        "config": {**config, "spec": {**SPEC, "fingerprint": "f"}},
        "state_dict": {"weight": torch.zeros(2, 3)},
        "counters": {"generator_step": 1, "images_seen": 8, "skipped_steps": 0, "skipped_in_a_row": [0]},
        "processes": [{"buffers": {}, "window": [[torch.zeros(1)]], "notes": {"loss": 0.5}}],
        "loops": {"fit_loop": {"epoch_loop.batch_progress": progress}},
        "callbacks": {"best": {}},
        "optimizer_states": [{"state": {}, "param_groups": []}],
        "lr_schedulers": [{}],
        "epoch": 0,
        "global_step": 1,
        "pytorch-lightning_version": "2.5",
    }


def changed(path: str, value: Any) -> dict[str, Any]:
    """With another value at a place; `None` leaves it out."""
    content = copy.deepcopy(whole())
    *parents, last = path.split("/")
    node: Any = content
    for key in parents:
        node = node[key]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return content


def nested(levels: int) -> list[Any]:
    node: list[Any] = []
    for _ in range(levels):
        node = [node]
    return node


def test_a_whole_checkpoint_lacks_nothing():
    assert missing_for_the_model(whole()) is None
    assert missing_for_training(whole()) is None


@pytest.mark.parametrize(
    ("path", "value", "part"),
    [
        ("config", None, "config"),
        ("config", [], "config"),
        ("config/model", nested(60), "config"),
        ("config/cache_dir", 3, "config.cache_dir"),
        ("config/metrics", None, "config.metrics"),
        ("config/spec", None, "config.spec"),
        ("config/spec/fingerprint", None, "config.spec"),
        ("config/spec/height", None, "config.spec"),
        ("config/spec/width", -1, "config.spec"),
        ("config/spec/size", True, "config.spec"),
        ("config/spec/class_names", [1], "config.spec"),
        ("config/spec/value_range", [1, 1], "config.spec"),
        ("config/spec/value_range", [0, float("inf")], "config.spec"),
        ("config/spec/direction", "c2d", "config.spec"),
        ("config/spec/captions", {"words": ["a"], "length": 2}, "config.spec"),
        ("state_dict", {}, "state_dict"),
        ("state_dict/weight", 3, "state_dict"),
        ("state_dict/weight", torch.zeros(2, 3).to_sparse(), "state_dict"),
        ("state_dict/weight", torch.zeros(1).expand(10**9), "state_dict"),  # one value in memory, repeated
        ("counters", None, "counters"),
        ("counters/images_seen", -1, "counters"),
        ("counters/images_seen", 1.0, "counters"),
        ("counters/skipped_in_a_row", [0, 0], "counters"),  # of two players, and one has a number of steps
    ],
)
def test_what_a_model_cannot_be_rebuilt_from_is_named(path, value, part):
    assert missing_for_the_model(changed(path, value)) == f"`{part}`"


@pytest.mark.parametrize(
    ("path", "value", "part"),
    [
        ("config/seed", None, "config"),
        ("config/trainer", 3, "config"),
        ("processes", [], "processes"),
        ("processes", [{"buffers": {}, "window": [], "notes": {"loss": 1}}], "processes"),
        ("loops/fit_loop", {}, "loops"),
        ("callbacks/best", 3, "callbacks"),
        ("optimizer_states", [], "optimizer_states"),
        ("optimizer_states", [{"state": {}}], "optimizer_states"),
        ("lr_schedulers", [{}, {}], "lr_schedulers"),
        ("epoch", "0", "epoch"),
        ("global_step", None, "global_step"),
        ("pytorch-lightning_version", "x", "pytorch-lightning_version"),
    ],
)
def test_what_training_cannot_go_on_from_is_named_and_the_model_is_still_good(path, value, part):
    content = changed(path, value)
    assert missing_for_the_model(content) is None
    assert missing_for_training(content) == f"`{part}`"


@pytest.mark.parametrize("content", [None, [], 3, "text"])
def test_a_file_of_something_else_lacks_its_parts(content):
    assert missing_for_the_model(content) == "its parts"


def test_layers_may_share_their_weights():
    weight = torch.zeros(1000)
    assert missing_for_the_model(changed("state_dict", dict.fromkeys("abcd", weight))) is None
    assert missing_for_the_model(changed("state_dict", dict.fromkeys("abcde", weight))) == "`state_dict`"


@pytest.mark.parametrize(
    ("change", "good"),
    [({}, True), ({"num_tokens": 3}, False), ({"end": 2}, False), ({"vocabulary": ["a", 1]}, False)],
)
def test_facts_of_sequences_fit_each_other(change, good):
    spec = {"vocabulary": ["a", "b"], "num_tokens": 2, "length": 5, "size": 4, "num_classes": 0, "class_names": []}
    spec |= {"separator": "", "kind": "sequences", "end": 1, "fingerprint": "f", **change}
    assert missing_for_the_model(changed("config/spec", spec)) == (None if good else "`config.spec`")


def test_moments_of_another_shape_than_their_weights_are_named():
    weight = torch.nn.Parameter(torch.ones(2, 3))
    adam = torch.optim.Adam([weight])
    weight.grad = torch.ones_like(weight)
    adam.step()
    assert optimizers_misfit([adam]) is None
    adam.state[weight]["exp_avg"] = torch.zeros(3, 2)
    assert optimizers_misfit([adam]) == "an optimizer has exp_avg of shape (3, 2) for (2, 3) weights"
