"""Energy-based models: the step written plainly, and samples that depend on their z alone."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hydra.errors import InstantiationException
from torch.nn import functional as F

from gan_lightning.errors import SettingError

TINY = [
    *("dataset=fake", "dataset.source.size=8", "dataset.resolution=16", "dataset.batch_size=4", "network.width=4"),
    *("metrics=none", "model.buffer.size=6", "model.chain.steps=3", "model.sampling_steps=3"),
]


@pytest.mark.parametrize("recipe", ["igebm", "jem"])
def test_two_steps_are_those_of_a_plain_loop(
    composed: Callable[..., Any], build: Callable[..., Any], trainer: Callable[..., Any], recipe: str
) -> None:
    config = composed(f"model={recipe}", *TINY, "model.optimisation.schedule._target_=gan_lightning.models.Constant")
    plain, _ = build(config)
    model, data = build(config)
    batches: list[Any] = []
    model.step, step = lambda window: (batches.append((torch.get_rng_state(), window)), step(window)), model.step
    trainer().fit(model, data)
    network, chain = plain.discriminator, config.model.chain
    network.train()
    adam = torch.optim.Adam(network.parameters(), **_settings(config))
    images = conditions = None
    for state, [(real, condition)] in batches:
        torch.set_rng_state(state)
        # Where chains begin: at noise, or at an image of the buffer, which at first is noise as well.
        noise = torch.special.erf(torch.randn(4, real[0].numel()) * 0.5**0.5).view_as(real)
        if images is None:
            random = torch.Generator().manual_seed(torch.initial_seed())
            images = (torch.rand(6, *real.shape[1:], generator=random) * 2 - 1).half()
            conditions = condition[[0, 1, 2, 3, 0, 1]]
        places = torch.randint(6, (4,))
        fresh = torch.rand(4) < config.model.buffer.fresh
        x = torch.where(fresh[:, None, None, None], noise, images[places].float())
        y = torch.where(fresh, condition, conditions[places])
        for _ in range(chain.steps):
            x.requires_grad_()
            (slope,) = torch.autograd.grad(_score(recipe, network, x, y).sum(), x)
            bound = chain.get("gradient_bound") or float("inf")
            x = (x + chain.rate * slope.clamp(-bound, bound) + chain.noise * torch.randn_like(x)).clamp(-1, 1).detach()
        images[places], conditions[places] = x.half(), y
        real = real + config.model.input_noise * torch.randn_like(real)
        on_real, on_found = _score(recipe, network, real, condition), _score(recipe, network, x, y)
        loss = on_found.mean() - on_real.mean()
        loss = loss + config.model.magnitude * (on_real**2 + on_found**2).mean()
        if recipe == "jem":
            loss = loss + F.cross_entropy(network(real, condition).features, condition)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), config.model.optimisation.gradient_clip_norm)
        adam.step()
    assert len(batches) == 2
    for ours, theirs in zip(model.discriminator.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(model.buffer.images, images, rtol=0, atol=2e-3)


def _score(recipe: str, network: Any, image: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
    verdict = network(image, condition)
    return verdict.features.exp().sum(1).log() if recipe == "jem" else verdict.logits.flatten(1).mean(1)


def _settings(config: Any) -> dict[str, Any]:
    return {key: value for key, value in config.model.optimisation.discriminator.items() if not key.startswith("_")}


def test_a_sample_depends_on_its_number_alone(composed: Callable[..., Any], build: Callable[..., Any]) -> None:
    model, _ = build(composed("model=igebm", *TINY, "model.chain.noise=0.1"))
    together, again = model.sample(3), model.sample(3)
    assert torch.equal(together, again)
    alone = model.draw(torch.tensor([2]), model.conditions(torch.tensor([2])), seed=0)
    torch.testing.assert_close(alone[0], together[2], rtol=0, atol=1e-5)
    assert (together[0] - together[1]).abs().max() > 0.1
    with torch.inference_mode():
        assert model.sample(1).abs().max() <= 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["model=igebm", "critic_norm=batch"], "may not depend on the other images"),
        (["model=jem", "dataset.source.num_classes=0"], "needs images with two or more classes"),
        (["model=igebm", "model.buffer.fresh=2"], "model.buffer.fresh=2"),
        (["model=igebm", "model.magnitude=-1"], "model.magnitude=-1"),
    ],
)
def test_what_cannot_work_is_refused(
    composed: Callable[..., Any], build: Callable[..., Any], wrong: list[str], sentence: str
) -> None:
    config = composed(*wrong, *TINY)
    with pytest.raises((SettingError, InstantiationException), match=sentence):
        build(config)
