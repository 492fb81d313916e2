"""StarGAN against its algorithm written plainly, and what is particular to it."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import Route, Verdict
from gan_lightning.errors import SettingError
from gan_lightning.losses import GradientPenalty
from gan_lightning.models import StarGAN

UPDATES = 10  # of the generator
EVERY, BATCH = 2, 4
SMALL = ["model=stargan", "dataset=fake_domains", "dataset.resolution=16", "network.width=4", "metrics=none"]
SMALL += ["network.translator.blocks=1", f"dataset.batch_size={BATCH}"]
LARGER = [*SMALL[:-2], "dataset.resolution=32"]
COMPARED = [*SMALL, f"dataset.source.size={UPDATES * EVERY * BATCH}", f"model.critic_steps={EVERY}"]
COMPARED += ["model.optimisation.ema_decay=0.9", "trainer.precision=64-true"]
COMPARED += ["model.optimisation.schedule._target_=gan_lightning.models.Constant"]
COMPARED += ["~model.optimisation.schedule.start"]


def planes(image: Tensor, label: Tensor) -> Tensor:
    return torch.cat([image, label[:, :, None, None].repeat(1, 1, *image.shape[2:])], 1)


def plain_stargan(model: StarGAN, data: Any) -> tuple[nn.Module, nn.Module, nn.Module]:
    """The authors' algorithm in plain PyTorch, for labels of one kind out of three and one yes or no."""
    generator, discriminator = copy.deepcopy(model.generator).double(), copy.deepcopy(model.discriminator).double()
    head = copy.deepcopy(model.classification.head).double()
    adam_g = torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam([*discriminator.parameters(), *head.parameters()], lr=1e-4, betas=(0.5, 0.999))

    def judge(image: Tensor) -> tuple[Tensor, Tensor]:
        verdict = discriminator(image, None)
        return verdict.logits, head(verdict.features)

    def classification(logits: Tensor, label: Tensor) -> Tensor:
        kind = F.cross_entropy(logits[:, :3], label[:, :3].argmax(1))
        yes = F.binary_cross_entropy_with_logits(logits[:, 3:], label[:, 3:], reduction="sum") / len(label)
        return kind + yes

    for step, (image, label) in enumerate(data.train_dataloader()):
        image, label = image.double(), label.double()
        torch.manual_seed(int(np.random.SeedSequence([0, BATCH * step, 0]).generate_state(1, np.uint64)[0]))
        wanted = label[torch.randperm(BATCH)]
        with torch.no_grad():
            fake = generator(planes(image, wanted))
        on_real, told = judge(image)
        loss = -on_real.mean() + judge(fake)[0].mean() + classification(told, label)
        share = torch.rand(BATCH, 1, 1, 1, dtype=torch.float64)  # as the trainer's precision has it
        between = (share * image + (1 - share) * fake).requires_grad_()
        logits, _ = judge(between)
        (slope,) = torch.autograd.grad(logits, between, torch.ones_like(logits), create_graph=True)
        loss = loss + 10 * (slope.flatten(1).norm(dim=1) - 1).square().mean()
        adam_d.zero_grad()
        loss.backward()
        adam_d.step()
        if (step + 1) % EVERY == 0:
            fake = generator(planes(image, wanted))
            on_fake, told = judge(fake)
            back = generator(planes(fake, label))
            loss = -on_fake.mean() + classification(told, wanted) + 10 * (image - back).abs().mean()
            adam_g.zero_grad()
            loss.backward()
            adam_g.step()
    assert step + 1 == UPDATES * EVERY
    return generator, discriminator, head


def test_ten_updates_equal_the_algorithm_written_plainly(composed, build, trainer):
    model, data = build(composed(*COMPARED))
    before = copy.deepcopy(model.state_dict())
    expected = plain_stargan(model, data)
    trainer(precision="64-true").fit(model, data)
    assert (model.generator_step, model.discriminator_step) == (UPDATES, UPDATES * EVERY)
    for ours, theirs in zip((model.generator, model.discriminator, model.classification.head), expected, strict=True):
        for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-7, msg=lambda text, name=name: f"{name}: {text}")
    moved = [name for name, value in model.state_dict().items() if not torch.equal(value.float(), before[name])]
    assert any(name.startswith("generator.") for name in moved)
    assert "auxiliaries.classification.head.weight" in moved


