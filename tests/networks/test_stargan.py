"""StarGAN's networks: the authors' layers, and what they refuse."""

import pytest
import torch
from torch import nn
from translation_formulas import convolutions

from gan_lightning.errors import SettingError
from gan_lightning.losses import DomainClassifier
from gan_lightning.networks import AffineInstanceNorm, NoNorm, StarGANDiscriminator, StarGANTranslator


def numbers(*networks: nn.Module) -> int:
    return sum(parameter.numel() for network in networks for parameter in network.parameters())


@pytest.mark.parametrize(("side", "layers", "discriminates"), [(128, 6, 44_762_048), (64, 5, 11_175_872)])
def test_stargan_is_the_authors_networks_for_five_attributes(side, layers, discriminates):
    with torch.device("meta"):
        translator = StarGANTranslator(3 + 5, 3, [side, side], AffineInstanceNorm())
        discriminator = StarGANDiscriminator(3, [side, side], NoNorm())
        classifier = DomainClassifier(discriminator.feature_dim, [1] * 5)
        verdict = discriminator(torch.empty(2, 3, side, side), torch.empty(2))
        assert translator(torch.empty(2, 8, side, side)).shape == (2, 3, side, side)
    assert numbers(translator) == 8_430_528
    assert numbers(discriminator, classifier) == discriminates
    assert len(convolutions(discriminator)) == layers + 1
    assert verdict.logits.shape == (2, 1, 2, 2)
    assert verdict.features.shape == (2, discriminator.feature_dim)
    padded = [module for module in convolutions(translator) if max(module.padding) > 0]
    assert {module.padding_mode for module in padded} == {"zeros"}
    assert not any(isinstance(module, nn.ReflectionPad2d) for module in translator.modules())
    norms = [module for module in translator.modules() if isinstance(module, nn.InstanceNorm2d)]
    assert len(norms) == 3 + 12 + 2
    assert all(norm.affine and not norm.track_running_stats for norm in norms)


@pytest.mark.parametrize(("layers", "size"), [(5, [16, 32]), (7, [64, 64])])
def test_stargan_refuses_layers_that_leave_no_pixel(layers, size):
    with pytest.raises(SettingError, match=f"network.discriminator.layers={layers}: .*halved [46] times at most"):
        StarGANDiscriminator(3, size, NoNorm(), layers=layers)
