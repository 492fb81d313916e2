"""VAE and autoencoder: the same step written plainly, and reconstructions."""

import copy

import lightning.pytorch as L
import numpy as np
import pytest
import torch

TINY = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none"),
]


@pytest.mark.parametrize("recipe", ["vae", "autoencoder"])
def test_an_epoch_equals_the_algorithm_written_plainly(composed, build, fit, recipe):
    config = composed(f"model={recipe}", *TINY)
    model, data = build(config)
    generator, encoder = copy.deepcopy(model.generator), copy.deepcopy(model.encoder)
    adam = torch.optim.Adam([*generator.parameters(), *encoder.parameters()], lr=1e-3)
    codes = []
    for step, (real, label) in enumerate(data.train_dataloader()):
        key = np.random.SeedSequence([0, 8 * step, 0])
        torch.manual_seed(int(key.generate_state(1, np.uint64)[0]))
        encoded = encoder(real, label)
        if recipe == "vae":
            mean, log_variance = encoded[:, :100], encoded[:, 100:]
            image = generator(mean + (log_variance / 2).exp() * torch.randn(8, 100), label)
            divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
            loss = ((image - real) ** 2).sum(dim=(1, 2, 3)).mean() / (2 * 0.3**2) + divergence
        else:
            loss = ((generator(encoded, label) - real) ** 2).mean()
            codes.append(encoded.detach())
        adam.zero_grad()
        loss.backward()
        adam.step()
    trained = fit(config)
    for ours, theirs in ((trained.generator, generator), (trained.encoder, encoder)):
        for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")
    if codes:
        torch.testing.assert_close(trained.fitted.mean, torch.cat(codes).mean(0), rtol=1e-3, atol=1e-5)
        z = torch.randn(4, 100)
        with torch.no_grad():
            made = trained.ema.eval().module["generator"](trained.fitted(z), torch.zeros(4))
            torch.testing.assert_close(trained.synthesise(trained.map(z, torch.zeros(4)), torch.zeros(4)), made)


def test_reconstructions_do_not_depend_on_noise_and_come_from_the_average(composed, fit):
    model = fit(composed("model=vae", *TINY, "model.optimisation.ema_decay=0.5"))
    L.seed_everything(1, verbose=False)
    image, label = torch.rand(3, 3, 16, 16), torch.zeros(3, dtype=torch.long)
    once, again = model.reconstruct(image, label), model.reconstruct(image, label)
    assert torch.equal(once, again)
    both = model.ema.module.eval()
    with torch.no_grad():
        mean = both["encoder"](image, label)[:, :100]
        torch.testing.assert_close(once, both["generator"](mean, label))
