"""WGAN-GP's residual networks: their size, their start, and each block against its formula."""

from math import sqrt

import numpy as np
import pytest
import torch
from configured import build
from formulas import batch_norm, count, down, draw, layer_norm, relu, up
from torch import nn

from gan_lightning.networks import (
    ConditionalBatchNorm,
    GeneratorBatchNorm,
    GlobalMeanPool,
    GlobalSumPool,
)


def test_the_last_norm_of_a_resnet_never_hears_the_label() -> None:
    conditional, _ = build("resnet", conditioning="projection", resolution=32)
    assert isinstance(conditional.norm, GeneratorBatchNorm)
    assert isinstance(conditional.blocks[0].norm1, ConditionalBatchNorm)


def test_resnet_has_the_size_of_wgan_gps_networks() -> None:
    generator, critic = build("resnet", resolution=32, width=128)
    conv3, conv1, norm = 128 * 128 * 9 + 128, 128 * 128 + 128, 2 * 128
    up, down, plain = 2 * (norm + conv3) + conv1, 2 * conv3 + conv1, 2 * conv3
    first = (3 * 128 * 9 + 128) + conv3 + (3 * 128 + 128)
    assert count(generator) == (128 * 2048 + 2048) + 3 * up + norm + (128 * 3 * 9 + 3)
    assert count(critic) == first + down + 2 * plain + (128 + 1)


def test_resnet_starts_from_he_weights_but_plain_ones_in_shortcut_and_output() -> None:
    generator, critic = build("resnet", width=32)
    layers = {**dict(generator.named_modules()), **dict(critic.blocks.named_modules())}
    layers = {name: m for name, m in layers.items() if isinstance(m, nn.Conv2d) or name == "to_map"}
    assert len(layers) == 1 + 2 * 3 + 1 + 3 + 2 * 2
    for name, layer in layers.items():
        gain = sqrt(2) if name.endswith(("conv1", "conv2")) else 1
        area = layer.weight[0, 0].numel()
        variance = gain**2 * 2 / (area * sum(layer.weight.shape[:2]))
        bound = sqrt(3 * variance)  # of the uniform distribution with this variance
        # Within four standard errors; a uniform variable's square varies by 2 / sqrt(5) of its mean.
        tolerance = 4 * 2 / sqrt(5) / sqrt(layer.weight.numel())
        assert layer.weight.square().mean().item() == pytest.approx(variance, rel=tolerance), name
        assert 0.95 * bound < layer.weight.abs().max() <= bound, name
        assert (layer.bias == 0).all(), name


def test_resnets_blocks_compute_the_papers_in_the_papers_order() -> None:
    generator, critic = build("resnet", critic_norm="layer", resolution=32)
    for layer in (*generator.modules(), *critic.modules()):
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            nn.init.normal_(layer.bias)
    x, image = draw(3, 4, 8, 8), draw(3, 3, 8, 8)

    block = generator.blocks[0]
    residual = block.conv2(relu(batch_norm(block.conv1(up(relu(batch_norm(x)))))))
    torch.testing.assert_close(block(x, torch.zeros(3)), block.shortcut(up(x)) + residual, rtol=1e-4, atol=1e-5)

    first, downwards, plain = critic.blocks[:3]
    expected = first.shortcut(down(image)) + down(first.conv2(relu(first.conv1(image))))
    torch.testing.assert_close(first(image), expected, rtol=1e-4, atol=1e-5)
    inner = downwards.block
    residual = inner.conv2(relu(layer_norm(inner.conv1(relu(layer_norm(x))))))
    torch.testing.assert_close(downwards(x), down(downwards.shortcut(x) + residual), rtol=1e-4, atol=1e-5)
    residual = plain.conv2(relu(layer_norm(plain.conv1(relu(layer_norm(x))))))
    torch.testing.assert_close(plain(x), x + residual, rtol=1e-4, atol=1e-5)


def test_poolings_are_mean_and_sum_over_the_pixels() -> None:
    x = draw(2, 3, 4, 4)
    np.testing.assert_allclose(GlobalMeanPool()(x), x.numpy().reshape(2, 3, 16).mean(2), rtol=1e-4)
    np.testing.assert_allclose(GlobalSumPool()(x), x.numpy().reshape(2, 3, 16).sum(2), rtol=1e-4)
