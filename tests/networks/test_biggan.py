"""BigGAN's generator: which number of the noise reaches which block, and the shared embedding."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from formulas import draw
from torch import Tensor

from gan_lightning.networks import BigGANGenerator
from gan_lightning.networks.layers.embedding import Embedding, OneHot, SharedEmbedding


def test_biggan_has_twenty_numbers_of_noise_for_each_block_and_for_the_first_layer(build: Callable[..., Any]) -> None:
    with torch.device("meta"):
        lengths = [build("model=biggan", "network.width=2", side=side)[0].latent_dim for side in (32, 128, 256)]
    assert lengths == [80, 120, 140]  # 120 and 140 are the paper's


def seen_by_blocks(generator: BigGANGenerator, z: Tensor) -> tuple[Tensor, list[Tensor]]:
    """What the first layer makes of noise, and the conditions that the blocks get."""
    conditions: list[Tensor] = []
    hooks = [
        block.register_forward_pre_hook(lambda _, given: conditions.append(given[1])) for block in generator.blocks
    ]
    made: list[Tensor] = []
    hooks.append(generator.to_map.register_forward_hook(lambda _, __, output: made.append(output)))
    generator(z, torch.zeros(len(z), dtype=torch.long))
    for hook in hooks:
        hook.remove()
    return made[0], conditions


@pytest.mark.parametrize("changed", [0, 1, 2, 3])
def test_a_chunk_of_the_noise_reaches_only_its_block(changed: int, build: Callable[..., Any]) -> None:
    generator, _ = build("model=biggan", "network.width=2", side=32)
    generator.eval()
    z = draw(2, 80)
    other = z.clone()
    other[:, 20 * changed : 20 * (changed + 1)] += 1
    (first, blocks), (other_first, other_blocks) = seen_by_blocks(generator, z), seen_by_blocks(generator, other)
    assert torch.equal(first, other_first) == (changed != 0)
    assert [torch.equal(*pair) for pair in zip(blocks, other_blocks, strict=True)] == [
        number != changed for number in (1, 2, 3)
    ]


def test_one_embedding_is_shared_by_all_norms_and_starts_orthogonal(build: Callable[..., Any]) -> None:
    generator, _ = build("model=biggan", "network.width=2", classes=5)
    (embedding,) = (module for module in generator.modules() if isinstance(module, Embedding))
    weight = embedding.weight.detach()
    torch.testing.assert_close(weight @ weight.T, torch.eye(5), rtol=1e-4, atol=1e-5)
    convolution = generator.blocks[0].conv1.parametrizations.weight.original.detach().flatten(1)
    torch.testing.assert_close(convolution @ convolution.T, torch.eye(len(convolution)), rtol=1e-4, atol=1e-5)
    assert SharedEmbedding(OneHot(5), 7)(torch.tensor([0, 4])).shape == (2, 7)
