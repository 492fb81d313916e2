"""Translators that add to the picture that they are given."""

from functools import partial

import torch
from configured import configured
from hydra.utils import instantiate
from torch import nn
from translation_formulas import Weights, convolutions, draw, lively, resnet_translator

from gan_lightning.networks import BatchNorm, InstanceNorm, ResidualTranslator, ResNetTranslator, UNet


def test_residual_translator_adds_twice_the_change_within_the_range() -> None:
    norm = InstanceNorm()
    translator = ResidualTranslator(3, 3, partial(ResNetTranslator, size=(16, 24), norm=norm, width=2, blocks=1))
    assert (translator.multiple, translator.minimum) == (4, 8)
    lively(translator)
    image = draw(2, 3, 16, 24).tanh()
    changed = image + 2 * resnet_translator(Weights(translator, norm), image, blocks=1)
    expected = torch.where(changed.abs() > 1, changed.sign(), changed)
    output = translator(image)
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-10)
    assert output.min() == -1
    assert output.max() == 1


def test_residual_translator_without_a_change_gives_the_picture_back_exactly() -> None:
    translator = ResidualTranslator(3, 3, partial(UNet, size=(32, 32), norm=BatchNorm(), width=2))
    for parameter in convolutions(translator)[-1].parameters():
        nn.init.zeros_(parameter)
    image = torch.rand(2, 3, 32, 32) * 2 - 1
    image[:, :, :2] = torch.tensor([-1.0, 1.0])[:, None]
    assert torch.equal(translator(image), image)


def test_residual_configuration_changes_nothing_else() -> None:
    residual, plain = (configured(name, "instance").network for name in ("residual_translator", "translator"))
    assert residual.translator.pop("_target_").endswith(".ResidualTranslator")
    assert residual.translator.pop("_partial_")
    assert residual.translator.pop("planes") == 0
    assert residual == {**plain, "translator": {"change": plain.translator}}
    translator = instantiate(configured("residual_translator", "instance").network.translator)(3, 3)
    assert translator(torch.zeros(1, 3, 64, 64)).shape == (1, 3, 64, 64)
