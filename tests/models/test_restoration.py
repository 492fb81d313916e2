"""The first stage on pixels, and SRGAN and ESRGAN after it, against the same algorithms written plainly."""

import copy
import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.errors import InstantiationException
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from translations import assert_equal, averaged

from gan_lightning.batch import Route
from gan_lightning.errors import SettingError
from gan_lightning.models import Pix2Pix, Restoration
from gan_lightning.training import train

STEPS = 10


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six for training and one held out, of 40 x 40 pixels."""
    folder = tmp_path_factory.mktemp("photographs")
    random = torch.Generator().manual_seed(0)
    for i in range(7):
        small = torch.randint(256, (10, 10, 3), dtype=torch.uint8, generator=random)
        Image.fromarray(small.numpy()).resize((40, 40), Image.Resampling.BICUBIC).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def settings(photographs: Path) -> list[str]:
    small = ["dataset=super_resolution", f"dataset.source.path={photographs}", "dataset.resolution=32"]
    return [*small, "dataset.batch_size=2", "network.width=4", "metrics=none", "model.optimisation.ema_decay=0.9"]


BLOCKS = {"srresnet": "network.translator.blocks=1", "rrdb": "network.translator.blocks=1"}


def batches(data: Any) -> list[Any]:
    """Those of ten updates, over several epochs."""
    order = data.train_dataloader()
    found = []
    for epoch in range(-(-STEPS // len(order))):
        order.sampler.set_epoch(epoch)
        found += list(order)
    return found[:STEPS]


@pytest.mark.parametrize(("recipe", "rate"), [("srresnet", 1e-4), ("rrdb", 2e-4)])
def test_ten_updates_on_pixels_equal_the_algorithm_written_plainly(composed, build, fit, settings, recipe, rate):
    overrides = [f"model={recipe}", *settings, BLOCKS[recipe], "max_generator_steps=10"]
    model, data = build(composed(*overrides))
    generator = copy.deepcopy(model.generator)
    average = copy.deepcopy(generator)
    adam = torch.optim.Adam(generator.parameters(), lr=rate)
    for step, (source, target) in enumerate(batches(data)):
        assert (source.shape, target.shape) == ((2, 3, 8, 8), (2, 3, 32, 32))
        error = generator(source) - target
        loss = error.square().mean() if recipe == "srresnet" else error.abs().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        averaged(average, generator, step)
    trained = fit(composed(*overrides), max_epochs=-1)
    assert isinstance(trained, Restoration)
    assert (trained.players["generator"].steps, trained.images_seen) == (STEPS, 2 * STEPS)
    assert_equal(trained.generator, generator)
    assert_equal(trained.ema.module, average)


def losses_of_srgan(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Of D and of G, on logits: cross-entropy, in which G calls its outputs real."""
    bce = F.binary_cross_entropy_with_logits
    return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake)), bce(fake, torch.ones_like(fake))


