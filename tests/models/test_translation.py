"""The two steps of translation against the same algorithms written plainly, and what is particular to each."""

import copy
from itertools import chain
from typing import Any

import lightning.pytorch as L
import numpy as np
import pytest
import torch
from hydra.errors import InstantiationException
from torch import Tensor, nn
from torch.nn import functional as F

from gan_lightning.batch import HeldOut, Route
from gan_lightning.models import CycleGAN, Pix2Pix
from gan_lightning.models.pool import ImagePool

STEPS = 10
COMMON = ["network.width=4", "metrics=none", "dataset.resolution=32", "model.optimisation.ema_decay=0.9"]
PAIRED = ["model=pix2pix", "dataset=fake_pairs", "dataset.source.size=40", "dataset.batch_size=4", *COMMON]
UNPAIRED = [
    *("model=cyclegan", "dataset=fake_unpaired", "dataset.source.size=20", "dataset.batch_size=2", *COMMON),
    "network.translator.blocks=1",
]


def assert_equal(ours: nn.Module, theirs: nn.Module) -> None:
    for (name, a), b in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}")


def seed_step(seen: int) -> None:
    torch.manual_seed(int(np.random.SeedSequence([0, seen, 0]).generate_state(1, np.uint64)[0]))


def averaged(average: nn.Module, network: nn.Module, steps: int) -> None:
    decay = 0.9 if steps else 0.0
    for mean, value in zip(average.parameters(), network.parameters(), strict=True):
        mean.data.mul_(decay).add_(value.data, alpha=1 - decay)
    for mean, value in zip(average.buffers(), network.buffers(), strict=True):
        mean.copy_(value)


# --- Pix2Pix ---


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


def test_dropout_is_noise_at_sampling_unless_switched_off(composed, build):
    overrides = [*PAIRED, "dataset.resolution=64"]
    source = torch.rand(3, 3, 64, 64) * 2 - 1
    for noisy in (True, False):
        model, _ = build(composed(*overrides, f"model.sampling_noise={noisy}"))
        first, second = model.translate(source, seed=1), model.translate(source, seed=2)
        assert torch.equal(first, second) is not noisy
        assert torch.equal(first, model.translate(source, seed=1))


def test_noise_of_a_picture_does_not_depend_on_its_batch(composed, build):
    model, _ = build(composed(*PAIRED, "dataset.resolution=64"))
    source = torch.rand(4, 3, 64, 64) * 2 - 1
    state = torch.get_rng_state()
    whole = model.translate(source, seed=3)
    assert torch.equal(torch.get_rng_state(), state)
    alone = model.translate(source[2:3], seed=3, number=torch.tensor([2]))
    assert torch.equal(whole[2:3], alone)


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


# --- CycleGAN ---


class PlainPool:
    """The authors' pool, written from their paper's words."""

    def __init__(self) -> None:
        self.kept: list[Tensor] = []

    def show(self, batch: Tensor) -> Tensor:
        out = []
        coins, places = torch.rand(len(batch)), torch.randint(5, (len(batch),))  # whether they are needed or not
        for i in range(len(batch)):
            new = batch[i : i + 1].clone()
            if len(self.kept) < 5:
                self.kept.append(new)
            elif coins[i] < 0.5:
                j = int(places[i])
                old = self.kept[j]
                self.kept[j] = new
                new = old
            out.append(new)
        return torch.cat(out)


