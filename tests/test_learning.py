"""Training works: the distance to the real images falls."""

import json
from dataclasses import asdict

import lightning.pytorch as L
import pytest
import torch
from hydra.utils import instantiate

from gan_lightning.training import train

pytestmark = pytest.mark.long

DIGITS = ["dataset=digits", "network.width=8", "metrics.extractor.images=15000", "metrics.num_fake=500", "seed=1"]


def untrained_fid(config) -> float:
    L.seed_everything(config.seed, verbose=False)
    data = instantiate(config.dataset)
    config.spec = asdict(data.spec())
    scores = instantiate(config.metrics)
    scores.prepare(data)
    scores.reset(torch.device("cpu"))
    for query in data.val_dataloader():
        scores.update(instantiate(config.model).validation_step(query, 0))
    return scores.compute()["fid_classifier"]


def test_fid_of_digits_falls_by_half_and_more(composed, tmp_path):
    before = untrained_fid(composed(*DIGITS))
    best = train(composed(*DIGITS, "trainer.max_epochs=6"))
    fids = [json.loads(line)["fid_classifier"] for line in (tmp_path / "run" / "scores.jsonl").read_text().splitlines()]
    assert best == pytest.approx(min(fids))
    assert len(fids) == 6
    assert fids[-1] < before / 2
