"""CycleGAN: the same algorithm written plainly, the order of its updates, and a resumed run."""

import copy
from itertools import chain
from typing import Any

import lightning.pytorch as L
import pytest
import torch
from hydra.errors import InstantiationException
from torch import Tensor, nn
from translations import STEPS, UNPAIRED, assert_equal, averaged, seed_step

from gan_lightning.batch import HeldOut, Route
from gan_lightning.models import CycleGAN


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


def test_gradient_penalty_acts_on_both_discriminators_with_a_copy_each(composed, build):
    model, _ = build(composed(*UNPAIRED, "penalty=gradient"))
    assert model.penalties["a"]["gradient"] is not model.penalties["b"]["gradient"]


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
