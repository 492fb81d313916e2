"""The U-Net of pix2pix: layer by layer against the authors', at every depth against the formula."""

import pytest
import torch
from formulas import count
from torch import nn
from translation_formulas import Weights, down_by_two, draw, layers_of, lively, size_of, unet, up_by_two

from gan_lightning.networks import BatchNorm, UNet


def test_unet_has_the_layers_of_the_authors_network() -> None:
    with torch.device("meta"):
        network = UNet(3, 3, (256, 256), BatchNorm())
    layers = [
        *down_by_two(3, 64, 128, 256, 512, 512, 512, 512, 512),
        *up_by_two((512, 512), (1024, 512), (1024, 512), (1024, 512), (1024, 256), (512, 128), (256, 64)),
        ("up", 128, 3, 4, 2, True),
    ]
    assert layers_of(network) == layers
    norms = [128, 256, 512, 512, 512, 512, 512, 512, 512, 512, 256, 128, 64]
    assert [m.num_features for m in network.modules() if isinstance(m, nn.BatchNorm2d)] == norms
    assert count(network) == size_of(layers, norms) == 54_413_955


@pytest.mark.parametrize(("resolution", "blocks"), [(32, []), (64, [1]), (128, [1, 2]), (256, [1, 2, 3])])
def test_unets_dropout_stands_next_to_the_innermost_decoder_layer(resolution: int, blocks: list[int]) -> None:
    with torch.device("meta"):
        noisy, quiet = (UNet(3, 3, (resolution,) * 2, BatchNorm(), width=1, dropout=p) for p in (0.3, 0.0))
    found = {i: block[-1].p for i, block in enumerate(noisy.ups) if isinstance(block[-1], nn.Dropout)}
    assert found == dict.fromkeys(blocks, 0.3)
    of_all = [m for m in noisy.modules() if isinstance(m, nn.Dropout)]
    assert len(of_all) == len(blocks)
    assert not [m for m in quiet.modules() if isinstance(m, nn.Dropout)]


@pytest.mark.parametrize(
    ("size", "multiple"), [((64, 64), 64), ((256, 256), 256), ((64, 96), 32), ((192, 320), 64), ((160, 160), 32)]
)
def test_unet_halves_as_often_as_both_sides_allow(size: tuple[int, int], multiple: int) -> None:
    with torch.device("meta"):
        network = UNet(3, 3, size, BatchNorm(), width=1)
    assert network.multiple == network.minimum == multiple
    assert len(network.downs) + 1 == len(network.ups) + 1 == multiple.bit_length() - 1


def test_unet_with_every_depth_computes_the_same_formula() -> None:
    for depth in (6, 7):
        translator = lively(UNet(1, 1, (2**depth,) * 2, BatchNorm(), width=1, dropout=0))
        image = draw(2, 1, 2**depth, 2**depth)
        expected = unet(Weights(translator, BatchNorm()), image, depth)
        torch.testing.assert_close(translator(image), expected, rtol=0, atol=1e-10)


def test_norms_get_gradients_without_gaps_if_channels_are_last() -> None:
    network = UNet(3, 3, (32, 32), BatchNorm(), width=4, dropout=0).to(memory_format=torch.channels_last)
    seen = []
    for up in network.ups:
        up[2].register_full_backward_hook(lambda module, inputs, outputs: seen.append(outputs[0]))
    image = torch.rand(2, 3, 32, 32).to(memory_format=torch.channels_last)
    network(image).square().mean().backward()
    assert len(seen) == len(network.ups)
    assert all(gradient.is_contiguous(memory_format=torch.channels_last) for gradient in seen)
