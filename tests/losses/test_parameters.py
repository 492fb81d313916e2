"""Terms and constraints on parameters."""

import numpy as np
import pytest
import torch
from scipy.stats import ortho_group
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.losses import HistoricalAveraging, OrthogonalRegularisation, WeightClipping


def test_clipping_bounds_every_parameter_in_place_and_leaves_small_ones() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 1))
    for tensor in (*network.parameters(), network[1].running_var):
        nn.init.normal_(tensor, std=0.02)
    before = {name: tensor.clone().numpy() for name, tensor in network.state_dict().items()}
    parameters = list(network.parameters())
    addresses = [p.data_ptr() for p in parameters]

    WeightClipping(0.01)(network)

    clipped = {name for name, _ in network.named_parameters()}
    for name, tensor in network.state_dict().items():
        expected = np.clip(before[name], np.float32(-0.01), np.float32(0.01)) if name in clipped else before[name]
        np.testing.assert_array_equal(tensor.numpy(), expected)
    assert all(new is old for new, old in zip(network.parameters(), parameters, strict=True))
    assert [p.data_ptr() for p in parameters] == addresses
    assert all(p.requires_grad and p.is_leaf for p in parameters)
    assert len(torch.cat([p.detach().flatten() for p in parameters]).unique()) > 2  # small ones kept their values


@pytest.mark.parametrize("bound", [0.0, -0.01])
def test_a_bound_that_is_not_positive_is_refused(bound: float) -> None:
    with pytest.raises(SettingError, match=f"bound={bound}:"):
        WeightClipping(bound)


def linear(weight: np.ndarray) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight.data = torch.tensor(weight, dtype=torch.float64)
    return layer


def test_orthogonal_filters_of_any_norm_cost_nothing() -> None:
    rows = np.diag([0.1, 1, 20]) @ ortho_group.rvs(5, random_state=0)[:3]
    assert OrthogonalRegularisation(1.0)(linear(rows)).item() == pytest.approx(0, abs=1e-24)


def test_orthogonality_of_two_filters_by_hand() -> None:
    layer = linear(np.array([[1.0, 2.0], [3.0, 4.0]]))
    value = OrthogonalRegularisation(0.5)(layer)
    # <(1, 2), (3, 4)> = 11 stands twice in the Gram matrix.
    assert value.item() == pytest.approx(0.5 * 2 * 11**2)
    value.backward()
    # d/dw1 of weight * 2 <w1, w2>^2 is weight * 4 <w1, w2> w2.
    np.testing.assert_allclose(layer.weight.grad, 0.5 * 4 * 11 * np.array([[3.0, 4.0], [1.0, 2.0]]))


def test_filters_are_output_channels_of_either_convolution() -> None:
    filters = np.random.default_rng(0).standard_normal((4, 2, 3, 3))
    convolution, transposed = nn.Conv2d(2, 4, 3), nn.ConvTranspose2d(2, 4, 3)
    convolution.weight.data = torch.tensor(filters)
    transposed.weight.data = torch.tensor(filters).transpose(0, 1).contiguous()
    expected = sum((filters[i] * filters[j]).sum() ** 2 for i in range(4) for j in range(4) if i != j)
    term = OrthogonalRegularisation(1.0)
    assert term(convolution).item() == pytest.approx(expected)
    assert term(transposed).item() == pytest.approx(expected)


def test_layers_add_up_while_biases_gains_and_embeddings_are_left_alone() -> None:
    weight = np.array([[1.0, 2.0], [3.0, 4.0]])
    network = nn.ModuleList([linear(weight), linear(10 * weight), nn.BatchNorm2d(2), nn.Embedding(3, 2)])
    value = OrthogonalRegularisation(1.0)(network)
    assert value.item() == pytest.approx((1 + 10**4) * 2 * 11**2)
    value.backward()
    touched = {name for name, p in network.named_parameters() if p.grad is not None}
    assert touched == {"0.weight", "1.weight"}


def test_historical_averaging_equals_an_explicit_history() -> None:
    rng = np.random.default_rng(0)
    network = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    term = HistoricalAveraging(weight=0.3)
    history: list[np.ndarray] = []
    for _ in range(6):
        for parameter in network.parameters():
            parameter.data = torch.tensor(rng.standard_normal(parameter.shape))
        history.append(np.concatenate([p.detach().numpy().ravel() for p in network.parameters()]))
        term.watch(network)
        gap = history[-1] - np.mean(history, axis=0)
        for _ in range(2):  # the second as for another batch of the same update
            value = term(network)
            assert value.item() == pytest.approx(0.3 * (gap**2).sum(), rel=1e-12, abs=1e-24)
        network.zero_grad()
        value.backward()
        slope = torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])
        np.testing.assert_allclose(slope, 0.3 * 2 * gap, rtol=1e-12, atol=1e-12)


def test_historical_averaging_goes_on_with_its_state() -> None:
    network = nn.Linear(3, 2)
    first, second = HistoricalAveraging(1.0), HistoricalAveraging(1.0)
    for _ in range(3):
        first.watch(network)
        torch.nn.init.normal_(network.weight)
    second.watch(network)  # when the model is built again
    second.load_state_dict(first.state_dict())
    for term in (first, second):
        term.watch(network)
    assert first(network).item() == second(network).item() > 0


def test_a_negative_weight_of_historical_averaging_is_refused() -> None:
    with pytest.raises(SettingError, match="historical_averaging.weight=-1:"):
        HistoricalAveraging(-1)


def test_orthogonal_rows_cost_nothing_and_the_authors_gradient_is_half_of_ours() -> None:
    layer = nn.Linear(4, 3, bias=False).double()
    nn.init.orthogonal_(layer.weight)
    term = OrthogonalRegularisation(1.0)
    assert term(layer).item() == pytest.approx(0, abs=1e-24)
    with torch.no_grad():
        layer.weight.mul_(torch.tensor([[2.0], [0.1], [5.0]]))
    assert term(layer).item() == pytest.approx(0, abs=1e-24)
    nn.init.normal_(layer.weight)
    term(layer).backward()
    w = layer.weight.detach()
    authors = 2 * ((w @ w.T) * (1 - torch.eye(3))) @ w
    torch.testing.assert_close(layer.weight.grad, 2 * authors)
