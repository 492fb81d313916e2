"""Scores of a direction of a translation against NumPy and SciPy."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from translation_scoring import Brought, answers, as_read, both_ways, prepared, scored


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
