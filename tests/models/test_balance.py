"""Which player waits, so that the other one does not win at once."""

import pytest
import torch
from torch.nn import functional as F

from gan_lightning.models import BalanceGate


@pytest.mark.parametrize(
    ("real", "fake", "waiting"),
    [
        (0.2, 0.7, ["discriminator"]),
        (0.7, 0.2, ["discriminator"]),
        (0.7, 1.1, ["generator"]),
        (1.1, 0.7, ["generator"]),
        (0.7, 0.7, []),
        (0.2, 1.1, []),  # both would wait
    ],
)
def test_the_one_who_is_ahead_waits(real, fake, waiting):
    waits = BalanceGate()(torch.tensor([real, fake]))
    assert [name for name, flag in waits._asdict().items() if flag] == waiting


def test_the_gate_measures_cross_entropies():
    on_real, on_fake = torch.randn(2, 7, 1)
    bce = F.binary_cross_entropy_with_logits
    expected = [bce(on_real, torch.ones(7, 1)), bce(on_fake, torch.zeros(7, 1))]
    torch.testing.assert_close(BalanceGate.cross_entropies(on_real, on_fake), torch.stack(expected))
