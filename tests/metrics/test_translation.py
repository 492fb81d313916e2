"""Scores of translations against numpy and scipy, both ways and one way, and which of them there are."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from extractors import Linear
from scipy.ndimage import gaussian_filter
from torch import Tensor

from gan_lightning.batch import Translation
from gan_lightning.callbacks import Evaluation
from gan_lightning.data import (
    AvatarAttribute,
    FakeSides,
    Images,
    PairedData,
    Sides,
    SidesSource,
    TensorImages,
    UnpairedData,
)
from gan_lightning.errors import SettingError
from gan_lightning.metrics import ClassifierExtractor, Extractor, TranslationScores

ALEXNET = "alexnet-owt-7be5be79.pth"


class Brought(SidesSource):
    """The test's own pictures: those of a are dark, those of b bright, and every split has others."""

    def __init__(self, n: int, channels: tuple[int, int] = (3, 3), truth: bool = True) -> None:
        self.n, self.channels, self.truth = n, channels, truth

    def load(self, split: str, size: tuple[int, int]) -> Sides:
        random = torch.Generator().manual_seed(sum(split.encode()))
        dark, bright = (0, 128), (100, 256)

        def pictures(channels: int, shades: tuple[int, int]) -> TensorImages:
            shape = (self.n, channels, *size)
            return TensorImages(torch.randint(*shades, shape, dtype=torch.uint8, generator=random), {}, None, [])

        a, b = pictures(self.channels[0], dark), pictures(self.channels[1], bright)
        if not self.truth:
            return Sides(a, b, None, None, paired=False)
        return Sides(a, b, pictures(self.channels[1], bright), pictures(self.channels[0], dark), paired=False)


def both_ways(source: SidesSource, resolution: int = 16) -> UnpairedData:
    return UnpairedData(source, resolution=resolution, batch_size=2, seed=0)


def one_way(direction: str, channels: tuple[int, int] = (3, 3)) -> PairedData:
    source = FakeSides(12, *channels, paired=True)
    return PairedData(source, resolution=16, batch_size=2, seed=0, direction=direction)


def prepared(
    tmp_path: Path,
    data: UnpairedData | PairedData,
    extractor: Extractor | None = None,
    split: str = "test",
    monitor: str | None = None,
) -> TranslationScores:
    scores = TranslationScores(str(tmp_path), split, monitor, extractor=extractor)
    assert scores.prepare(data)
    return scores


def real(images: Images) -> Tensor:
    """All pictures, in [-1, 1]."""
    return images.pixels(list(range(len(images)))).float() / 127.5 - 1


def blurred(image: Tensor) -> Tensor:
    """What a bad translator might make of it; not all of it can be held in 8 bits, or in [-1, 1]."""
    random = torch.Generator().manual_seed(1)
    return image * 1.1 + 0.3 * torch.randn(image.shape, generator=random)


def answers(data: UnpairedData | PairedData) -> dict[str, Translation]:
    """By direction, a bad translation of every held-out picture, and a bad way back."""
    found = {}
    for held in data.examples(10_000):
        output = blurred(real(data.sides("test").b if held.route.name == "a2b" else data.sides("test").a))
        output = output if held.target is None else blurred(held.target)
        back = None if isinstance(data, PairedData) else blurred(held.source)
        found[held.route.name] = Translation(held.route, held.number, held.source, output, held.target, back)
    return found


def parts(sample: Translation, batch: int) -> list[Translation]:
    columns = [
        [None] * len(sample.number) if column is None else column.split(batch)
        for column in (sample.number, sample.source, sample.output, sample.target, sample.back)
    ]
    return [Translation(sample.route, *row) for row in zip(*columns, strict=False)]


def scored(scores: TranslationScores, samples: dict[str, Translation], batch: int = 5) -> dict[str, float]:
    scores.reset(torch.device("cpu"))
    for sample in samples.values():
        for part in parts(sample, batch):
            scores.update(part)
    values = scores.compute()
    assert list(values) == scores.names
    return values


