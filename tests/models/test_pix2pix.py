"""Pix2Pix: the same algorithm written plainly, its noise, statistics and direction."""

import copy
from typing import Any

import torch
import unchanged
from torch import Tensor, nn
from torch.nn import functional as F
from translations import PAIRED, STEPS, assert_equal, averaged, seed_step

from gan_lightning.batch import HeldOut, Route
from gan_lightning.models import Pix2Pix


def plain_pix2pix(model: Pix2Pix, data: Any) -> tuple[nn.Module, nn.Module, nn.Module]:
    """The authors' algorithm in plain PyTorch: D on half its loss, then G by cross-entropy and 100 L1."""
    generator, discriminator = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    average = copy.deepcopy(generator)
    adam_g = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    bce = F.binary_cross_entropy_with_logits

    def judge(source: Tensor, image: Tensor) -> Tensor:
        return discriminator(torch.cat([source, image], 1), None).logits

    for step, (source, target) in enumerate(data.train_dataloader()):
        seed_step(4 * step)
        fake = generator(source)
        on_real, on_fake = judge(source, target), judge(source, fake.detach())
        loss_d = (bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))) / 2
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()
        on_fake = judge(source, fake)
        loss_g = bce(on_fake, torch.ones_like(on_fake)) + 100 * (fake - target).abs().mean()
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()
        averaged(average, generator, step)
    assert step + 1 == STEPS
    return generator, discriminator, average


def test_ten_updates_of_pix2pix_equal_the_algorithm_written_plainly(composed, build, fit):
    # At 64 pixels one of the decoder's blocks has dropout, so the noise is compared too.
    overrides = [*PAIRED, "dataset.resolution=64"]
    model, data = build(composed(*overrides))
    generator, discriminator, average = plain_pix2pix(model, data)
    trained = fit(composed(*overrides))
    assert_equal(trained.generator, generator)
    assert_equal(trained.discriminator, discriminator)
    assert_equal(trained.ema.module, average)
    assert (trained.generator_step, trained.discriminator_step, trained.images_seen) == (STEPS, STEPS, 40)


def test_pix2pix_translates_once_per_batch(composed, build, trainer):
    calls = []
    model, data = build(composed(*PAIRED, "model.critic_steps=2"))
    model.generator.register_forward_hook(lambda module, args, output: calls.append(output.requires_grad))
    trainer().fit(model, data)
    assert calls == [False, True] * (STEPS // 2)
    assert (model.generator_step, model.discriminator_step) == (STEPS // 2, STEPS)


def test_features_of_the_discriminator_are_compared_without_augmentation(composed, build):
    model, _ = build(composed(*unchanged.RECIPES["srgan"], "augment=diffaugment"))
    model.log_scalars = lambda **scalars: noted.update(scalars)
    picture, noted = torch.rand(2, 3, 32, 32) * 2 - 1, {}
    model.generator_loss(picture, picture, picture.clone())
    assert noted["loss_features"].item() == 0


def test_dropout_is_noise_at_sampling_unless_switched_off(composed, build):
    overrides = [*PAIRED, "dataset.resolution=64"]
    source = torch.rand(3, 3, 64, 64) * 2 - 1
    for noisy in (True, False):
        model, _ = build(composed(*overrides, f"model.sampling_noise={noisy}"))
        first, second = model.translate(source, seed=1), model.translate(source, seed=2)
        assert torch.equal(first, second) is not noisy
        assert torch.equal(first, model.translate(source, seed=1))


def test_instance_statistics_normalise_each_picture_alone_and_gather_nothing(composed, build, trainer):
    model, data = build(composed(*PAIRED, "model.instance_statistics=true", "model.sampling_noise=false"))
    trainer().fit(model, data)
    before = copy.deepcopy(model.ema.state_dict())
    source = torch.rand(2, 3, 32, 32) * 2 - 1
    output = model.translate(source)
    reference = copy.deepcopy(model.ema.module).train()
    expected = torch.cat([reference(picture) for picture in source.split(1)])
    torch.testing.assert_close(output, expected)
    assert all(torch.equal(a, b) for a, b in zip(before.values(), model.ema.state_dict().values(), strict=True))
    model.instance_statistics = False
    torch.testing.assert_close(model.translate(source), copy.deepcopy(model.ema.module).eval()(source))


def test_direction_swaps_source_and_target(composed, build):
    channels = ["dataset.source.channels_a=1", "dataset.source.channels_b=3"]
    model, _ = build(composed(*PAIRED, *channels, "dataset.direction=b2a"))
    assert model.translate(torch.zeros(1, 3, 32, 32)).shape == (1, 1, 32, 32)
    shown = model.validation_step(HeldOut(Route("b", "a"), torch.tensor([0]), torch.zeros(1, 3, 32, 32), None), 0)
    assert shown.route == Route("b", "a")
    assert shown.back is None
