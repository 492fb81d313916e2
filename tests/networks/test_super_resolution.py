"""Networks of SRGAN and ESRGAN: the published sizes, what a pixel sees, and the blocks."""

import pytest
import torch
from torch import nn

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    BatchNorm,
    InstanceNorm,
    NoNorm,
    ResidualTranslator,
    RRDBNet,
    SRGANDiscriminator,
    SRResNet,
    Translator,
    VGGDiscriminator,
)
from gan_lightning.networks.rrdb import RRDB

SCALES = [1, 2, 4, 8]


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_parameters_at_the_papers_settings():
    with torch.device("meta"):
        assert count(SRResNet(3, 3, 4)) == 1_549_462
        assert count(RRDBNet(3, 3, 4)) == 16_697_987
        assert count(SRGANDiscriminator(3, (96, 96), BatchNorm())) == 23_565_505
        assert count(VGGDiscriminator(3, (128, 128), BatchNorm())) == 14_499_401


def test_a_block_that_adds_nothing_gives_1_2_times_its_map():
    block, x = RRDB(8, 4), torch.randn(2, 8, 5, 5)
    for dense in block.dense:
        nn.init.zeros_(dense.layers[-1].weight)
    torch.testing.assert_close(block(x), 1.2 * x)
    # What the last dense block adds arrives times 0.2 of its own and 0.2 of the block.
    nn.init.ones_(block.dense[2].layers[-1].bias)
    torch.testing.assert_close(block(x), 1.2 * x + 0.04)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    "make",
    [
        lambda scale: SRResNet(3, 3, scale, width=4, blocks=1),
        lambda scale: RRDBNet(3, 3, scale, width=4, blocks=1),
        lambda scale: ResidualTranslator(3, 3, lambda a, b: SRResNet(a, b, scale, NoNorm(), width=4, blocks=1)),
    ],
    ids=["srresnet", "rrdb", "residual"],
)
def test_pictures_are_larger_and_a_pixel_sees_as_far_as_its_network_says(make, scale):
    torch.manual_seed(0)
    network = make(scale).double().eval()
    assert isinstance(network, Translator)
    image = (0.01 * torch.randn(1, 3, 45, 47, dtype=torch.double)).requires_grad_()
    output = network(image)
    assert output.shape == (1, 3, 45 * scale, 47 * scale)
    far = 0
    for inside in range(scale):  # every place within a pixel of the source
        (slope,) = torch.autograd.grad(
            output[0, :, 22 * scale + inside, 22 * scale + inside].sum(), image, retain_graph=True
        )
        far = max(far, int((slope.abs().sum((0, 1)).nonzero() - 22).abs().max()))
    assert network.scale == scale
    assert network.reach is not None
    assert far == network.reach


def test_a_norm_over_the_picture_lets_a_pixel_see_everything():
    assert SRResNet(3, 3, 2, InstanceNorm(), width=4, blocks=1).reach is None
    assert ResidualTranslator(3, 3, lambda a, b: SRResNet(a, b, 2, InstanceNorm(), 4, 1)).reach is None


def test_values_are_cut_off_only_after_training():
    network = SRResNet(3, 3, 1, NoNorm(), width=4, blocks=1)
    nn.init.constant_(network.to_image.bias, 3.0)
    image = torch.zeros(1, 3, 9, 9)
    assert network(image).max() > 2
    assert network.eval()(image).max() == 1


@pytest.mark.parametrize("make", [SRResNet, RRDBNet])
def test_a_scale_that_no_doubling_reaches_is_refused(make):
    with pytest.raises(SettingError, match=r"scale=3: \w+ makes pictures 1, 2, 4 or 8 times larger"):
        make(3, 3, 3)


@pytest.mark.parametrize(
    ("make", "size", "features", "multiple"),
    [(SRGANDiscriminator, (32, 48), 32 * 2 * 3, 16), (VGGDiscriminator, (64, 96), 32 * 2 * 3, 32)],
)
def test_discriminators_judge_whole_windows_and_keep_what_is_where(make, size, features, multiple):
    network = make(3, size, BatchNorm(), width=4)
    verdict = network(torch.randn(2, 3, *size), torch.zeros(2, dtype=torch.long))
    assert verdict.logits.shape == (2, 1)
    assert verdict.features.shape == (2, features) == (2, network.feature_dim)
    with pytest.raises(SettingError, match=f"multiples of {multiple}"):
        make(3, (size[0] + 8, size[1]), BatchNorm())
    with pytest.raises(SettingError, match="InstanceNorm standardises"):
        make(3, (multiple, multiple), InstanceNorm())
