"""Nested settings as single values."""

import json
import math

from omegaconf import OmegaConf

from gan_lightning.nested import in_json, leaves

NODE = {"a": {"b": 1, "c": [2, {"d": 3}]}, "e": {}, "f": []}


def test_every_value_has_the_keys_that_lead_to_it():
    assert dict(leaves(NODE)) == {("a", "b"): 1, ("a", "c"): [2, {"d": 3}], ("e",): {}, ("f",): []}


def test_elements_of_lists_are_values_where_that_is_asked_for():
    found = {("a", "b"): 1, ("a", "c", "0"): 2, ("a", "c", "1", "d"): 3, ("e",): {}, ("f",): []}
    assert dict(leaves(NODE, lists=True)) == found


def test_a_configuration_is_a_mapping_too_and_a_value_alone_has_the_path_it_is_given():
    assert dict(leaves(OmegaConf.create({"x": {"y": None}}))) == {("x", "y"): None}
    assert dict(leaves(None, path=("model",))) == {("model",): None}


def test_json_has_null_for_what_is_not_finite():
    node = {"a": math.nan, "b": [1, -math.inf, (2.5, "nan")], "c": {"d": None, "e": True}}
    assert json.loads(json.dumps(in_json(node), allow_nan=False)) == {
        "a": None,
        "b": [1, None, [2.5, "nan"]],
        "c": {"d": None, "e": True},
    }
