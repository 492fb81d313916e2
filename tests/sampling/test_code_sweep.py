"""The same noise under every value of a code."""

from dataclasses import replace

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.sampling.code_sweep import CodeSweep
from gan_lightning.sampling.samplers import Plain
from gan_lightning.sampling.showing import run


def test_along_a_row_one_code_changes_and_nothing_else(task):
    asked = task("model=infogan", "conditioning=none", "network.generator.latent_dim=9", "model.prior.codes=[3,1]")
    model = asked.ensemble.members[0]
    seen = []
    model.synthesise = lambda w, condition: seen.append(w) or torch.zeros(len(w), 3, 16, 16)
    sentence = run(CodeSweep(rows=2, steps=4, extent=2.0), asked, Plain())
    assert sentence.startswith("16 images in ")
    assert "2 rows for each of 2 codes" in sentence
    z, first = torch.cat(seen).view(2, 2, 4, 9), model.noise_at(torch.arange(2), asked.seed)
    assert torch.equal(z[..., :5], first[None, :, None, :5].expand(2, -1, 4, -1))
    assert torch.equal(z[0, ..., 5:8].argmax(-1), torch.tensor([0, 1, 2, 2]).expand(2, -1))
    assert torch.equal(z[0, ..., 8], first[:, None, 8].expand(-1, 4))
    assert torch.equal(z[1, ..., 5:8], first[:, None, 5:8].expand(-1, 4, -1))
    assert torch.allclose(z[1, ..., 8], torch.linspace(-2, 2, 4).expand(2, -1))
    with pytest.raises(SettingError, match=r"show.rows=900, 2 codes of 900 columns: 1,620,000 images side by side"):
        run(CodeSweep(900, 900, 2.0), replace(asked, folder=asked.folder / "other"), Plain())
    with pytest.raises(SettingError, match=r"show=codes: this checkpoint's noise has no codes"):
        run(CodeSweep(2, 4, 2.0), task(folder=asked.folder / "other"), Plain())
