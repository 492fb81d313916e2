"""The noise-to-image step against the same algorithm written plainly, and its parts one by one."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hydra.errors import InstantiationException
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.losses import Constraint, Penalty, Regulariser
from gan_lightning.models import GAN

TINY = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none"),
]


def snapshot(network: nn.Module) -> list[Tensor]:
    return [parameter.detach().clone() for parameter in network.parameters()]


def same(before: list[Tensor], network: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


# --- the whole step ---


def plain_training(model: GAN, data: Any, critic_steps: int, real_target: float) -> tuple[nn.Module, nn.Module]:
    """DCGAN's algorithm in plain PyTorch: returns the trained generator and the average of its weights."""
    generator, discriminator = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    average = copy.deepcopy(generator)
    adam_g = torch.optim.Adam(generator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(discriminator.parameters(), lr=1e-3, betas=(0.5, 0.999))
    bce = F.binary_cross_entropy_with_logits
    seen, steps = 0, 0
    for step, (real, label) in enumerate(data.train_dataloader(), start=1):
        key = np.random.SeedSequence([0, seen, 0])
        torch.manual_seed(int(key.generate_state(1, np.uint64)[0]))
        seen += len(real)
        with torch.no_grad():
            fake = generator(torch.randn(len(real), 100), label)
        on_real, on_fake = discriminator(real, label).logits, discriminator(fake, label).logits
        loss = bce(on_real, torch.full_like(on_real, real_target)) + bce(on_fake, torch.zeros_like(on_fake))
        adam_d.zero_grad()
        loss.backward()
        adam_d.step()
        if step % critic_steps == 0:
            on_fake = discriminator(generator(torch.randn(len(real), 100), label), label).logits
            adam_g.zero_grad()
            bce(on_fake, torch.ones_like(on_fake)).backward()
            adam_g.step()
            decay = 0.99 if steps else 0.0
            for mean, value in zip(average.parameters(), generator.parameters(), strict=True):
                mean.data.mul_(decay).add_(value.data, alpha=1 - decay)
            for mean, value in zip(average.buffers(), generator.buffers(), strict=True):
                mean.copy_(value)
            steps += 1
    return generator, average


@pytest.mark.parametrize("critic_steps", [1, 3])
def test_an_epoch_equals_the_algorithm_written_plainly(composed, critic_steps, build, fit):
    config = composed("model=dcgan", f"model.critic_steps={critic_steps}", "loss.real_target=0.9", *TINY)
    config.model.optimisation.discriminator.lr = 0.001
    model, data = build(config)
    generator, average = plain_training(model, data, critic_steps, real_target=0.9)
    trained = fit(config)
    for ours, theirs in ((trained.generator, generator), (trained.ema.module, average)):
        for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")


# --- who moves when ---


@pytest.mark.parametrize("recipe", ["dcgan", "wgan_gp", "acgan", "cgan_projection"])
def test_each_update_moves_its_own_side_only(composed, recipe, monkeypatch, fit):
    moved = []

    update = GAN.update

    def watched(self: GAN, name: str, losses: Any) -> None:
        sides = {"G": self.generator, "D": nn.ModuleList([self.discriminator, self.auxiliaries])}
        before = {name: snapshot(side) for name, side in sides.items()}
        update(self, name, losses)
        moved.append("".join(name for name, side in sides.items() if not same(before[name], side)))

    monkeypatch.setattr(GAN, "update", watched)
    model = fit(composed(f"model={recipe}", *TINY))
    pattern = ["D"] * model.critic_steps + ["G"]
    assert moved == [*pattern * model.generator_step, *["D"] * (model.discriminator_step % model.critic_steps)]
    assert all(parameter.requires_grad for parameter in model.generator.parameters())
    assert all(parameter.requires_grad for parameter in model.discriminator.parameters())


def test_opponent_is_frozen_while_a_side_steps(composed, monkeypatch, fit):
    frozen = []

    def look(self: GAN, optimizer: Any) -> None:
        sides = {"G": self.generator, "D": self.discriminator}
        first = optimizer.param_groups[0]["params"][0]
        stepping = next(name for name, side in sides.items() if any(first is p for p in side.parameters()))
        frozen.append((stepping, {name: [p.grad is None for p in side.parameters()] for name, side in sides.items()}))
        for side in sides.values():
            side.zero_grad()

    monkeypatch.setattr(GAN, "on_before_optimizer_step", look)
    fit(composed("model=dcgan", *TINY), limit_train_batches=2)
    assert [stepping for stepping, _ in frozen] == ["D", "G", "D", "G"]
    for stepping, without_gradient in frozen:
        for side, flags in without_gradient.items():
            assert set(flags) == {side != stepping}


def test_every_critic_step_sees_a_fresh_batch(composed, monkeypatch, fit):
    seen = []
    original = GAN.discriminator_loss

    def recording(self: GAN, real: Tensor, label: Tensor) -> Tensor:
        seen.append(real.sum().item())
        return original(self, real, label)

    monkeypatch.setattr(GAN, "discriminator_loss", recording)
    model = fit(composed("model=wgan", *TINY))
    assert len(seen) == len(set(seen)) == model.discriminator_step == 8
    assert model.generator_step == 8 // 5


def test_noise_differs_between_steps_and_players(composed, monkeypatch, fit):
    drawn = []
    original = GAN.noise
    monkeypatch.setattr(GAN, "noise", lambda self, n: drawn.append(original(self, n)) or drawn[-1])
    fit(composed("model=dcgan", *TINY))
    assert len(torch.unique(torch.cat(drawn), dim=0)) == 8 * 8 * 2


# --- counters, budgets, schedules ---


@pytest.mark.parametrize(
    ("budget", "generator_step", "discriminator_step", "images_seen"),
    [
        (["max_generator_steps=3"], 3, 6, 48),
        (["max_images=40"], 2, 5, 40),
        (["max_images=41"], 3, 6, 48),
        (["max_generator_steps=9"], 9, 18, 144),  # goes on beyond the epoch of 8 batches
        (["trainer.max_epochs=2", "max_generator_steps=100"], 8, 16, 128),
    ],
)
def test_budgets_mean_what_they_say(composed, budget, generator_step, discriminator_step, images_seen, fit):
    config = composed("model=dcgan", "model.critic_steps=2", *TINY, *budget)
    model = fit(config, max_epochs=config.trainer.max_epochs)
    assert model.generator_step == generator_step
    assert model.discriminator_step == discriminator_step
    assert model.images_seen == images_seen


def test_rate_decays_linearly_in_generator_steps(composed, fit, spy):
    rates = []
    decay = ["model.optimisation.schedule._target_=gan_lightning.models.LinearDecay"]
    config = composed("model=dcgan", "model.critic_steps=2", "max_generator_steps=4", *decay, *TINY)
    look = spy(lambda model: rates.append(model.lr_schedulers()[0].get_last_lr()[0] / 0.001))
    fit(config, look, max_epochs=config.trainer.max_epochs)
    assert rates == pytest.approx([1, 0.75, 0.75, 0.5, 0.5, 0.25, 0.25, 0])


def test_progress_follows_epochs_where_they_are_the_budget(composed, fit, spy):
    progress = []
    fit(composed("model=dcgan", *TINY), spy(lambda model: progress.append(model.progress)), max_epochs=2)
    assert progress == pytest.approx([step / 16 for step in range(1, 17)])


# --- average, accumulation, clipping ---


def test_average_follows_its_recursion_and_copies_buffers(composed, fit, spy):
    expected: list[list[Tensor]] = []

    def look(model: GAN) -> None:
        now = snapshot(model.generator)
        if not expected:
            expected.append(now)
        else:
            expected.append([0.9 * mean + 0.1 * value for mean, value in zip(expected[-1], now, strict=True)])
        for mean, value in zip(expected[-1], model.ema.module.parameters(), strict=True):
            torch.testing.assert_close(value, mean)
        for mean, value in zip(model.ema.module.buffers(), model.generator.buffers(), strict=True):
            assert torch.equal(mean, value)

    fit(composed("model=dcgan", "model.optimisation.ema_decay=0.9", *TINY), spy(look))
    assert len(expected) == 8


class Unnormalised(nn.Module):
    """In place of batch norm, whose statistics depend on how images are cut into batches."""

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        return x


def test_accumulated_batches_equal_one_large_batch(composed, monkeypatch, build, trainer):
    def run(batch_size: int, accumulate: int) -> GAN:
        position = {"D": 0, "G": 0}

        def noise(self: GAN, n: int) -> Tensor:
            """One stream of noise per player, however it is cut; D's fakes are made without gradient."""
            player = "G" if torch.is_grad_enabled() else "D"
            rows = torch.randn(200, 100, generator=torch.Generator().manual_seed(ord(player)))
            position[player] += n
            return rows[position[player] - n : position[player]]

        monkeypatch.setattr(GAN, "noise", noise)
        settings = [f"model.optimisation.accumulate={accumulate}", "critic_norm=layer", "penalty=gradient"]
        config = composed("model=dcgan", *TINY, *settings, f"dataset.batch_size={batch_size}")
        config.model.optimisation.gradient_clip_norm = 0.5
        # Plain gradient descent: Adam would magnify rounding where a gradient is nearly zero.
        for side in ("generator", "discriminator"):
            config.model.optimisation[side] = {"_target_": "torch.optim.SGD", "_partial_": True, "lr": 0.1}
        model, data = build(config)
        # The penalty's random points would be cut differently too; at weight zero only the path is exercised.
        model.penalties["gradient"].weight = 0.0
        for generator in (model.generator, model.ema.module):
            generator.norms = nn.ModuleList(Unnormalised() for _ in generator.norms)
        trainer(max_epochs=1).fit(model, data)
        return model

    small, large = run(4, 4), run(16, 1)
    assert small.generator_step == large.generator_step == 4
    assert small.images_seen == large.images_seen == 64
    for a, b in zip(small.parameters(), large.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("recipe", ["dcgan", "wgan_gp"])
def test_clipping_bounds_the_gradient_of_each_side(composed, monkeypatch, recipe, fit):
    norms = []
    original = GAN.on_before_optimizer_step

    def look(self: GAN, optimizer: Any) -> None:
        original(self, optimizer)
        gradients = [p.grad for p in optimizer.param_groups[0]["params"]]
        norms.append(torch.stack([g.norm() for g in gradients]).norm().item())

    monkeypatch.setattr(GAN, "on_before_optimizer_step", look)
    fit(composed(f"model={recipe}", "model.optimisation.gradient_clip_norm=0.01", *TINY))
    assert len(norms) >= 9
    assert max(norms) <= 0.01 * (1 + 1e-4)


# --- terms of the losses ---


class Constant(Penalty):
    """A penalty that counts its calls and whose value is one, with gradient to the critic's score."""

    def __init__(self, every: int) -> None:
        super().__init__(every)
        self.calls = 0

    def forward(
        self, critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        self.calls += 1
        assert critic(fake).shape == (len(fake),)
        return torch.ones(())


class SquaredNorm(Regulariser):
    def forward(self, network: nn.Module) -> Tensor:
        return torch.stack([p.square().sum() for p in network.parameters()]).sum()


class Zero(Constraint):
    def __call__(self, network: nn.Module) -> None:
        nn.utils.vector_to_parameters(torch.zeros(sum(p.numel() for p in network.parameters())), network.parameters())


def loss_of_discriminator(model: GAN, step: int) -> float:
    model.players["discriminator"].steps = step
    torch.manual_seed(0)
    model.eval()
    images = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    return model.discriminator_loss(images, torch.zeros(4, dtype=torch.long)).item()


def test_lazy_penalty_acts_every_nth_step_times_n(composed, build):
    model, _ = build(composed("model=dcgan", *TINY))
    plain = [loss_of_discriminator(model, step) for step in range(6)]
    model.penalties["lazy"] = Constant(every=3)
    lazy = [loss_of_discriminator(model, step) for step in range(6)]
    assert np.subtract(lazy, plain) == pytest.approx([3, 0, 0, 3, 0, 0], abs=1e-5)
    assert model.penalties["lazy"].calls == 2


@pytest.mark.parametrize("side", ["generator", "discriminator"])
def test_regularisers_act_on_their_own_network(composed, side, build, trainer):
    """One step of gradient descent at rate 0.1: the squared norm moves every parameter p by a further -0.2 p."""
    sgd = "{_target_: torch.optim.SGD, _partial_: true, lr: 0.1}"
    optimizers = [f"~model.optimisation.{name}" for name in ("generator", "discriminator")]
    optimizers += [f"+model.optimisation.{name}={sgd}" for name in ("generator", "discriminator")]
    ends, start = {}, {}
    for regularised in (False, True):
        model, data = build(composed("model=dcgan", *TINY, *optimizers))
        start = {name: snapshot(getattr(model, name)) for name in ("generator", "discriminator")}
        if regularised:
            model.regularisers[("generator", "discriminator").index(side)]["squares"] = SquaredNorm()
        trainer(limit_train_batches=1).fit(model, data)
        ends[regularised] = {name: snapshot(getattr(model, name)) for name in start}
    for p, plain, moved in zip(start[side], ends[False][side], ends[True][side], strict=True):
        torch.testing.assert_close(moved - plain, -0.2 * p, rtol=1e-3, atol=1e-5)
    if side == "generator":  # it steps last, so it cannot have touched the other
        assert all(torch.equal(a, b) for a, b in zip(*(ends[r]["discriminator"] for r in (False, True)), strict=True))


@pytest.mark.parametrize("accumulate", [1, 2])
def test_historical_averaging_is_over_the_updates_of_each_side(composed, accumulate, build, trainer, spy):
    sides = ["generator", "discriminator"]
    chosen = [f"regulariser@{side}_regulariser=historical_averaging" for side in sides]
    accumulated = f"model.optimisation.accumulate={accumulate}"
    model, data = build(composed("model=dcgan", "model.critic_steps=2", accumulated, *chosen, *TINY))
    history = {side: [snapshot(getattr(model, side))] for side in sides}

    def look(model: GAN) -> None:
        for side, steps in (("generator", model.generator_step), ("discriminator", model.discriminator_step)):
            if steps == len(history[side]):
                history[side].append(snapshot(getattr(model, side)))

    trainer(spy(look)).fit(model, data)
    assert [len(history[side]) - 1 for side in sides] == [4 // accumulate, 8 // accumulate]
    for index, side in enumerate(sides):
        vectors = torch.stack([nn.utils.parameters_to_vector(then).double() for then in history[side]])
        mean = model.regularisers[index]["historical_averaging"].mean
        torch.testing.assert_close(mean.double(), vectors.mean(0), rtol=1e-4, atol=1e-7)
        assert (vectors[-1] - vectors.mean(0)).abs().max() > 1e-3


def test_a_model_that_is_built_again_has_the_history_of_the_checkpoint(composed, build, fit):
    config = composed("model=dcgan", "regulariser@discriminator_regulariser=historical_averaging", *TINY)
    trained, (again, _) = fit(config), build(config)
    again.load_state_dict(trained.state_dict())
    ours, theirs = (model.regularisers[1]["historical_averaging"] for model in (again, trained))
    assert ours.count == theirs.count == 9
    assert torch.equal(ours.mean, theirs.mean)
    assert ours(again.discriminator) > 0


def test_the_generators_loss_is_its_weighted_adversarial_loss_and_its_tasks(composed, build):
    def loss(*settings: str) -> float:
        model, data = build(composed("model=dcgan", "auxiliary=feature_matching", *TINY, *settings))
        torch.manual_seed(0)
        return model.eval().generator_loss(*next(iter(data.train_dataloader()))).item()

    model, data = build(composed("model=dcgan", *TINY))
    real, label = next(iter(data.train_dataloader()))
    torch.manual_seed(0)
    noise = torch.randn(8, 100)
    model.eval()
    on_real, on_fake = model.discriminator(real, label), model.discriminator(model.generator(noise, label), label)
    adversarial = F.softplus(-on_fake.logits).mean().item()
    matching = (on_real.features.mean(0) - on_fake.features.mean(0)).norm().square().item()
    # Means of features nearly cancel, which leaves few digits.
    assert loss() == pytest.approx(adversarial + matching, rel=1e-3)
    assert loss("model.adversarial_weight=0") == pytest.approx(matching, rel=1e-3)
    weights = ["model.adversarial_weight=0.3", "auxiliary.feature_matching.weight=2"]
    assert loss(*weights) == pytest.approx(0.3 * adversarial + 2 * matching, rel=1e-3)


def test_a_game_that_changes_follows_the_budget(composed, fit, spy):
    shares = []
    config = composed("model=dcgan", "game=top_k", "game.share=0.25", "max_generator_steps=4", *TINY)
    fit(config, spy(lambda model: shares.append(model.loss.now)))
    assert shares == pytest.approx([1, 0.25**0.25, 0.25**0.5, 0.25**0.75])


def test_constraint_acts_after_the_discriminators_optimizer_step(composed, build, trainer, spy):
    zeros = []
    model, data = build(composed("model=dcgan", *TINY))
    model.players["discriminator"].constraints = {"zero": Zero()}
    look = spy(lambda model: zeros.append(all(not p.any() for p in model.discriminator.parameters())))
    trainer(look, max_epochs=1).fit(model, data)
    assert zeros == [True] * 8


def test_weight_clipping_of_the_wgan_recipe_holds(composed, fit):
    model = fit(composed("model=wgan", *TINY))
    assert max(p.abs().max().item() for p in model.discriminator.parameters()) <= 0.01


def test_generator_batch_is_a_multiple(composed, monkeypatch, fit):
    sizes = []
    original = GAN.noise
    monkeypatch.setattr(GAN, "noise", lambda self, n: sizes.append(n) or original(self, n))
    fit(composed("model=wgan_gp", *TINY))
    assert sizes == [8, 8, 8, 8, 8, 16, 8, 8, 8]


def test_classes_of_fakes_are_the_batchs_or_drawn_uniformly(composed, monkeypatch, build):
    """What each player is told of its fakes, and that D is told the truth of the real images all the same."""
    told = []
    original = GAN.discriminate
    spy = lambda self, label, image: told.append(label.tolist()) or original(self, label, image)  # noqa: E731
    monkeypatch.setattr(GAN, "discriminate", spy)
    for drawn in ("false", "true"):
        model, data = build(composed("model=cgan", f"model.draw_labels={drawn}", "model.generator_batch=2", *TINY))
        real, label = next(iter(data.train_dataloader()))
        label = torch.full_like(label, 7)
        counts = torch.zeros(10)
        torch.manual_seed(0)
        for _ in range(100):
            told.clear()
            model.discriminator_loss(real, label)
            model.generator_loss(real, label)
            of_reals, of_fakes, of_generator = told
            assert of_reals == [7] * 8
            counts += torch.bincount(torch.tensor(of_fakes + of_generator), minlength=10)
        # 2,400 draws of ten classes: none is more than five standard deviations off its share.
        expected = torch.full((10,), 240.0) if drawn == "true" else 2400.0 * F.one_hot(torch.tensor(7), 10)
        assert (counts - expected).abs().max() <= (5 * 240**0.5 if drawn == "true" else 0)


# --- samples ---


def test_samples_do_not_depend_on_the_batch(composed, build):
    model, _ = build(composed("model=cgan", *TINY))
    whole = model.sample(10, seed=3)
    torch.testing.assert_close(model.sample(4, seed=3), whole[:4])
    assert not torch.equal(model.sample(4, seed=4), whole[:4])
    number = torch.tensor([7, 2])
    expected = model.noise_at(torch.arange(10), seed=3)[number]
    assert torch.equal(model.noise_at(number, seed=3), expected)


def test_noise_of_samples_is_standard_normal(composed, build):
    model, _ = build(composed("model=dcgan", *TINY))
    noise = model.noise_at(torch.arange(2000), seed=0)
    assert noise.mean().abs() < 0.01
    assert noise.var() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.critic_steps=0"], "model.critic_steps=0"),
        (["model.generator_batch=0"], "model.generator_batch=0"),
        (["model.adversarial_weight=-1", "auxiliary=feature_matching"], "model.adversarial_weight=-1"),
        (["model.adversarial_weight=0"], "model.adversarial_weight=0.*auxiliary=feature_matching"),
        (["model.optimisation.ema_decay=1.0"], "ema_decay=1.0"),
        (["model.optimisation.accumulate=0"], "accumulate=0"),
        (["max_images=-5"], "max_images=-5"),
        (["model=cgan", "dataset.source.num_classes=0"], "conditioning=none"),
        (["model=acgan", "dataset.source.num_classes=0", "conditioning=none"], "model=dcgan"),
        (["dataset.resolution=48"], "dataset.resolution=48"),
        (["model.draw_labels=true", "penalty=lecam"], "model.draw_labels=true"),
        (["model=acgan", "model.draw_labels=true"], "model.draw_labels=true.*auxiliary=none"),
    ],
)
def test_a_setting_that_cannot_work_is_named(composed, overrides, message, build):
    with pytest.raises(InstantiationException, match=message):
        build(composed("model=dcgan", *TINY, *overrides))
