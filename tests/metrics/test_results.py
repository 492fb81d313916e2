"""Scores as a table of Markdown: a column for each score, and a sign that tells which way is better."""

import json
import math

from gan_lightning.metrics.results import as_json, as_markdown

LINE = {
    "fid_x": 20.0,
    "recall_x": 0.5,
    "ct_x": 4.0,
    "ms_ssim": 0.3,
    "higher_is_better": {"fid_x": False, "recall_x": True, "ct_x": True, "ms_ssim": False},
    "references": {"real": {"fid_x": 4.0, "recall_x": 0.9, "ct_x": 0.0}},
    "protocol": {"num_real": 10, "swd": {"patches": 3}, "split": None},
}


def test_signs_say_which_way_is_better_and_that_alarms_have_none():
    heads, _, model, real, *_, signs, _, protocol = as_markdown({"A|B": LINE}).splitlines()
    assert heads == "|  | fid_x ↓ | recall_x ↑ | ct_x ≈ | ms_ssim ≈ |"
    assert model == "| `A&#124;B` | 20 | 0.5 | 4 | 0.3 |"
    assert real == "| held-out real images: what perfect samples would score | 4 | 0.9 | 0 | - |"
    assert signs == "↑: higher is better, ↓: lower is better, ≈: best where it is that of real images."
    assert protocol == "Protocol: num_real 10, swd.patches 3"


def test_programs_get_json_also_of_a_score_that_is_not_a_number():
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    (found,) = json.loads(as_json({"model": {**LINE, "nn_ratio": math.nan}}), parse_constant=refuse)
    assert (found["scored"], found["fid_x"], found["nn_ratio"]) == ("model", 20.0, None)
