"""Training steps in plain PyTorch: the loops that `step.py` compares the Trainer with.

Each trains copies of a model's networks with the same operations, and yields after every step. Optimizers and the
average's decay are the model's, and so is CycleGAN's pool; everything else is written out.
"""

import copy
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from gan_lightning.models.pool import ImagePool


def gan(model: Any, data: Any) -> Iterator[None]:
    """Noise to image: D on cross-entropy with its own noise, then G."""
    generator, discriminator, average = copies(model)
    adam_g, adam_d = optimizers(model, generator, discriminator)
    split = data.images("train")
    while True:
        for positions in torch.randperm(len(split)).split(data.batch_size):
            real, label = scaled(split.images[positions]), split.labels[positions]
            with torch.no_grad():
                fake = generator(torch.randn(len(real), generator.latent_dim), label)
            on_real, on_fake = discriminator(real, label).logits, discriminator(fake, label).logits
            loss = F.binary_cross_entropy_with_logits(on_real, torch.full_like(on_real, model.loss.real_target))
            loss = loss + F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
            update(adam_d, loss)

            discriminator.requires_grad_(False)
            on_fake = discriminator(generator(torch.randn(len(real), generator.latent_dim), label), label).logits
            update(adam_g, F.binary_cross_entropy_with_logits(on_fake, torch.ones_like(on_fake)))
            discriminator.requires_grad_(True)
            follow(average, generator, model.optimisation.ema_decay)
            yield


def pix2pix(model: Any, data: Any) -> Iterator[None]:
    """Pairs: one translation for both, D on half its cross-entropy, then G with 100 L1."""
    generator, discriminator, average = copies(model)
    adam_g, adam_d = optimizers(model, generator, discriminator)
    sides = data.sides("train")

    def judge(source: Tensor, image: Tensor) -> Tensor:
        return discriminator(torch.cat([source, image], 1), None).logits

    while True:
        for positions in torch.randperm(len(sides.a)).split(data.batch_size):
            source, target = scaled(sides.a.images[positions]), scaled(sides.b.images[positions])
            output = generator(source)
            on_real, on_fake = judge(source, target), judge(source, output.detach())
            loss = F.binary_cross_entropy_with_logits(on_real, torch.ones_like(on_real))
            loss = loss + F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
            update(adam_d, loss / 2)

            discriminator.requires_grad_(False)
            on_fake = judge(source, output)
            loss = F.binary_cross_entropy_with_logits(on_fake, torch.ones_like(on_fake))
            update(adam_g, loss + 100 * F.l1_loss(output, target))
            discriminator.requires_grad_(True)
            follow(average, generator, model.optimisation.ema_decay)
            yield


def cyclegan(model: Any, data: Any) -> Iterator[None]:
    """No pairs: both Gs on least squares, 10 times the cycles and 5 times the identities, then both Ds."""
    generator, discriminator, average = copies(model)
    adam_g, adam_d = optimizers(model, generator, discriminator)
    sides = data.sides("train")
    a2b, b2a = generator["a2b"], generator["b2a"]
    pool_a, pool_b = ImagePool(model.pools["a"].size), ImagePool(model.pools["b"].size)

    def distance_to(wanted: float, domain: str, image: Tensor) -> Tensor:
        return (discriminator[domain](image, None).logits - wanted).square().mean()

    while True:
        orders = [torch.randperm(len(side)).split(data.batch_size) for side in (sides.a, sides.b)]
        for of_a, of_b in zip(*orders, strict=True):
            a, b = scaled(sides.a.images[of_a]), scaled(sides.b.images[of_b])
            discriminator.requires_grad_(False)
            fake_a, fake_b = b2a(b), a2b(a)
            loss = distance_to(1, "a", fake_a) + distance_to(1, "b", fake_b)
            loss = loss + 10 * (F.l1_loss(b2a(fake_b), a) + F.l1_loss(a2b(fake_a), b))
            loss = loss + 5 * (F.l1_loss(a2b(b), b) + F.l1_loss(b2a(a), a))
            update(adam_g, loss)
            discriminator.requires_grad_(True)
            follow(average, generator, model.optimisation.ema_decay)

            old_a, old_b = pool_a(fake_a.detach()), pool_b(fake_b.detach())
            loss = distance_to(1, "a", a) + distance_to(0, "a", old_a)
            loss = loss + distance_to(1, "b", b) + distance_to(0, "b", old_b)
            update(adam_d, loss / 2)
            yield


def copies(model: Any) -> tuple[Any, Any, Any]:
    """The generator side, the discriminator side, and the average of the former."""
    generator, discriminator = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    return generator, discriminator, copy.deepcopy(generator).requires_grad_(False)


def optimizers(model: Any, generator: nn.Module, discriminator: nn.Module) -> tuple[Optimizer, Optimizer]:
    settings = model.optimisation
    return settings.generator(generator.parameters()), settings.discriminator(discriminator.parameters())


def scaled(pixels: Tensor) -> Tensor:
    return pixels.float().div_(127.5).sub_(1)


def update(optimizer: Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float) -> None:
    for mean, value in zip(average.parameters(), network.parameters(), strict=True):
        mean.lerp_(value, 1 - decay)
    for mean, value in zip(average.buffers(), network.buffers(), strict=True):
        mean.copy_(value)
