"""Going on with a run whose configuration an earlier version wrote."""

import copy
from typing import Any

import pytest

from gan_lightning.console.config import plain
from gan_lightning.errors import SettingError
from gan_lightning.runs.resume import check_unchanged

CLASSIFIER = {"_target_": "gan_lightning.metrics.ClassifierExtractor", "cache_dir": "CACHE", "images": 200, "seed": 0}
OF_IMAGES = {"_target_": "gan_lightning.metrics.GenerationScores", "split": "train"}
OLD: dict[str, dict[str, Any]] = {
    "metrics=classifier metrics.extractor.images=200": {
        **OF_IMAGES,
        "extractor": CLASSIFIER,
        "is_splits": 1,
        "num_fake": 2000,
        "monitor": None,
    },
    "metrics=swd": {**OF_IMAGES, "extractor": None, "is_splits": 1, "num_fake": 2000, "monitor": "swd"},
    "metrics=paired": {
        "_target_": "gan_lightning.metrics.TranslationScores",
        "extractor": None,
        "split": "test",
        "monitor": None,
    },
}


def configurations(composed: Any, given: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """One whose scores are as an earlier version wrote them, and today's."""
    config = composed(*given.split(), "cache_dir=CACHE")
    today = {"metrics": plain(config.metrics), "spec": {"fingerprint": ""}}
    today |= {"seed": 0, "dataset": {}, "model": {}, "trainer": {}, "cache_dir": "CACHE", "data_dir": "CACHE/data"}
    return {**copy.deepcopy(today), "metrics": {**OLD[given], "cache_dir": "CACHE"}}, today


@pytest.mark.parametrize("given", OLD)
def test_scores_that_an_earlier_version_wrote_are_the_same_scores(composed: Any, given: str) -> None:
    saved, today = configurations(composed, given)
    check_unchanged(saved, today)
    other = copy.deepcopy(today)
    other["metrics"]["split"] = "other"
    with pytest.raises(SettingError, match="resume: cannot change metrics.split"):
        check_unchanged(saved, other)


def test_other_scores_than_those_of_an_earlier_version_are_a_change(composed: Any) -> None:
    saved, today = configurations(composed, "metrics=swd")
    today["metrics"]["scores"]["fid"] = {"_target_": "gan_lightning.metrics.FrechetDistance"}
    with pytest.raises(SettingError, match="resume: cannot change .*metrics.scores.fid._target_"):
        check_unchanged(saved, today)


def at(composed: Any, *given: str) -> dict[str, Any]:
    """A configuration of which only the data matter."""
    rest = {"seed": 0, "model": {}, "metrics": {}, "trainer": {}, "cache_dir": "CACHE", "data_dir": "CACHE/data"}
    return {**rest, "dataset": plain(composed(*given).dataset), "spec": {"fingerprint": "", "size": 3}}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (["dataset=folder", "dataset.source.path=here"], ["dataset=folder", "dataset.source.path=/mnt/there"]),
        (
            ["dataset=paired_folder", "dataset.source.a=a", "dataset.source.b=b"],
            ["dataset=paired_folder", "dataset.source.a=x/a", "dataset.source.b=x/b"],
        ),
    ],
)
def test_data_may_lie_elsewhere(composed: Any, before: list[str], now: list[str]) -> None:
    saved, given = at(composed, *before), at(composed, *now)
    check_unchanged(saved, given)
    given["dataset"]["source"]["channels"] = 1
    with pytest.raises(SettingError, match=r"cannot change dataset.source.channels \(.*\); a resumed run"):
        check_unchanged(saved, given)


def test_a_domain_that_is_no_place_may_not_change(composed: Any) -> None:
    saved, given = (at(composed, "dataset=avatars_unpaired", f"dataset.source.b={value}") for value in ("red", "cyan"))
    with pytest.raises(SettingError, match="cannot change dataset.source.b .was red, is cyan."):
        check_unchanged(saved, given)
