"""Scores of translations both ways and one way: which there are, FID, LPIPS, and what chooses the best checkpoint."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from extractors import Linear
from translation_scoring import Brought, answers, as_read, both_ways, one_way, prepared, real, scored

from gan_lightning.data import PairedData
from gan_lightning.errors import SettingError
from gan_lightning.metrics import ClassifierExtractor

ALEXNET = "alexnet-owt-7be5be79.pth"


def test_scores_do_not_depend_on_the_batch_size_or_on_earlier_pictures(tmp_path):
    data = both_ways(Brought(13))
    scores, samples = prepared(tmp_path, data, Linear()), answers(data)
    first = scored(scores, samples, batch=13)
    scored(scores, {name: sample._replace(output=-sample.output) for name, sample in samples.items()}, batch=4)
    for batch in (1, 5):
        assert scored(scores, samples, batch) == pytest.approx(first, rel=1e-4), batch


# --- which there are ---


def test_without_suffix_stands_the_mean_of_both_directions(tmp_path):
    data = both_ways(Brought(8))
    scores = prepared(tmp_path, data, Linear())
    common = ["fid_linear", "l1", "psnr", "ssim", "copy_l1", "cycle_l1", "swd"]
    assert scores.names == common + [f"{name}_{direction}" for direction in ("a2b", "b2a") for name in common]
    values = scored(scores, answers(data))
    for name in common:
        assert values[name] == pytest.approx((values[f"{name}_a2b"] + values[f"{name}_b2a"]) / 2, rel=1e-6), name


@pytest.mark.parametrize("direction", ["a2b", "b2a"])
def test_one_direction_has_no_suffix_and_no_way_back(tmp_path, direction):
    data = one_way(direction)
    scores = prepared(tmp_path, data)
    assert scores.names == ["l1", "psnr", "ssim", "copy_l1", "swd"]
    samples = answers(data)
    values = scored(scores, samples)
    assert list(samples) == [direction]
    difference = as_read(samples[direction].output) - samples[direction].target.double().numpy()
    assert values["l1"] == pytest.approx(np.abs(difference).mean(), rel=1e-5)


def test_other_channels_cannot_be_copied(tmp_path):
    assert prepared(tmp_path, one_way("a2b", channels=(1, 3))).names == ["l1", "psnr", "ssim", "swd"]
    assert not [name for name in prepared(tmp_path, both_ways(Brought(4, (1, 3)))).names if "copy" in name]


def test_without_truth_only_the_way_back_fid_and_swd_are_known(tmp_path):
    data = both_ways(Brought(8, truth=False))
    assert prepared(tmp_path, data).names[:2] == ["cycle_l1", "swd"]
    scores = prepared(tmp_path, data, Linear())
    assert scores.names[:2] == ["fid_linear", "cycle_l1"]
    scored(scores, answers(data))


@pytest.mark.parametrize(
    ("truth", "extractor", "monitor"),
    [(True, Linear, "fid_linear"), (False, Linear, "fid_linear"), (True, None, "l1"), (False, None, "swd")],
)
def test_fid_chooses_the_best_otherwise_l1_otherwise_swd(tmp_path, truth, extractor, monitor):
    scores = prepared(tmp_path, both_ways(Brought(8, truth=truth)), extractor and extractor())
    assert (scores.monitor, scores.mode) == (monitor, "min")


@pytest.mark.parametrize(
    ("monitor", "mode"),
    [("l1", "min"), ("psnr", "max"), ("ssim_b2a", "max"), ("fid_linear_a2b", "min"), ("l1_a2b", "min")],
)
def test_another_score_may_choose_the_best(tmp_path, monitor, mode):
    scores = prepared(tmp_path, both_ways(Brought(8)), Linear(), monitor=monitor)
    assert (scores.monitor, scores.mode) == (monitor, mode)


@pytest.mark.parametrize(
    ("truth", "monitor", "message"),
    [
        (True, "fid", r"metrics\.monitor=fid: with these data there are l1, psnr, ssim, swd, l1_a2b, .*swd_b2a$"),
        (True, "fid_linear", r"metrics\.monitor=fid_linear: .*l1"),
        (True, "copy_l1", r"metrics\.monitor=copy_l1: .*l1"),
        (False, "l1", r"metrics\.monitor=l1: with these data there are swd, swd_a2b, swd_b2a$"),
    ],
)
def test_unknown_monitor_is_told_what_there_is(tmp_path, truth, monitor, message):
    with pytest.raises(SettingError, match=message):
        prepared(tmp_path, both_ways(Brought(4, truth=truth)), monitor=monitor)


def test_protocol_says_what_the_scores_depend_on(tmp_path):
    protocol = prepared(tmp_path, both_ways(Brought(9)), Linear(), split="train").protocol
    assert protocol["num_outputs"] == {"a2b": 9, "b2a": 9}
    assert protocol["num_real"] == {"a2b": 9, "b2a": 9}
    assert (protocol["extractor"], protocol["split"], protocol["size"]) == ("linear", "train", [16, 16])
    assert {"pixels", "weights_sha256", "resize"} <= protocol.keys()
    assert protocol["swd"]["a2b"]["levels"] == ["16x16"]
    json.dumps(protocol)


def test_references_tell_what_copies_and_pictures_of_the_other_split_score(tmp_path):
    """Dark pictures are no bright ones, and left as they are they score so."""
    data = both_ways(Brought(40, truth=False))
    scores = prepared(tmp_path, data, Linear())
    json.dumps(dict(scores.references))
    for name in ("fid_linear_a2b", "fid_linear_b2a", "swd_a2b", "swd_b2a"):
        assert scores.references["real"][name] < 0.2 * scores.references["copy"][name]
    stayed = {name: sample._replace(output=sample.source) for name, sample in answers(data).items()}
    values = scored(scores, stayed)
    assert scores.references["copy"] == pytest.approx({name: values[name] for name in scores.references["copy"]})


# --- FID and swd ---


@pytest.mark.parametrize("split", ["test", "train"])
def test_fid_compares_outputs_with_the_real_pictures_of_the_targets_domain(tmp_path, split):
    data = both_ways(Brought(40, truth=False))
    scores = prepared(tmp_path, data, Linear(), split)
    sides, samples = data.sides(split), answers(data)
    ends = {"a2b": real(sides.b), "b2a": real(sides.a)}
    arrived = {name: sample._replace(output=ends[name]) for name, sample in samples.items()}
    stayed = {name: sample._replace(output=sample.source) for name, sample in samples.items()}
    right, wrong = scored(scores, arrived), scored(scores, stayed)
    for name in ("fid_linear", "fid_linear_a2b", "fid_linear_b2a"):
        assert right[name] == pytest.approx(0, abs=1e-5)
        assert wrong[name] > 1
    mixed = scored(scores, {"a2b": arrived["a2b"], "b2a": stayed["b2a"]})
    assert mixed["fid_linear_a2b"] == pytest.approx(0, abs=1e-5)
    assert mixed["fid_linear_b2a"] == pytest.approx(wrong["fid_linear_b2a"])


def test_fid_of_pairs_compares_with_the_targets_of_the_direction(tmp_path):
    data = PairedData(Brought(40), resolution=16, batch_size=2, seed=0, direction="b2a")
    scores = prepared(tmp_path, data, Linear())
    samples = answers(data)
    samples["b2a"] = samples["b2a"]._replace(output=real(data.sides("test").a))
    assert scored(scores, samples)["fid_linear"] == pytest.approx(0, abs=1e-5)


def test_unlabelled_data_have_no_classifier_and_the_log_says_what_needs_no_labels(tmp_path, caplog):
    caplog.set_level("INFO", "gan_lightning")
    scores = prepared(tmp_path, both_ways(Brought(4)), ClassifierExtractor(str(tmp_path), images=1000, seed=0))
    assert not [name for name in scores.names if name.startswith("fid")]
    assert (scores.monitor, "extractor" in scores.protocol) == ("l1", False)
    assert "data have no labels; metrics=paired_inception and metrics=unpaired_inception need no labels" in caplog.text


@pytest.mark.parametrize(("n", "warnings"), [(6, 2), (24, 0)])
def test_fid_of_few_pictures_is_reported_with_a_warning(tmp_path, caplog, n, warnings):
    """The published values are of that kind: facades has 106 held-out pairs, Inception 2,048 features."""
    data = both_ways(Brought(n))
    value = scored(prepared(tmp_path, data, Linear()), answers(data))["fid_linear"]
    assert np.isfinite(value)
    assert caplog.text.count("fid_linear is of") == warnings


# --- LPIPS ---


@pytest.fixture
def no_download(tmp_path, monkeypatch) -> Path:
    """An empty folder in place of torch's own for downloads, and a failure in place of every download."""

    def fetched(*_: object, **__: object) -> None:
        pytest.fail("something was fetched")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", fetched)
    monkeypatch.setattr(torch.hub, "download_url_to_file", fetched)
    monkeypatch.setattr(torchvision.models._api, "load_state_dict_from_url", fetched)
    return tmp_path / "hub" / "checkpoints"


