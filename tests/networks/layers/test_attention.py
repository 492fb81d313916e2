"""Self-attention against its formula."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks import Attention, SpectralNorm
from gan_lightning.networks.layers.attention import SelfAttention, attend, attention_behind
from gan_lightning.networks.layers.weighted import Layers


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_queries_read_the_softmax_mean_of_the_values_without_a_scale() -> None:
    query, key, value = draw(2, 5, 3), draw(2, 7, 3, seed=1), draw(2, 7, 4, seed=2)
    weights = np.exp(query.double().numpy() @ key.double().numpy().transpose(0, 2, 1))
    weights /= weights.sum(2, keepdims=True)
    np.testing.assert_allclose(attend(query, key, value), weights @ value.numpy(), rtol=1e-5, atol=1e-6)


def test_weights_of_a_query_add_up_to_one_and_the_order_of_keys_does_not_matter() -> None:
    query, key, value = draw(2, 5, 3), draw(2, 7, 3, seed=1), draw(2, 7, 4, seed=2)
    torch.testing.assert_close(attend(query, key, torch.ones(2, 7, 4)), torch.ones(2, 5, 4))
    order = torch.tensor([3, 0, 6, 2, 1, 5, 4])
    torch.testing.assert_close(attend(query, key[:, order], value[:, order]), attend(query, key, value))


def test_the_layer_is_the_identity_at_first_and_then_adds_what_the_formula_says() -> None:
    torch.manual_seed(0)
    layer = SelfAttention(16, Layers(), bias=True)
    for name, parameter in layer.named_parameters():
        if name.endswith("bias"):
            nn.init.normal_(parameter)
    x = draw(2, 16, 4, 6)
    assert torch.equal(layer(x), x)

    def by_hand(part: nn.Module) -> np.ndarray:
        weight = part.weight.detach().double().numpy()[:, :, 0, 0]
        return np.einsum("oc,bchw->bohw", weight, x.double().numpy()) + part.bias.detach().numpy()[:, None, None]

    def pooled(maps: np.ndarray) -> np.ndarray:
        return maps.reshape(*maps.shape[:2], 2, 2, 3, 2).max((3, 5)).reshape(*maps.shape[:2], -1)

    query, key, value = by_hand(layer.query).reshape(2, 2, -1), pooled(by_hand(layer.key)), pooled(by_hand(layer.value))
    weights = np.exp(np.einsum("bdn,bdm->bnm", query, key))
    weights /= weights.sum(2, keepdims=True)
    read = torch.from_numpy(np.einsum("bnm,bvm->bvn", weights, value).reshape(2, 8, 4, 6))
    layer.double()
    with torch.no_grad():
        layer.gain.fill_(0.7)
        torch.testing.assert_close(layer(x.double()), x.double() + 0.7 * layer.output(read), rtol=1e-5, atol=1e-6)


def test_attention_can_be_differentiated_twice() -> None:
    layer = SelfAttention(8, Layers(SpectralNorm()))
    nn.init.ones_(layer.gain)
    x = draw(1, 8, 4, 4).requires_grad_()
    (slope,) = torch.autograd.grad(layer(x).sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert layer.query.parametrizations.weight.original.grad.abs().sum() > 0


@pytest.mark.parametrize(("side", "place"), [(32, 1), (16, 1), (8, 2)])
def test_attention_is_once_behind_the_first_map_of_its_side_or_of_half_the_image(side: int, place: int) -> None:
    behind = attention_behind(Attention(side), 32, [32, 16, 8, 8], [8, 16, 32, 64], Layers())
    found = [i for i, module in enumerate(behind) if isinstance(module, SelfAttention)]
    assert found == [place]
    assert behind[place].output.out_channels == [8, 16, 32, 64][place]


def test_a_side_that_no_block_makes_is_refused() -> None:
    with pytest.raises(SettingError, match=r"network.attention.side=5: .* make maps of 8, 16, 32 pixels"):
        attention_behind(Attention(5), 32, [8, 0, 16, 32], [4, 4, 4, 4], Layers())
    with pytest.raises(SettingError, match=r"network.attention.side=0:"):
        Attention(0)
