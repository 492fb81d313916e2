"""DiscoGAN's translator, layer by layer against the authors'."""

import torch
from formulas import count
from torch import nn
from translation_formulas import down_by_two, layers_of, size_of, up_by_two

from gan_lightning.networks import BatchNorm, EncoderDecoder


def test_encoder_decoder_has_the_layers_of_discogans_network() -> None:
    with torch.device("meta"):
        network = EncoderDecoder(3, 3, (64, 64), BatchNorm())
    layers = [
        *down_by_two(3, 64, 128, 256, 512),
        ("down", 512, 100, 4, 1, False),
        ("up", 100, 512, 4, 1, False),
        *up_by_two((512, 256), (256, 128), (128, 64), (64, 3)),
    ]
    assert layers_of(network) == layers
    norms = [128, 256, 512, 100, 512, 256, 128, 64]
    assert [m.num_features for m in network.modules() if isinstance(m, nn.BatchNorm2d)] == norms
    assert count(network) == size_of(layers, norms) == 7_153_480