@pytest.fixture(scope="module")
def alexnet() -> torch.nn.Module:
    torch.manual_seed(0)
    return torchvision.models.alexnet(weights=None)


@pytest.fixture
def with_alexnet(no_download, monkeypatch, alexnet) -> None:
    """Weights of LPIPS's AlexNet seem to be there; they are random."""
    no_download.mkdir(parents=True)
    (no_download / ALEXNET).write_bytes(b"")
    monkeypatch.setattr(torchvision.models, "alexnet", lambda **_: alexnet)


def test_lpips_is_left_out_and_nothing_fetched_without_its_weights(tmp_path, monkeypatch, no_download):
    monkeypatch.setattr(torchvision.models, "alexnet", lambda **_: pytest.fail("AlexNet was built"))
    assert "lpips" not in prepared(tmp_path, both_ways(Brought(4), resolution=32)).names


@pytest.mark.parametrize("channels", [(3, 1), (2, 4)])
def test_lpips_is_zero_for_equal_pictures_of_any_channels(tmp_path, with_alexnet, channels):
    data = both_ways(Brought(3, channels), resolution=32)
    scores, samples = prepared(tmp_path, data), answers(data)
    assert {"lpips", "lpips_a2b", "lpips_b2a"} <= set(scores.names)
    assert scored(scores, samples, batch=2)["lpips"] > 1e-4
    equal = {name: sample._replace(output=sample.target) for name, sample in samples.items()}
    assert scored(scores, equal)["lpips"] == pytest.approx(0, abs=1e-6)


