"""Networks that read sequences."""

import pytest
import torch
from torch.nn import functional as F

from gan_lightning.errors import SettingError
from gan_lightning.networks import ConvolutionalReader, RecurrentReader
from gan_lightning.tokens import written


@pytest.mark.parametrize("end", [0, None])
def test_a_token_is_judged_by_those_up_to_it(end) -> None:
    reader = RecurrentReader(num_tokens=4, length=5, end=end, embedding=3, hidden=6)
    token = torch.tensor([[1, 2, 3, 0, 0], [1, 2, 1, 3, 2]])
    logits = reader(token).logits
    assert torch.allclose(logits[0, :2], logits[1, :2])
    assert not torch.allclose(logits[0, 2], logits[1, 2])
    assert torch.equal(logits != 0, written(token, end))
    assert torch.allclose(reader(F.one_hot(token, 4).float()).logits, logits, atol=1e-6)


def test_filters_see_so_many_tokens_in_a_row() -> None:
    reader = ConvolutionalReader(num_tokens=4, length=5, embedding=3, filters=[[1, 8], [2, 8], [9, 8]])
    token = torch.tensor([[1, 2, 1, 3, 3]])
    assert reader.feature_dim == 16  # nine tokens are more than there are
    found = torch.cat([filters(reader.embedding(token).mT).relu().amax(2) for filters in reader.filters], 1)
    gate = reader.gate(found).sigmoid()
    features = gate * reader.transform(found).relu() + (1 - gate) * found
    assert torch.allclose(reader(token).logits, reader.head(features))
    with pytest.raises(SettingError, match="filters: are 9 tokens wide, and the sequences have 5"):
        ConvolutionalReader(4, 5, 3, [[9, 8]])
    with pytest.raises(SettingError, match=r"filters: \[2\] is not a width and a number, both from 1"):
        ConvolutionalReader(4, 5, 3, [[2]])
