"""SRGAN's generator: how far a pixel sees, and the range of its pictures."""

import torch
from torch import nn

from gan_lightning.networks import InstanceNorm, NoNorm, ResidualTranslator, SRResNet


def test_a_norm_over_the_picture_lets_a_pixel_see_everything():
    assert SRResNet(3, 3, 2, InstanceNorm(), width=4, blocks=1).reach is None
    assert ResidualTranslator(3, 3, lambda a, b: SRResNet(a, b, 2, InstanceNorm(), 4, 1)).reach is None


def test_values_are_cut_off_only_after_training():
    network = SRResNet(3, 3, 1, NoNorm(), width=4, blocks=1)
    nn.init.constant_(network.to_image.bias, 3.0)
    image = torch.zeros(1, 3, 9, 9)
    assert network(image).max() > 2
    assert network.eval()(image).max() == 1