def as_read(image: Tensor) -> np.ndarray:
    """A picture after it was written to a file of 8 bits and read again."""
    levels = np.clip(np.rint((image.double().numpy() + 1) * 127.5), 0, 255)
    return levels / 127.5 - 1


# --- against the truth ---


@pytest.mark.parametrize("channels", [(3, 3), (1, 3), (4, 2)])
def test_l1_and_psnr_equal_numpy_in_each_direction(tmp_path, channels):
    data = both_ways(Brought(7, channels))
    samples = answers(data)
    values = scored(prepared(tmp_path, data), samples)
    for direction, sample in samples.items():
        difference = as_read(sample.output) - sample.target.double().numpy()
        assert values[f"l1_{direction}"] == pytest.approx(np.abs(difference).mean(), rel=1e-5)
        psnr = 10 * np.log10(2**2 / (difference**2).mean())
        assert values[f"psnr_{direction}"] == pytest.approx(psnr, rel=1e-5)
    assert values["l1_a2b"] != pytest.approx(values["l1_b2a"], rel=1e-3)


def test_the_order_of_pixels_in_memory_changes_no_score(tmp_path):
    data = both_ways(Brought(7))
    samples = answers(data)
    scores = prepared(tmp_path, data)
    usual = scored(scores, samples)
    turned = {
        name: sample._replace(
            output=sample.output.contiguous(memory_format=torch.channels_last),
            back=sample.back.contiguous(memory_format=torch.channels_last),
        )
        for name, sample in samples.items()
    }
    assert scored(scores, turned) == pytest.approx(usual, rel=1e-5)


def ssim(x: np.ndarray, y: np.ndarray) -> float:
    """Wang et al. 2004, equation 13, with a window of 11 x 11 and of sigma 1.5 over mirrored borders."""

    def window(image: np.ndarray) -> np.ndarray:
        return gaussian_filter(image, (0, 0, 1.5, 1.5), radius=(0, 0, 5, 5), mode="mirror")

    c1, c2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
    mean_x, mean_y = window(x), window(y)
    var_x, var_y, cov = window(x * x) - mean_x**2, window(y * y) - mean_y**2, window(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + c1) * (2 * cov + c2) / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))
    return float(likeness.mean())


@pytest.mark.parametrize("channels", [(3, 3), (1, 2)])
def test_ssim_equals_scipy(tmp_path, channels):
    data = both_ways(Brought(5, channels), resolution=24)
    samples = answers(data)
    values = scored(prepared(tmp_path, data), samples)
    for direction, sample in samples.items():
        expected = ssim(as_read(sample.output), sample.target.double().numpy())
        assert 0.1 < expected < 0.95
        assert values[f"ssim_{direction}"] == pytest.approx(expected, abs=1e-5)


def test_outputs_are_rounded_as_a_file_would_hold_them(tmp_path):
    data = both_ways(Brought(4))
    nearly = {
        name: sample._replace(output=sample.target + 0.9 / 255, back=sample.source - 0.9 / 255)
        for name, sample in answers(data).items()
    }
    values = scored(prepared(tmp_path, data), nearly)
    assert values["l1"] == pytest.approx(0, abs=1e-6)
    assert values["cycle_l1"] == pytest.approx(0, abs=1e-6)
    further = {name: sample._replace(output=sample.target + 1.1 / 255) for name, sample in nearly.items()}
    assert scored(prepared(tmp_path, data), further)["l1"] == pytest.approx(2 / 255, rel=0.05)


def test_copying_is_the_score_of_the_source_and_the_way_back_is_compared_with_it(tmp_path):
    data = both_ways(Brought(6))
    samples = answers(data)
    values = scored(prepared(tmp_path, data), samples)
    for direction, sample in samples.items():
        copied = (sample.source - sample.target).abs().mean()
        assert values[f"copy_l1_{direction}"] == pytest.approx(float(copied), rel=1e-5)
        cycled = np.abs(as_read(sample.back) - sample.source.numpy()).mean()
        assert values[f"cycle_l1_{direction}"] == pytest.approx(cycled, rel=1e-5)


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


