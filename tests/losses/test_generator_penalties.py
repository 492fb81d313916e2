"""Penalties on the generator against closed forms."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gan_lightning.losses import ModeSeeking


class Linear(nn.Module):
    """Images that are a linear function of noise, brighter with the condition."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 12, generator=torch.Generator().manual_seed(0)))

    def forward(self, z: Tensor, condition: Tensor) -> Tensor:
        return (z @ self.weight + condition[:, None]).unflatten(1, (3, 2, 2))


def test_mode_seeking_is_the_inverse_ratio_of_the_distances_under_one_condition() -> None:
    generator, condition = Linear().double(), torch.tensor([0.0, 5.0, 1.0, 0.0])
    z = torch.randn(4, 5, generator=torch.Generator().manual_seed(1)).double()
    image = generator(z, condition)
    value = ModeSeeking(weight=3.0)(generator, z, condition, image)
    noise, weight = z.numpy(), generator.weight.detach().numpy()
    steps = np.array([noise[i] - noise[(i + 1) % 4] for i in range(4)])
    ratio = np.abs(steps @ weight).mean() / np.abs(steps).mean()  # conditions cancel
    assert value.item() == pytest.approx(3 / (ratio + 1e-5), rel=1e-12)
    value.backward()
    assert (generator.weight.grad * generator.weight).sum() < 0  # larger weights, images further apart


def test_images_that_are_all_the_same_cost_the_most_and_stay_finite() -> None:
    generator = Linear()
    nn.init.zeros_(generator.weight)
    z = torch.randn(4, 5)
    assert ModeSeeking()(generator, z, torch.zeros(4), generator(z, torch.zeros(4))).item() == pytest.approx(1e5)
