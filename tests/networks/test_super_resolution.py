"""What networks of SRGAN and ESRGAN have in common: published sizes, how far a pixel sees, and scales."""

import pytest
import torch
from formulas import count

from gan_lightning.errors import SettingError
from gan_lightning.networks import (
    BatchNorm,
    NoNorm,
    ResidualTranslator,
    RRDBNet,
    SRGANDiscriminator,
    SRResNet,
    Translator,
    VGGDiscriminator,
)

SCALES = [1, 2, 4, 8]


def test_parameters_at_the_papers_settings():
    with torch.device("meta"):
        assert count(SRResNet(3, 3, 4)) == 1_549_462
        assert count(RRDBNet(3, 3, 4)) == 16_697_987
        assert count(SRGANDiscriminator(3, (96, 96), BatchNorm())) == 23_565_505
        assert count(VGGDiscriminator(3, (128, 128), BatchNorm())) == 14_499_401


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


@pytest.mark.parametrize("make", [SRResNet, RRDBNet])
def test_a_scale_that_no_doubling_reaches_is_refused(make):
    with pytest.raises(SettingError, match=r"scale=3: \w+ makes pictures 1, 2, 4 or 8 times larger"):
        make(3, 3, 3)
