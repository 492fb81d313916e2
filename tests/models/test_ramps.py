"""Training with settings that are ramps, and with modules that follow the budget."""

from typing import Any

import pytest
from torch import nn

from gan_lightning.composition import with_rates
from gan_lightning.losses import AdversarialLoss, LabelFlips
from gan_lightning.models import LinearRamp
from gan_lightning.ramps import Follows


class Counted(AdversarialLoss):
    """A loss from outside, whose `__init__` calls no other."""

    def __init__(self, rate: float) -> None:
        self.rate, self.seen = rate, []

    def discriminator(self, real: Any, fake: Any) -> Any:
        return fake.mean() - real.mean()

    def generator(self, fake: Any, real: Any = None) -> Any:
        return -fake.mean()

    def follow(self, progress: float) -> None:
        self.seen.append(progress)


SMALL = [
    *("model=dcgan", "dataset=fake", "dataset.source.size=32", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none", "trainer.max_epochs=1"),
]


def test_every_module_follows_wherever_it_is(composed: Any, build: Any, trainer: Any) -> None:
    class Growing(nn.Module, Follows):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[float] = []

        def follow(self, progress: float) -> None:
            self.seen.append(progress)

    model, data = build(composed(*SMALL))
    model.generator.deep = nn.Sequential(nn.Identity(), Growing())
    model.loss = LabelFlips(Counted(1.0), LinearRamp(0.0, 0.4))
    trainer().fit(model, data)
    assert model.generator.deep[1].seen == model.loss.of.seen == [0, 0.25, 0.5, 0.75]
    assert float(model.loss.probability.value) == pytest.approx(0.3)


def test_a_run_follows_the_ramps_of_its_settings(composed: Any, build: Any, trainer: Any, spy: Any) -> None:
    ramped = {"model.optimisation.ema_decay": (0.5, 0.9), "augment.instance_noise.std": (0.4, 0.0), "lr": (0, 1e-3)}
    chosen = ["augment=instance_noise"]
    for name, (start, end) in ramped.items():
        chosen += [f"+ramp@{name}=linear", f"{name}.start={start}", f"{name}.end={end}"]
    beta = "{_target_: gan_lightning.models.LinearRamp, start: 0.9, end: 0.98}"
    chosen += [f"model.optimisation.generator.betas=[0.0,{beta}]"]
    config = with_rates(composed(*SMALL, *chosen))
    seen: list[list[float]] = []

    def look(model: Any) -> None:
        groups = [optimizer.param_groups[0] for optimizer in model.trainer.optimizers]
        values = [model.ema.decay.value, model.augment.instance_noise.std, groups[0]["betas"][1], groups[1]["lr"]]
        seen.append([float(value) for value in values])

    model, data = build(config)
    trainer(spy(look)).fit(model, data)
    expected = [[0.5 + 0.1 * i, 0.4 - 0.1 * i, 0.9 + 0.02 * i, 2.5e-4 * (i + 1)] for i in range(4)]
    for found, wanted in zip(seen, expected, strict=True):
        assert found == pytest.approx(wanted)