def test_gradient_penalty_acts_on_the_sum_of_the_map(composed, build):
    """Four logits, each a/4 times the mean of P pixels, have a sum whose slope is a / sqrt(P)."""
    model, _ = build(composed(*SMALL))
    pixels, a = 3 * 16 * 16, 8.0

    class Linear(nn.Module):
        def forward(self, image: Tensor, condition: Tensor) -> Verdict:
            logit = a / 4 * image.flatten(1).mean(1)
            return Verdict(
                logit[:, None, None, None].expand(-1, 1, 2, 2), model.discriminator(image, condition).features
            )

    image, label = torch.rand(4, 3, 16, 16), torch.eye(4)
    seen = []

    class Spy(GradientPenalty):
        def forward(self, critic: Any, *given: Any) -> Tensor:
            penalty = super().forward(critic, *given)
            seen.append(penalty.item())
            return penalty

    critic = Linear()
    model.discriminator_objective(
        lambda shown: critic(shown, label), image, -image, {"gradient": Spy(10.0)}, as_score=lambda v: v.total
    )
    assert seen == [pytest.approx(10 * (a / pixels**0.5 - 1) ** 2, rel=1e-5)]


def test_wanted_labels_are_those_of_the_batch_in_another_order(composed, build, monkeypatch):
    model, data = build(composed(*SMALL, "dataset.source.size=16"))
    batch = next(iter(data.train_dataloader()))
    seen: list[Tensor] = []
    monkeypatch.setattr(model, "update", lambda name, losses: list(losses))
    monkeypatch.setattr(model, "discriminator_loss", lambda image, label, wanted: seen.append(wanted))
    monkeypatch.setattr(model, "generator_loss", lambda image, label, wanted: seen.append(wanted))
    monkeypatch.setattr(model, "due", lambda *_: True)
    torch.manual_seed(1)
    model.step([batch])
    of_discriminator, of_generator = seen
    assert of_discriminator is of_generator  # both learn from the same request
    assert not torch.equal(of_generator, batch.label)
    assert sorted(of_generator.tolist()) == sorted(batch.label.tolist())


def test_routes_set_what_the_domain_says_and_keep_what_the_discriminator_tells(composed, build):
    model, _ = build(composed(*SMALL))
    asked: list[Tensor] = []
    model.ema.module.register_forward_hook(lambda module, given, output: asked.append(given[0][:, 3:, 0, 0]))
    source = torch.rand(4, 3, 16, 16) * 2 - 1
    told = model.label_of(source)
    assert told.shape == (4, 4)
    assert (told[:, :3].sum(1) == 1).all()
    model.translate(source, "any2kind1")
    model.translate(source, "any2no")
    by_kind, by_answer = asked
    assert by_kind[:, :3].tolist() == [[0, 1, 0]] * 4
    torch.testing.assert_close(by_kind[:, 3], told[:, 3])
    assert by_answer[:, 3].tolist() == [0] * 4
    torch.testing.assert_close(by_answer[:, :3], told[:, :3])
    assert [route.name for route in model.routes] == ["any2kind0", "any2kind1", "any2kind2", "any2yes", "any2no"]
    assert model.translate(torch.rand(1, 3, 20, 28), "any2yes").shape == (1, 3, 20, 28)


def test_telling_labels_leaves_the_discriminator_in_training(composed, build):
    model, _ = build(composed(*SMALL))
    model.train()
    model.label_of(torch.rand(1, 3, 16, 16))
    assert model.discriminator.training


def test_domains_are_found_whatever_their_capitals_and_refused_with_a_list(composed, build):
    model, _ = build(composed(*SMALL))
    assert model.routes_into(["Kind_2", "YES"]) == [Route("any", "kind2"), Route("any", "yes")]
    assert model.routes_into(["all"]) == model.routes
    with pytest.raises(SettingError, match="domain=kind3: this checkpoint translates into kind0, kind1, .*no"):
        model.routes_into(["kind1", "kind3"])


def test_a_network_that_cannot_see_its_label_is_refused(composed, build):
    """Reflected at the border, a plane of one number stays one number, which instance norm subtracts."""
    config = composed(*SMALL)
    model, _ = build(config)
    model.dry_run(config.spec)
    config = composed(*LARGER, "network=translator")
    model, _ = build(config)
    with pytest.raises(SettingError, match="ResNetTranslator makes the same picture whatever label it gets"):
        model.dry_run(config.spec)
    config = composed(
        *LARGER, "network=translator", "network.translator.norm._target_=gan_lightning.networks.BatchNorm"
    )
    model, _ = build(config)
    model.dry_run(config.spec)
    config = composed(*LARGER, "network=residual_translator")
    model, _ = build(config)
    with pytest.raises(SettingError, match="pad with zeros, as network=stargan does"):
        model.dry_run(config.spec)


def test_residual_translator_adds_to_the_picture_without_its_label(composed, build):
    norm = "network.translator.change.norm._target_=gan_lightning.networks.NoNorm"
    config = composed(*LARGER, "network=residual_translator", norm)
    model, _ = build(config)
    model.dry_run(config.spec)
    for parameter in model.ema.module.change.layers[-2].parameters():
        nn.init.zeros_(parameter)
    source = torch.rand(2, 3, 32, 32) * 2 - 1
    torch.testing.assert_close(model.translate(source, "any2kind0"), source)
