"""Training steps in plain PyTorch: the loops that `step.py` compares the Trainer with.

Each trains copies of a model's networks with the same operations. Optimizers and the average's decay are the model's,
and so is CycleGAN's pool; everything else is written out. A loop is two functions: one draws a batch, and one makes a
step on it, so that the step can also be recorded as a CUDA graph.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from gan_lightning.models.pool import ImagePool

Batch = tuple[Tensor, ...]
Loop = tuple[Callable[[], Batch], Callable[..., None]]
WARM_UP = 4  # steps before a graph is recorded


@dataclass(frozen=True)
class Form:
    """How a loop computes.

    Attributes:
        device: where everything is, data too.
        tuned: in bfloat16 where autocast allows it, images with their channels last, fused optimizers.
        captured: as a CUDA graph.
    """

    device: torch.device
    tuned: bool = False
    captured: bool = False

    def place(self, network: nn.Module) -> Any:
        """A copy of a network."""
        layout = torch.channels_last if self.tuned else torch.contiguous_format
        return copy.deepcopy(network).to(self.device, memory_format=layout)

    def images(self, pixels: Tensor) -> Tensor:
        """uint8 to floats in [-1, 1]."""
        scaled = pixels.float().div_(127.5).sub_(1)
        return scaled.contiguous(memory_format=torch.channels_last) if self.tuned else scaled

    def precision(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16) if self.tuned else nullcontext()

    def optimizer(self, build: Callable[..., Optimizer], network: nn.Module) -> Optimizer:
        optimizer = build(network.parameters())
        for group in optimizer.param_groups:
            group["fused"] = self.tuned
            group["capturable"] = self.captured
        return optimizer


def run(loop: Callable[[Any, Any, Form], Loop], model: Any, data: Any, form: Form) -> Iterator[None]:
    """Make steps for ever."""
    draw, step = loop(model, data, form)
    if not form.captured:
        while True:
            step(*draw())
            yield
    static = draw()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            step(*static)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step(*static)
    while True:
        for held, new in zip(static, draw(), strict=True):
            held.copy_(new)
        graph.replay()
        yield


def gan(model: Any, data: Any, form: Form) -> Loop:
    """Noise to image: D on cross-entropy with its own noise, then G."""
    generator, discriminator, average = copies(model, form)
    adam_g, adam_d = optimizers(model, form, generator, discriminator)

    def step(real: Tensor, label: Tensor) -> None:
        with form.precision():
            with torch.no_grad():
                fake = generator(noise(generator, len(real), form), label)
            on_real, on_fake = discriminator(real, label).logits, discriminator(fake, label).logits
            loss = F.binary_cross_entropy_with_logits(on_real, torch.full_like(on_real, model.loss.real_target))
            loss = loss + F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
        update(adam_d, loss)
        discriminator.requires_grad_(False)
        with form.precision():
            on_fake = discriminator(generator(noise(generator, len(real), form), label), label).logits
            loss = F.binary_cross_entropy_with_logits(on_fake, torch.ones_like(on_fake))
        update(adam_g, loss)
        discriminator.requires_grad_(True)
        follow(average, generator, model.optimisation.ema_decay)

    return labelled(data, form, 1), step


def wgan_gp(model: Any, data: Any, form: Form) -> Loop:
    """The critic steps of a generator step, each with its penalty, then G on twice the batch."""
    generator, discriminator, average = copies(model, form)
    adam_g, adam_d = optimizers(model, form, generator, discriminator)

    def step(*batches: Tensor) -> None:
        discriminator.requires_grad_(True)
        for real, label in zip(batches[::2], batches[1::2], strict=True):
            with form.precision():
                with torch.no_grad():
                    fake = generator(noise(generator, len(real), form), label)
                loss = discriminator(fake, label).logits.mean() - discriminator(real, label).logits.mean()
                share = torch.rand(len(real), 1, 1, 1, device=form.device)
                between = (share * real + (1 - share) * fake).requires_grad_()
                score = discriminator(between, label).logits.sum()
                (slope,) = torch.autograd.grad(score, between, create_graph=True)
                loss = loss + 10 * (slope.float().flatten(1).norm(dim=1) - 1).square().mean()
            update(adam_d, loss)
        discriminator.requires_grad_(False)
        label = batches[1].repeat(model.generator_batch)
        with form.precision():
            loss = -discriminator(generator(noise(generator, len(label), form), label), label).logits.mean()
        update(adam_g, loss)
        follow(average, generator, model.optimisation.ema_decay)

    return labelled(data, form, model.critic_steps), step


def pix2pix(model: Any, data: Any, form: Form) -> Loop:
    """Pairs: one translation for both, D on half its cross-entropy, then G with 100 L1."""
    generator, discriminator, average = copies(model, form)
    adam_g, adam_d = optimizers(model, form, generator, discriminator)

    def discriminate(source: Tensor, image: Tensor) -> Tensor:
        return discriminator(torch.cat([source, image], 1), None).logits

    def step(source: Tensor, target: Tensor) -> None:
        with form.precision():
            output = generator(source)
            on_real, on_fake = discriminate(source, target), discriminate(source, output.detach())
            loss = F.binary_cross_entropy_with_logits(on_real, torch.ones_like(on_real))
            loss = loss + F.binary_cross_entropy_with_logits(on_fake, torch.zeros_like(on_fake))
        update(adam_d, loss / 2)
        discriminator.requires_grad_(False)
        with form.precision():
            on_fake = discriminate(source, output)
            loss = F.binary_cross_entropy_with_logits(on_fake, torch.ones_like(on_fake))
            loss = loss + 100 * F.l1_loss(output, target)
        update(adam_g, loss)
        discriminator.requires_grad_(True)
        follow(average, generator, model.optimisation.ema_decay)

    sides = data.sides("train")
    return pairs(sides.a, sides.b, data.batch_size, form), step


def cyclegan(model: Any, data: Any, form: Form) -> Loop:
    """No pairs: both Gs on least squares, 10 times the cycles and 5 times the identities, then both Ds."""
    generator, discriminator, average = copies(model, form)
    adam_g, adam_d = optimizers(model, form, generator, discriminator)
    a2b, b2a = generator["a2b"], generator["b2a"]
    pool_a, pool_b = ImagePool(model.pools["a"].size), ImagePool(model.pools["b"].size)

    def distance_to(wanted: float, domain: str, image: Tensor) -> Tensor:
        return (discriminator[domain](image, None).logits - wanted).square().mean()

    def step(a: Tensor, b: Tensor) -> None:
        discriminator.requires_grad_(False)
        with form.precision():
            fake_a, fake_b = b2a(b), a2b(a)
            loss = distance_to(1, "a", fake_a) + distance_to(1, "b", fake_b)
            loss = loss + 10 * (F.l1_loss(b2a(fake_b), a) + F.l1_loss(a2b(fake_a), b))
            loss = loss + 5 * (F.l1_loss(a2b(b), b) + F.l1_loss(b2a(a), a))
        update(adam_g, loss)
        discriminator.requires_grad_(True)
        follow(average, generator, model.optimisation.ema_decay)
        with form.precision():
            old_a, old_b = pool_a(fake_a.detach()), pool_b(fake_b.detach())
            loss = distance_to(1, "a", a) + distance_to(0, "a", old_a)
            loss = loss + distance_to(1, "b", b) + distance_to(0, "b", old_b)
        update(adam_d, loss / 2)

    sides = data.sides("train")
    return pairs(sides.a, sides.b, data.batch_size, form), step


def labelled(data: Any, form: Form, count: int) -> Callable[[], Batch]:
    """Draws `count` batches of images and labels."""
    split = data.images("train")
    images, labels = split.images.to(form.device), split.labels.to(form.device)
    draws = positions(len(images), data.batch_size, form)

    def draw() -> Batch:
        found: list[Tensor] = []
        for _ in range(count):
            where = next(draws)
            found += [form.images(images[where]), labels[where]]
        return tuple(found)

    return draw


def pairs(a: Any, b: Any, batch_size: int, form: Form) -> Callable[[], Batch]:
    """Draws pictures of both sides."""
    of_a, of_b = a.images.to(form.device), b.images.to(form.device)
    draws = positions(min(len(of_a), len(of_b)), batch_size, form)

    def draw() -> Batch:
        where = next(draws)
        return form.images(of_a[where]), form.images(of_b[where])

    return draw


def positions(size: int, batch_size: int, form: Form) -> Iterator[Tensor]:
    while True:
        yield from torch.randperm(size, device=form.device)[: size // batch_size * batch_size].split(batch_size)


def noise(generator: Any, count: int, form: Form) -> Tensor:
    return torch.randn(count, generator.latent_dim, device=form.device)


def copies(model: Any, form: Form) -> tuple[Any, Any, Any]:
    """The generator side, the discriminator side, and the average of the former."""
    generator = form.place(model.generator)
    return generator, form.place(model.discriminator), copy.deepcopy(generator).requires_grad_(False)


def optimizers(model: Any, form: Form, generator: nn.Module, discriminator: nn.Module) -> tuple[Optimizer, Optimizer]:
    settings = model.optimisation
    return form.optimizer(settings.generator, generator), form.optimizer(settings.discriminator, discriminator)


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
