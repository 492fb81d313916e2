"""BiGAN and ALI: who learns what from which pairs, and the same step written plainly."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional as F

TINY = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none", "network.generator.latent_dim=6", "model.joint.dropout=0"),
]


@pytest.mark.parametrize("recipe", ["bigan", "ali"])
def test_an_epoch_equals_the_algorithm_written_plainly(composed, build, fit, recipe):
    config = composed(f"model={recipe}", *TINY)
    model, data = build(config)
    both, judge = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    generator, encoder = both["generator"], both["encoder"]
    adam = {"betas": (0.5, 0.999)}
    of_both = torch.optim.Adam(both.parameters(), lr=1e-3, **adam)
    of_judge = torch.optim.Adam(judge.parameters(), lr=5e-4, **adam)

    def code(image, label):
        numbers = encoder(image, label)
        if recipe == "bigan":
            return numbers
        mean, log_variance = numbers.chunk(2, 1)
        return mean + (log_variance / 2).exp() * torch.randn(8, 6)

    for number, (real, label) in enumerate(data.train_dataloader()):
        key = np.random.SeedSequence([0, 8 * number, 0])
        torch.manual_seed(int(key.generate_state(1, np.uint64)[0]))
        e, z = code(real, label).detach(), torch.randn(8, 6)
        encoded, generated = judge(real, e, label).logits, judge(generator(z, label).detach(), z, label).logits
        of_judge.zero_grad()
        (F.softplus(-encoded).mean() + F.softplus(generated).mean()).backward()
        of_judge.step()
        e, z = code(real, label), torch.randn(8, 6)
        fake = generator(z, label)
        encoded, generated = judge(real, e, label).logits, judge(fake, z, label).logits
        of_both.zero_grad()
        (F.softplus(encoded).mean() + F.softplus(-generated).mean()).backward()
        of_both.step()
    trained = fit(config)
    for ours, theirs in ((trained.generator, both), (trained.discriminator, judge)):
        for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-5, msg=lambda text, name=name: f"{name}: {text}")


def test_the_encoder_learns_from_real_images_and_the_generator_from_noise(composed, build):
    model, data = build(composed("model=bigan", *TINY))
    real, label = next(iter(data.train_dataloader()))
    seen: list[str] = []
    model.generator["encoder"].register_forward_pre_hook(lambda _, given: seen.append(f"real {given[0] is real}"))
    model.generator["generator"].register_forward_pre_hook(lambda _, given: seen.append(f"noise {given[0].shape[1]}"))
    model.generator_loss(real, label).backward()
    assert seen == ["real True", "noise 6"]
    assert all(p.grad is not None and p.grad.any() for p in model.generator["encoder"].to_code.parameters())
    assert all(p.grad is not None and p.grad.any() for p in model.generator["generator"].to_image.parameters())