def losses_of_esrgan(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Of D and of G, on logits: each against the mean of the other kind (sections 3.2 of ESRGAN's paper)."""
    bce, one, zero = F.binary_cross_entropy_with_logits, torch.ones_like(real), torch.zeros_like(real)
    of_d = bce(real - fake.mean(), one) + bce(fake - real.mean(), zero)
    return of_d, bce(real - fake.mean(), zero) + bce(fake - real.mean(), one)


@pytest.mark.parametrize(
    ("recipe", "network", "losses", "weights"),
    [("srgan", "srresnet", losses_of_srgan, (1e-3, 1.0, 0.01)), ("esrgan", "rrdb", losses_of_esrgan, (5e-3, 1.0, 0.1))],
)
def test_ten_updates_with_a_discriminator_equal_the_algorithm_written_plainly(
    composed, build, fit, settings, recipe, network, losses, weights
):
    overrides = [f"model={recipe}", *settings, BLOCKS[network], "max_generator_steps=10"]
    model, data = build(composed(*overrides))
    generator, discriminator = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    average = copy.deepcopy(generator)
    adam_g = torch.optim.Adam(generator.parameters(), lr=1e-4)
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=1e-4)
    distance = F.mse_loss if recipe == "srgan" else F.l1_loss
    adversarial, pixels, features = weights
    for step, (source, target) in enumerate(batches(data)):
        output = generator(source)
        on_target, on_output = discriminator(target, None), discriminator(output.detach(), None)
        loss_d, _ = losses(on_target.logits, on_output.logits)
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()
        on_output, on_target = discriminator(output, None), discriminator(target, None)
        _, fooled = losses(on_target.logits.detach(), on_output.logits)
        near = pixels * distance(output, target)
        content = features * distance(on_output.features, on_target.features.detach())
        adam_g.zero_grad()
        (adversarial * fooled + near + content).backward()
        adam_g.step()
        averaged(average, generator, step)
    trained = fit(composed(*overrides), max_epochs=-1)
    assert isinstance(trained, Pix2Pix)
    assert_equal(trained.generator, generator)
    assert_equal(trained.discriminator, discriminator)
    assert_equal(trained.ema.module, average)
    assert trained.routes == [Route("a", "b", 4)]
    assert trained.translate(torch.zeros(1, 3, 5, 7)).shape == (1, 3, 20, 28)


def test_a_discriminator_of_pairs_sees_the_source_enlarged(composed, build, settings):
    model, data = build(composed("model=srgan", *settings, BLOCKS["srresnet"], "model.sees_source=true"))
    source, target = next(iter(data.train_dataloader()))
    assert model.shown(source, target).shape == (2, 6, 32, 32)
    assert model.discriminate(source, target).logits.shape == (2, 1)
    with pytest.raises(InstantiationException, match="augment=diffaugment: this step's discriminator sees source and"):
        build(composed("model=srgan", *settings, "model.sees_source=true", "augment=diffaugment"))
    build(composed("model=srgan", *settings, "augment=diffaugment"))


def test_the_second_stage_goes_on_from_the_first(composed, settings, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    small = [*settings, "max_generator_steps=2", BLOCKS["srresnet"]]
    train(composed("model=srresnet", *small, f"run_dir={tmp_path}/first"))
    first = torch.load(tmp_path / "first" / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    frozen = [f"model.optimisation.{side}.lr=1e-30" for side in ("generator", "discriminator")]
    train(composed("model=srgan", *small, *frozen, f"init={tmp_path}/first", f"run_dir={tmp_path}/second"))
    second = torch.load(tmp_path / "second" / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    for name, value in first.items():
        if name.startswith("generator.") and name.endswith(("weight", "bias")):
            torch.testing.assert_close(second[name], value)
    (told,) = (message for message in caplog.messages if message.startswith("init: "))
    assert "the discriminator starts fresh, because that run had none" in told
    assert "learns nearly from the beginning" not in told
    rest = ["model=esrgan", *settings, f"init={tmp_path}/first", f"run_dir={tmp_path}/third"]
    with pytest.raises(SettingError, match="init=.*its networks are SRResNet, but this run has RRDBNet and VGGDiscrim"):
        train(composed(*rest))


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (["network=unet"], "4 times larger than their sources, but this UNet keeps the size; use network=srresnet"),
        (["degradation.scale=3"], "dataset.resolution=32: allowed are multiples of dataset.degradation.scale=3"),
        (["degradation.scale=16"], "scale=16: SRResNet makes pictures 1, 2, 4 or 8 times larger"),
        (["dataset.resolution=64"], r"0\.png has only 40 x 40 pixels|\d\.png has only 40 x 40 pixels"),
        (
            ["penalty=r1"],
            "penalty=r1: .*Restoration takes no penalties on a discriminator; use penalty=none",
        ),
        (["augment=ada"], "augment=ada: gan_lightning.models.Restoration takes no augmentations, .*; use augment=none"),
    ],
)
def test_what_cannot_work_is_a_sentence_before_training(composed, settings, tmp_path, chosen, message):
    with pytest.raises((SettingError, InstantiationException), match=message):
        train(composed("model=srresnet", *settings, *chosen))
    assert not (tmp_path / "run" / "checkpoints").exists()
