"""Every score of processes with unequal shares, one of them without any sample, equals that of one process."""

from inspect import isabstract

import pytest
import shares
import torch

from gan_lightning import metrics


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    batches = list(torch.arange(shares.SAMPLES).split(shares.SAMPLES))
    return shares.work(str(tmp_path_factory.mktemp("alone")), batches)


@pytest.mark.parametrize("world_size", [1, 2, 3, 4, 5])
def test_scores_of_uneven_shares_equal_those_of_one_process(expected, tmp_path, world_size):
    split = [shares.share(rank, world_size) for rank in range(world_size)]
    assert sorted(number for batches in split for part in batches for number in part.tolist()) == list(
        range(shares.SAMPLES)
    )
    assert world_size == 1 or not split[-1]
    found = shares.together(world_size, tmp_path)
    for member in found:
        assert member == found[0]
    assert found[0].keys() == expected.keys()
    for name, values in expected.items():
        assert found[0][name] == pytest.approx(values, rel=1e-5, abs=1e-7), name


def test_every_kind_of_score_is_compared(expected):
    kinds = [getattr(metrics, name) for name in metrics.__all__]
    kinds = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, metrics.Scores)]
    assert len([kind for kind in kinds if not isabstract(kind)]) == len(
        expected.keys() - {"kid", "swd", "others", "attributes", "captions"}
    )
    single = [kind for kind in metrics.__dict__.values() if isinstance(kind, type) and issubclass(kind, metrics.Score)]
    used = {type(score) for score in shares.others().values()}
    used |= {
        metrics.CaptionAccuracy,
        metrics.FrechetDistance,
        metrics.InceptionScore,
        metrics.KernelDistance,
        metrics.SlicedWasserstein,
    }
    assert used == {kind for kind in single if not isabstract(kind)}
    assert {"kid_linear"} == expected["kid"].keys()
    assert {"fid_linear", "is_linear", "swd"} == expected["noise"].keys()
    assert {"validity", "self_bleu", "ngram_3", "nll_test"} <= expected["sequences"].keys()
    assert 0 < expected["sequences"]["validity"] < 1
    assert {"l1_a2b", "psnr_b2a", "ssim", "copy_l1", "cycle_l1", "fid_linear_b2a"} <= expected["unpaired"].keys()
