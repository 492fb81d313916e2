"""Text to image by the noise step, against GAN-INT-CLS written plainly, and the parts of it one by one."""

import copy
import math
from typing import Any

import numpy as np
import pytest
import torch
from hydra.errors import InstantiationException
from torch import Tensor
from torch.nn import functional as F

from gan_lightning.batch import Verdict
from gan_lightning.errors import SettingError
from gan_lightning.training import train

TINY = [
    *("model=gan_cls", "dataset=fake_captions", "dataset.source.size=40", "dataset.resolution=16"),
    *("dataset.batch_size=8", "network.width=4", "metrics=none", "text_encoder.features=8"),
]


def swapped(c: Tensor) -> Tensor:
    return c.view(-1, 2, *c.shape[1:]).flip(1).reshape(c.shape)


def plain_training(model: Any, data: Any) -> tuple[Any, Any]:
    """Algorithm 1 of arXiv:1605.05396 with eq. 5, BCE with real labels of 0.9; the encoder learns with D."""
    generator, discriminator = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    encoder = copy.deepcopy(model.text_encoder)
    adam_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam([*discriminator.parameters(), *encoder.parameters()], lr=5e-4, betas=(0.5, 0.999))
    seen = 0

    def bce(logits: Tensor, target: float) -> Tensor:
        return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))

    for real, caption in data.train_dataloader():
        torch.manual_seed(int(np.random.SeedSequence([0, seen, 0]).generate_state(1, np.uint64)[0]))
        seen += len(real)
        t = encoder(caption)
        with torch.no_grad():
            fake = generator(torch.randn(len(real), 100), t)
        # In the order in which batch norm gathers its statistics.
        wrong = discriminator(real, swapped(t)).logits
        right, made = discriminator(real, t).logits, discriminator(fake, t).logits
        adam_d.zero_grad()
        (bce(right, 0.9) + (bce(wrong, 0.0) + bce(made, 0.0)) / 2).backward()
        adam_d.step()
        t = encoder(caption).detach()
        asked = torch.cat([t, 0.5 * t + 0.5 * swapped(t)])
        adam_g.zero_grad()
        z = torch.cat([torch.randn(len(t), 100), torch.randn(len(t), 100)])
        bce(discriminator(generator(z, asked), asked).logits, 1.0).backward()
        adam_g.step()
    return generator, encoder


def test_an_epoch_equals_the_algorithm_written_plainly(composed, build, fit):
    config = composed(*TINY)
    generator, encoder = plain_training(*build(config))
    trained = fit(config)
    for ours, theirs in ((trained.generator, generator), (trained.text_encoder, encoder)):
        for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")


def test_wrong_pairs_and_fakes_count_half_each(composed, build):
    """With logits of 0 everywhere the loss is ln 2 (1 + 1/2 + 1/2); a wrong pair's logit weighs half a real one's."""
    model, _ = build(composed(*TINY, "loss=non_saturating"))
    model.log_scalars = lambda **values: None
    logits = {"real": torch.zeros(8, 1), "fake": torch.zeros(8, 1), "wrong": torch.zeros(8, 1, requires_grad=True)}
    verdicts = {name: Verdict(value, torch.zeros(8, 2)) for name, value in logits.items()}
    real, fake = torch.zeros(8, 3, 16, 16), torch.ones(8, 3, 16, 16)
    loss, _, _ = model.discriminator_objective(
        lambda image: verdicts["real" if image is real else "fake"], real, fake, {}, wrong=[verdicts["wrong"]]
    )
    assert loss.item() == pytest.approx(2 * math.log(2))
    loss.backward()
    assert logits["wrong"].grad.sum().item() == pytest.approx(0.5 * 0.5)  # half the weight, slope sigmoid(0)


def test_samples_come_from_the_averaged_encoder(composed, fit):
    model = fit(composed(*TINY))
    average = model.text_average.module
    assert not torch.equal(average.words.weight, model.text_encoder.words.weight)
    z, caption = model.noise_at(torch.arange(3), 0), model.conditions(torch.arange(3))
    expected = model.ema.module.eval()(z, average(caption))
    torch.testing.assert_close(model.sample(3), expected)


def test_the_critic_reads_captions_as_the_data_deliver_them(composed, build):
    model, data = build(composed(*TINY))
    real, caption = next(iter(data.train_dataloader()))
    model.eval()
    expected = model.discriminator(real, model.text_encoder(caption)).logits
    assert torch.equal(model.critic(real, caption).logits, expected)


def test_samples_show_examples_in_turn(composed, build):
    model, data = build(composed(*TINY))
    shown = data.spec().captions.shown
    assert [model.text_encoder.vocabulary.decode(row) for row in model.conditions(torch.arange(3))] == shown[:3]
    assert not model.ignores_labels()


@pytest.mark.parametrize("loss", ["hinge", "wasserstein", "relativistic", "relativistic_average", "f_gan/kl"])
def test_every_kind_of_loss_takes_wrong_pairs(composed, fit, loss):
    model = fit(composed(*TINY, f"loss={loss}", "dataset.source.size=16"))
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())


def test_wrong_pairs_of_classes_need_no_captions(composed, fit):
    classes = ["model=cgan", "pairs=mismatched", "dataset=fake", "dataset.source.size=16", "dataset.resolution=16"]
    model = fit(composed(*classes, "dataset.batch_size=8", "network.width=4", "metrics=none"))
    assert model.text_encoder is None


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (["dataset=fake"], "text_encoder: reads captions, and this data set has none"),
        (["model.draw_labels=true"], "draw_labels=true: draws classes, and the conditions are captions"),
        (["text_encoder.features=7"], r"text_encoder.features=7: an even number"),
        (["network=resnet", "network.width=6"], "which are no map of 4 x 4 pixels"),
    ],
)
def test_parts_that_cannot_work_with_captions_are_refused(composed, build, chosen, said):
    with pytest.raises(InstantiationException, match=said):
        build(composed(*TINY, *chosen))


def test_a_model_that_reads_no_captions_refuses_their_parts(composed):
    small = ["dataset=fake", "dataset.source.size=8", "metrics=none"]
    with pytest.raises(SettingError, match=r"text_encoder: .*VAE reads no captions"):
        train(composed("model=vae", "text_encoder=gru", *small))
    with pytest.raises(SettingError, match="pairs=mismatched: .*VAE takes no further pairs"):
        train(composed("model=vae", "pairs=mismatched", *small))
    with pytest.raises(SettingError, match="callbacks=captions: shows samples under captions"):
        train(composed("model=dcgan", "callbacks=captions", *small))