def test_lpips_is_told_apart_by_direction_and_does_not_depend_on_the_batch_size(tmp_path, with_alexnet):
    data = both_ways(Brought(5), resolution=32)
    scores, samples = prepared(tmp_path, data), answers(data)
    values = scored(scores, {**samples, "a2b": samples["a2b"]._replace(output=samples["a2b"].target)})
    assert values["lpips_a2b"] == pytest.approx(0, abs=1e-6)
    assert values["lpips_b2a"] > 1e-4
    assert values["lpips"] == pytest.approx(values["lpips_b2a"] / 2)
    assert scored(scores, samples, batch=1)["lpips"] == pytest.approx(scored(scores, samples)["lpips"], rel=1e-4)


def test_pictures_that_alexnet_cannot_take_have_no_lpips(tmp_path, with_alexnet):
    """It halves them away below 31 pixels."""
    assert "lpips" in prepared(tmp_path, both_ways(Brought(2), resolution=31)).names
    data = both_ways(Brought(2), resolution=30)
    scores = prepared(tmp_path, data)
    assert "lpips" not in scores.names
    scored(scores, answers(data))


def test_fetching_lpips_as_torchvision_would_is_noticed(no_download):
    with pytest.raises(pytest.fail.Exception, match="fetched"):
        torchvision.models.alexnet(weights=torchvision.models.AlexNet_Weights.IMAGENET1K_V1)