def plain_cyclegan(model: CycleGAN, data: Any) -> tuple[nn.Module, nn.Module, nn.Module, list[float]]:
    """The authors' algorithm in plain PyTorch: both generators, then both discriminators on pooled fakes."""
    generators, discriminators = copy.deepcopy(model.generator), copy.deepcopy(model.discriminator)
    average = copy.deepcopy(generators)
    a2b, b2a, on_a, on_b = generators["a2b"], generators["b2a"], discriminators["a"], discriminators["b"]
    adam_g = torch.optim.Adam(chain(a2b.parameters(), b2a.parameters()), lr=2e-4, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(chain(on_a.parameters(), on_b.parameters()), lr=2e-4, betas=(0.5, 0.999))
    pool_a, pool_b = PlainPool(), PlainPool()
    rates = []
    for step, (a, b) in enumerate(data.train_dataloader()):
        seed_step(2 * step)
        rate = 2e-4 * min(1.0, (1 - step / STEPS) / 0.5)
        rates.append(rate)
        for group in (*adam_g.param_groups, *adam_d.param_groups):
            group["lr"] = rate
        fake_a, fake_b = b2a(b), a2b(a)
        adversarial = (on_a(fake_a, None).logits - 1).square().mean() + (on_b(fake_b, None).logits - 1).square().mean()
        cycle = 10 * ((b2a(fake_b) - a).abs().mean() + (a2b(fake_a) - b).abs().mean())
        identity = 5 * ((b2a(a) - a).abs().mean() + (a2b(b) - b).abs().mean())
        adam_g.zero_grad()
        (adversarial + cycle + identity).backward()
        adam_g.step()
        averaged(average, generators, step)
        shown_a, shown_b = pool_a.show(fake_a.detach()), pool_b.show(fake_b.detach())
        loss = 0.0
        for critic, real, fake in ((on_a, a, shown_a), (on_b, b, shown_b)):
            loss = loss + 0.5 * (critic(real, None).logits - 1).square().mean()
            loss = loss + 0.5 * critic(fake, None).logits.square().mean()
        adam_d.zero_grad()
        loss.backward()
        adam_d.step()
    assert step + 1 == STEPS
    return generators, discriminators, average, rates


def test_ten_updates_of_cyclegan_equal_the_algorithm_written_plainly(composed, build, fit, spy):
    overrides = [*UNPAIRED, "model.pool_size=5"]
    model, data = build(composed(*overrides))
    generators, discriminators, average, rates = plain_cyclegan(model, data)
    seen = []
    look = spy(lambda model: seen.append(model.optimizers()[0].param_groups[0]["lr"]))
    trained = fit(composed(*overrides), look)
    assert_equal(trained.generator, generators)
    assert_equal(trained.discriminator, discriminators)
    assert_equal(trained.ema.module, average)
    assert seen[:-1] == pytest.approx(rates[1:])
    assert len(trained.pools["a"].content()) == 5


def test_cyclegan_runs_each_generator_three_times_a_step(composed, build, trainer):
    calls: list[int] = []
    model, data = build(composed(*UNPAIRED))
    model.generator["a2b"].register_forward_hook(lambda module, args, output: calls.append(1))
    trainer(limit_train_batches=1).fit(model, data)
    # There, back and identity; the discriminators' step runs none.
    assert len(calls) == 3


def test_cyclegan_with_critic_steps_begins_with_the_generators(composed, fit, spy):
    steps = []
    look = spy(lambda model: steps.append((model.generator_step, model.discriminator_step)))
    fit(composed(*UNPAIRED, "model.critic_steps=3"), look, limit_train_batches=4)
    assert steps == [(1, 1), (1, 2), (1, 3), (2, 4)]


def test_cyclegan_translates_between_domains_of_different_channels(composed, fit):
    channels = ["dataset.source.channels_a=1", "dataset.source.channels_b=4", "model.identity=0"]
    model = fit(composed(*UNPAIRED, *channels), limit_train_batches=2)
    assert model.translate(torch.zeros(1, 1, 32, 32)).shape == (1, 4, 32, 32)
    shown = model.validation_step(HeldOut(Route("b", "a"), torch.tensor([0]), torch.zeros(1, 4, 32, 32), None), 0)
    assert shown.output.shape == (1, 1, 32, 32)
    assert shown.back.shape == (1, 4, 32, 32)


def test_identity_between_different_channels_is_refused(composed, build):
    channels = ["dataset.source.channels_a=1", "dataset.source.channels_b=3"]
    with pytest.raises(InstantiationException, match=r"model\.identity=0\.5.*1 and 3 channels.*model\.identity=0"):
        build(composed(*UNPAIRED, *channels))


# --- both ---


@pytest.mark.parametrize("recipe", [PAIRED, UNPAIRED])
def test_penalties_need_a_critic_that_judges_alone(composed, recipe, build):
    with pytest.raises(InstantiationException, match="critic_norm=layer"):
        build(composed(*recipe, "penalty=gradient", "critic_norm=batch"))


@pytest.mark.parametrize("recipe", [PAIRED, UNPAIRED])
def test_clipping_does_not_go_with_slopes_of_one_or_divided_weights(composed, recipe, build):
    clipped = "constraint=weight_clipping"
    with pytest.raises(InstantiationException, match="penalty=gradient asks the discriminator for slopes of one"):
        build(composed(*recipe, clipped, "penalty=gradient", "critic_norm=instance"))
    with pytest.raises(InstantiationException, match="constraint=weight_clipping bounds weights that spectral norm"):
        build(composed(*recipe, clipped, "critic_norm=spectral"))


@pytest.mark.parametrize("recipe", [PAIRED, UNPAIRED])
def test_regularisers_remember_every_update_of_their_side(composed, recipe, fit):
    sides = ("generator_regulariser", "discriminator_regulariser")
    model = fit(composed(*recipe, *(f"regulariser@{side}=historical_averaging" for side in sides)))
    for regularisers, network in zip(model.regularisers, (model.generator, model.discriminator), strict=True):
        term = regularisers["historical_averaging"]
        assert term.count == STEPS + 1
        assert len(term.mean) == sum(parameter.numel() for parameter in network.parameters())
        assert term(network) > 0


@pytest.mark.parametrize("recipe", [PAIRED, UNPAIRED])
def test_every_pair_of_loss_and_penalty_leaves_finite_weights(composed, recipe, fit):
    for setting in (["loss=wasserstein", "penalty=gradient"], ["loss=hinge", "penalty=[gradient,r1]"]):
        model = fit(composed(*recipe, *setting, "critic_norm=instance"), limit_train_batches=2)
        assert all(torch.isfinite(value).all() for value in model.state_dict().values())


def test_gradient_penalty_acts_on_both_discriminators_with_a_copy_each(composed, build):
    model, _ = build(composed(*UNPAIRED, "penalty=gradient"))
    assert model.penalties["a"]["gradient"] is not model.penalties["b"]["gradient"]


@pytest.mark.parametrize("recipe", [PAIRED, UNPAIRED])
def test_accumulated_batches_equal_one_large_batch_without_batch_statistics(composed, recipe, fit):
    norm = ["critic_norm=none", "network.translator.norm._target_=gan_lightning.networks.NoNorm"]
    # No pool: its order of draws is that of the batches.
    rest = [*norm, *(["model.pool_size=0"] if recipe is UNPAIRED else [])]
    size = 2 if recipe is UNPAIRED else 4
    small = fit(composed(*recipe, *rest, "model.optimisation.accumulate=2", f"dataset.batch_size={size}"))
    large = fit(composed(*recipe, *rest, f"dataset.batch_size={2 * size}"))
    assert small.generator_step == large.generator_step == STEPS // 2
    assert_equal(small.generator, large.generator)
    assert_equal(small.discriminator, large.discriminator)


@pytest.mark.parametrize("recipe", [PAIRED, UNPAIRED])
def test_half_precision_moves_every_weight(composed, recipe, build, trainer):
    model, data = build(composed(*recipe))
    before = copy.deepcopy(model.state_dict())
    trainer(precision="bf16-mixed", limit_train_batches=2).fit(model, data)
    after = model.state_dict()
    still = [name for name in before if name.startswith(("generator.", "discriminator.")) and "weight" in name]
    assert still
    assert not [name for name in still if torch.equal(before[name], after[name])]


def test_resume_continues_rates_and_pools(composed, tmp_path, build, fit, trainer, spy):
    """The second half of a run, from a checkpoint in its middle, equals the uninterrupted run."""
    overrides = [*UNPAIRED, "model.pool_size=5"]
    rates: dict[str, list[float]] = {"whole": [], "resumed": []}

    def watch(name: str) -> L.Callback:
        return spy(lambda model: rates[name].append(model.optimizers()[1].param_groups[0]["lr"]))

    whole = fit(composed(*overrides), watch("whole"), max_epochs=2)
    model, data = build(composed(*overrides))
    first = trainer(max_epochs=2)
    first.fit_loop.max_epochs = 2
    stop = spy(lambda model: None)
    half = trainer(stop, max_epochs=2, limit_train_batches=STEPS)
    saved = tmp_path / "half.ckpt"

    class Save(L.Callback):
        def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
            if trainer.current_epoch == 0:
                trainer.save_checkpoint(saved)

    half.callbacks.append(Save())
    half.fit(model, data)
    resumed, data = build(composed(*overrides))
    trainer(watch("resumed"), max_epochs=2).fit(resumed, data, ckpt_path=saved, weights_only=True)
    assert rates["resumed"] == rates["whole"][STEPS:]
    for domain in "ab":
        ours, theirs = resumed.pools[domain].content(), whole.pools[domain].content()
        assert len(ours) == 5
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    for (name, a), b in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


# --- the pool ---


def test_pool_returns_its_input_until_it_is_full():
    pool = ImagePool(4)
    images = torch.arange(4.0).view(4, 1, 1, 1)
    assert torch.equal(pool(images), images)
    assert len(pool.content()) == 4


def test_full_pool_exchanges_half_and_loses_none():
    pool = ImagePool(10)
    torch.manual_seed(0)
    shown = [float(image) for batch in torch.arange(2000.0).view(-1, 4, 1, 1, 1) for image in pool(batch)]
    kept = [float(image) for image in pool.content()]
    # Whatever was exchanged is either still in the pool or was shown once in another's place.
    assert sorted(set(shown) | set(kept)) == list(range(2000))
    exchanged = sum(value != position for position, value in enumerate(shown))
    assert 900 < exchanged < 1100
    ages = [position - value for position, value in enumerate(shown) if value != position]
    assert 15 < sum(ages) / len(ages) < 25  # leaves with probability 1/20 a step
    assert len(kept) == 10


def test_empty_pool_shows_what_it_is_given():
    images = torch.rand(3, 1, 2, 2)
    assert torch.equal(ImagePool(0)(images), images)
