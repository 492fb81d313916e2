"""Scores of sequences against what they say."""

from types import SimpleNamespace

import pytest
import torch

from gan_lightning.batch import Generated
from gan_lightning.data import Digits, ImageData, RandomLSTM, SequenceData
from gan_lightning.errors import SettingError
from gan_lightning.metrics import SequenceScores


@pytest.fixture
def data() -> SequenceData:
    return SequenceData(RandomLSTM(6, 4, size=400, hidden=4), batch_size=4, num_fake=40, seed=0)


def test_real_sequences_score_as_the_oracle_knows(data) -> None:
    scores = SequenceScores(num_fake=40)
    assert scores.prepare(data)
    assert scores.monitor == "nll_oracle"
    scores.reset(torch.device("cpu"))
    for part in torch.arange(40).flip(0).split(7):  # in any order
        scores.update(Generated(part, data.token[part], part))
    asked = []

    def oracle(token):
        asked.append(len(token))
        return -data.source.log_likelihood(token).sum(), torch.tensor(token.numel())

    scores.sample_from(SimpleNamespace(nll=oracle, device="cpu"))
    found = scores.compute()
    assert asked == [40]
    assert found == pytest.approx(dict(scores.references["real"]) | {"nll_test": found["nll_test"]})
    assert found["nll_oracle"] == pytest.approx(-data.source.log_likelihood(data.token[:40]).mean().item() / 4)
    assert found["nll_test"] == pytest.approx(-data.source.log_likelihood(data.held_out).mean().item() / 4)
    assert list(found) == scores.names


def test_a_generator_that_repeats_itself_is_likely_and_not_diverse(data) -> None:
    scores = SequenceScores(num_fake=40)
    scores.prepare(data)
    scores.reset(torch.device("cpu"))
    best = data.token[data.source.log_likelihood(data.token).argmax()]
    scores.update(Generated(torch.arange(40), best.expand(40, -1), torch.zeros(40)))
    scores.nll_test = 0.0
    found, real = scores.compute(), scores.references["real"]
    assert found["nll_oracle"] < real["nll_oracle"]
    assert found["self_bleu"] == pytest.approx(1)
    assert found["ngram_2"] > real["ngram_2"]


def test_what_cannot_be_scored_is_refused(data) -> None:
    with pytest.raises(SettingError, match="metrics.num_fake=1: samples are compared among themselves"):
        SequenceScores(num_fake=1)
    with pytest.raises(SettingError, match="metrics.monitor=fid: with these data there are nll_oracle, ngram_1"):
        SequenceScores(num_fake=4, monitor="fid").prepare(data)
    with pytest.raises(SettingError, match="metrics=sequences: .*holds images; choose metrics=classifier"):
        SequenceScores(num_fake=4).prepare(ImageData(Digits(), 16, 4, 4, 0))