# --- attributes ---


@pytest.fixture(scope="module")
def avatars(cache_dir: Path) -> tuple[TranslationScores, UnpairedData]:
    """Faces with dark and with red hair, and a classifier that knows them."""
    source = AvatarAttribute(
        *(str(cache_dir), "pixel-art", "hair_color", "#28150a", "#bd1700"), num_train=200, num_test=66
    )
    data = both_ways(source, resolution=32)
    return prepared(cache_dir, data, ClassifierExtractor(str(cache_dir), images=15000, seed=0)), data


def translated(data: UnpairedData, chosen: str) -> dict[str, Translation]:
    """Every held-out face, translated to its `target`, or to its `source`: not at all."""
    return {
        held.route.name: Translation(*held[:3], getattr(held, chosen), held.target, held.source)
        for held in data.examples(10_000)
    }


def test_true_targets_change_what_they_should_and_keep_the_rest(avatars):
    scores, data = avatars
    values = scored(scores, translated(data, "target"))
    tables = scores.detail
    assert set(tables) == {"a2b", "b2a", "swd_by_level"}
    for direction in ("a2b", "b2a"):
        table = tables[direction]
        assert set(table) == set(data.sides("test").a.attributes)
        assert all(shares["output"] == shares["target"] for shares in table.values())
        assert values[f"changed_{direction}"] == table["hair_color"]["target"] > 0.95
        others = [shares["target"] for name, shares in table.items() if name != "hair_color"]
        assert values[f"kept_{direction}"] == pytest.approx(np.mean(others))
        assert values[f"gap_{direction}"] == 0
    assert values["l1"] == pytest.approx(0, abs=1e-6)


def test_sources_as_outputs_change_nothing(avatars):
    scores, data = avatars
    true, copied = (scored(scores, translated(data, chosen)) for chosen in ("target", "source"))
    assert copied["changed"] < 0.05
    assert copied["kept"] == pytest.approx(true["kept"], abs=0.05)
    assert copied["gap"] == pytest.approx(true["changed"] - copied["changed"], abs=0.05)
    assert copied["l1"] == pytest.approx(copied["copy_l1"])
    assert copied["fid_classifier"] > 2 * true["fid_classifier"]


def test_attributes_are_those_of_the_picture_with_the_number(avatars):
    scores, data = avatars
    samples = translated(data, "target")
    right = scored(scores, samples)["kept"]
    moved = {name: sample._replace(number=sample.number.roll(1)) for name, sample in samples.items()}
    assert scored(scores, moved)["kept"] < right - 0.2
    backwards = {
        name: Translation(sample.route, *(None if column is None else column.flip(0) for column in sample[1:]))
        for name, sample in samples.items()
    }
    assert scored(scores, backwards)["kept"] == pytest.approx(right)


def test_a_line_of_the_run_folder_holds_scores_table_and_protocol(avatars, tmp_path):
    scores, data = avatars
    recorded: dict[str, Any] = {}
    model: Any = SimpleNamespace(
        device=torch.device("cpu"), images_seen=7, record=lambda values, shown: recorded.update(values)
    )
    trainer: Any = SimpleNamespace(is_global_zero=True)
    evaluation = Evaluation(scores, str(tmp_path))
    for _ in range(2):
        evaluation.on_validation_epoch_start(trainer, model)
        for sample in translated(data, "source").values():
            evaluation.on_validation_batch_end(trainer, model, sample, None, 0)
        evaluation.on_validation_epoch_end(trainer, model)
    first, second = (json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines())
    assert first == second
    assert first["images_seen"] == 7
    assert {name: first[name] for name in scores.names} == recorded
    assert first["a2b"]["hair_color"]["output"] == first["changed_a2b"]
    assert first["protocol"]["extractor"] == "classifier"
