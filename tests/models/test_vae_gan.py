"""VAE-GAN: the routes of its gradients, who waits, and the same step written plainly."""

import copy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.models import VAEGAN

TINY = [
    *("model=vae_gan", "dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none", "network.generator.latent_dim=6"),
]


def pieces(model: VAEGAN) -> dict[str, nn.Module]:
    return {"encoder": model.encoder, "generator": model.generator, "discriminator": model.discriminator}


def test_each_loss_reaches_its_own_player_only(composed, build):
    """Not only because the others are frozen: where a gradient would pass through them, the loss itself cuts it off."""
    model, data = build(composed(*TINY, "model.gamma=1"))
    real, label = next(iter(data.train_dataloader()))

    def reached(loss: Tensor) -> dict[str, bool]:
        model.zero_grad()
        loss.backward()
        gradients = {name: [p.grad for p in network.parameters()] for name, network in pieces(model).items()}
        return {name: any(g is not None and bool(g.any()) for g in found) for name, found in gradients.items()}

    assert reached(model.discriminator_loss(real, label, [])) == {
        "encoder": False,
        "generator": False,
        "discriminator": True,
    }
    assert not reached(model.generator_loss(real, label))["encoder"]
    assert reached(model.encoder_loss(real, label))["encoder"]


def test_each_update_moves_its_own_player_only(composed, fit, monkeypatch):
    moved, update = [], VAEGAN.update

    def watched(self: VAEGAN, name: str, *more: object) -> None:
        before = {piece: [p.clone() for p in network.parameters()] for piece, network in pieces(self).items()}
        update(self, name, *more)
        changed = [
            piece
            for piece, network in pieces(self).items()
            if not all(torch.equal(a, b) for a, b in zip(before[piece], network.parameters(), strict=True))
        ]
        moved.append((name, changed))

    monkeypatch.setattr(VAEGAN, "update", watched)
    fit(composed(*TINY, "model.gate.margin=100"))  # nobody waits
    assert moved == [(name, [name]) for name in ("discriminator", "encoder", "generator")] * 8


def test_an_epoch_equals_the_algorithm_written_plainly(composed, build, fit):
    """With a margin that makes each player wait in some of the steps; the optimizer that waits keeps its state."""
    settings = [*TINY, "model.gamma=0.1", "model.gate.equilibrium=0.69", "model.gate.margin=0.03"]
    model, data = build(composed(*settings))
    encoder, generator, discriminator = (copy.deepcopy(network) for network in pieces(model).values())
    optimizers = [torch.optim.RMSprop(n.parameters(), lr=3e-4) for n in (encoder, generator, discriminator)]
    softplus, waited = F.softplus, []

    def step(optimizer: torch.optim.Optimizer, loss: Tensor, waits: bool = False) -> None:
        for other in optimizers:
            other.zero_grad()
        loss.backward()
        if not waits:
            optimizer.step()

    def feature_error(code: Tensor) -> Tensor:
        wanted = discriminator(real, label).features.detach()
        return 0.5 * (discriminator(generator(code, label), label).features - wanted).square().sum() / 8

    for number, (real, label) in enumerate(data.train_dataloader()):
        key = np.random.SeedSequence([0, 8 * number, 0])
        torch.manual_seed(int(key.generate_state(1, np.uint64)[0]))
        fake = generator(torch.randn(8, 6), label).detach()
        on_real, on_fake = (softplus(-discriminator(real, label).logits), softplus(discriminator(fake, label).logits))
        on_real, on_fake = on_real.mean(), on_fake.mean()
        weak, strong = min(on_real, on_fake) < 0.66, max(on_real, on_fake) > 0.72
        waited.append((bool(weak and not strong), bool(strong and not weak)))
        step(optimizers[2], on_real + on_fake, waited[-1][0])
        mean, log_variance = encoder(real, label).chunk(2, 1)
        code = mean + (log_variance / 2).exp() * torch.randn(8, 6)
        divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
        step(optimizers[0], divergence + feature_error(code))
        mean, log_variance = encoder(real, label).chunk(2, 1)
        code = (mean + (log_variance / 2).exp() * torch.randn(8, 6)).detach()
        error = feature_error(code)
        logits = discriminator(generator(torch.randn(8, 6), label), label).logits
        step(optimizers[1], 0.1 * error - softplus(logits).mean(), waited[-1][1])
    assert len({*waited}) > 1
    trained = fit(composed(*settings))
    for ours, theirs in zip(pieces(trained).values(), (encoder, generator, discriminator), strict=True):
        for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")
