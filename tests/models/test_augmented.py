"""What the steps show their discriminators, and what augmentations observe of it."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from hydra.errors import InstantiationException
from torch import Tensor, nn

from gan_lightning.augment import AdaptiveAugmentation, Augment
from gan_lightning.batch import Query

NOISE = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8"),
    *("network.width=4", "metrics=none"),
]
UNPAIRED = [
    *("model=cyclegan", "dataset=fake_unpaired", "dataset.source.size=20", "dataset.batch_size=2"),
    *("dataset.resolution=32", "network.width=4", "network.translator.blocks=1", "metrics=none"),
]
ADA = ["augment=ada", "augment.ada.interval=2", "augment.ada.images=100"]


class Darker(Augment):
    """Moves images below their range, and keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.progress: list[float] = []
        self.logits: list[Tensor] = []

    def change(self, image: Tensor) -> Tensor:
        self.sizes.append(len(image))
        return image - 10

    def follow(self, progress: float) -> None:
        self.progress.append(progress)

    def observe(self, real_logits: Tensor) -> Mapping[str, Tensor]:
        self.logits.append(real_logits)
        return {"told": real_logits.mean()}


def watched(discriminator: nn.Module) -> list[Tensor]:
    """The images that it will be shown."""
    shown: list[Tensor] = []
    discriminator.register_forward_pre_hook(lambda _, given: shown.append(given[0].detach()))
    return shown


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ([], [8, 8, 8]),  # D on reals and on fakes, G on fakes
        (["loss=relativistic"], [8, 8, 8, 8]),  # G on reals too
        (["critic_norm=layer", "penalty=[gradient,consistency]"], [8, 8, 8, 8, 8]),
        (["loss=relativistic", "model.generator_batch=2"], [8, 8, 16, 16]),
    ],
)
def test_every_image_of_both_players_steps_is_augmented_once(composed, build, trainer, settings, sizes):
    model, data = build(composed("model=dcgan", *NOISE, *settings))
    model.augment.append(Darker())
    shown = watched(model.discriminator)
    trainer(limit_train_batches=1).fit(model, data)
    assert model.augment[0].sizes == [len(image) for image in shown] == sizes
    for image in shown:
        assert image.min() >= -11
        assert image.max() <= -9


def test_an_augmentation_observes_the_logits_of_reals_and_the_progress(composed, build, trainer):
    model, data = build(composed("model=dcgan", "trainer.max_epochs=1", *NOISE))
    model.augment.append(Darker())
    made: list[Tensor] = []
    model.discriminator.register_forward_hook(lambda _, given, verdict: made.append(verdict.logits.detach()))
    trainer(limit_train_batches=4).fit(model, data)
    augment = model.augment[0]
    assert augment.progress == [0, 0.25, 0.5, 0.75]
    assert len(augment.logits) == 4
    threshold = math.log(0.9 / 1.1)  # smooth labels: where half of the images are real, 45 % are to be called so
    for observed, on_real in zip(augment.logits, made[::3], strict=True):
        assert torch.equal(observed, on_real - threshold)


def test_each_discriminator_of_cyclegan_has_a_copy_that_observes_its_own(composed, build, trainer):
    model, data = build(composed(*UNPAIRED))
    made: dict[str, list[Tensor]] = {"a": [], "b": []}
    for domain in "ab":
        model.augment[domain].append(Darker())
        model.discriminator[domain].register_forward_hook(
            lambda _, given, verdict, domain=domain: made[domain].append(verdict.logits.detach())
        )
    shown = {domain: watched(model.discriminator[domain]) for domain in "ab"}
    trainer(limit_train_batches=2).fit(model, data)
    for domain in "ab":
        assert max(image.max() for image in shown[domain]) <= -9
        # The generators step first, on fakes alone.
        # Labels of 0 and 1: the discriminator is undecided at 1/2.
        for observed, on_real in zip(model.augment[domain][0].logits, made[domain][1::3], strict=True):
            assert torch.equal(observed, on_real - 0.5)
        assert model._notes[f"augment_0_told_{domain}"] == (made[domain][-2] - 0.5).mean()


@pytest.mark.parametrize("loss", ["wasserstein", "relativistic", "relativistic_average_hinge", "energy_based"])
@pytest.mark.parametrize("recipe", [["model=dcgan", *NOISE], UNPAIRED], ids=["dcgan", "cyclegan"])
def test_a_loss_without_an_undecided_score_gives_no_sign_of_overfitting(composed, build, recipe, loss):
    with pytest.raises(InstantiationException, match=r"augment=ada .*has no score that .*augment\.ada\.target=null"):
        build(composed(*recipe, *ADA, f"loss={loss}"))
    build(composed(*recipe, *ADA, f"loss={loss}", "augment.ada.target=null"))


def test_cyclegan_copies_what_it_is_given(composed, build):
    model, _ = build(composed(*UNPAIRED, *ADA))
    assert model.augment["a"].ada is not model.augment["b"].ada


def test_augmentations_act_in_the_order_in_which_they_are_named(composed, build):
    names = ["instance_noise", "diffaugment"]
    for order in (names, names[::-1]):
        model, _ = build(composed("model=dcgan", *NOISE, f"augment=[{','.join(order)}]"))
        assert [name for name, _ in model.augment.named_children()] == order


def test_pix2pix_refuses_what_would_part_source_and_target(composed, build):
    paired = ["model=pix2pix", "dataset=fake_pairs", "network.width=4", "metrics=none"]
    with pytest.raises(InstantiationException, match=r"augment=ada,diffaugment: .*source and target.*augment=none"):
        build(composed(*paired, "augment=[ada,diffaugment]"))


def test_noise_fades_with_the_budget(composed, fit, spy):
    present = []
    noise = ["augment=instance_noise", "augment.instance_noise.std=0.8", "augment.instance_noise.until=0.5"]
    look = spy(lambda model: present.append(float(model.augment.instance_noise.std)))
    fit(composed("model=dcgan", "trainer.max_epochs=1", *NOISE, *noise), look)
    assert present == pytest.approx([0.8, 0.6, 0.4, 0.2, 0, 0, 0, 0])


def test_p_of_ada_follows_what_the_discriminator_made_of_reals(composed, fit, spy, monkeypatch):
    """Every second step from the third on, by the images of the two before, towards what their logits say."""
    signs: list[float] = []
    probabilities: list[float] = []
    observe = AdaptiveAugmentation.observe

    def listening(self: AdaptiveAugmentation, real_logits: Tensor) -> Mapping[str, Tensor]:
        signs.append(real_logits.sign().mean().item())
        return observe(self, real_logits)

    monkeypatch.setattr(AdaptiveAugmentation, "observe", listening)
    look = spy(lambda model: probabilities.append(model.augment.ada.p.item()))
    fit(composed("model=dcgan", *NOISE, *ADA, "augment.ada.p=0.5"), look)
    expected = [0.5] * 2
    for first in (0, 2, 4):
        direction = 1 if (signs[first] + signs[first + 1]) / 2 > 0.6 else -1
        expected += [expected[-1] + direction * 0.16] * 2
    assert probabilities == pytest.approx(expected)


def test_accumulated_batches_are_one_step_of_ada(composed, fit, spy):
    probabilities = []
    look = spy(lambda model: probabilities.append(model.augment.ada.p.item()))
    wide = ["augment.ada.target=-0.99", "augment.ada.interval=1"]  # p rises unless all reals are taken for fakes
    fit(composed("model=dcgan", *NOISE, *ADA, *wide, "model.optimisation.accumulate=2"), look)
    # After every second batch; an update observes 16 images, which count from the next one on.
    assert probabilities == pytest.approx([0, 0, 0, 0.16, 0.16, 0.32, 0.32, 0.48])


def test_an_update_that_is_left_out_leaves_ada_as_it_was(composed, build, trainer):
    model, data = build(composed("model=dcgan", *NOISE, *ADA, "model.optimisation.skip_non_finite=true"))
    states = []
    step: Callable[[Any], None] = model.step

    def poisoned(batches: Any) -> None:
        if model.discriminator_step == 4:
            batches[0].image[0] = torch.nan
        states.append({name: value.clone() for name, value in model.augment.state_dict().items()})
        step(batches)

    model.step = poisoned
    trainer(limit_train_batches=6).fit(model, data)
    assert model.skipped_steps >= 1
    # The fifth update fell away; the sixth began as it had, with the move of p that was due.
    assert states[4]["ada.updates"] == states[5]["ada.updates"] == 1
    for name, value in states[4].items():
        assert torch.equal(value, states[5][name])


def test_all_of_them_train_under_a_gradient_penalty_in_half_precision(composed, build, trainer):
    chosen = ["augment=[instance_noise,diffaugment,ada]", "augment.ada.p=1", "penalty=r1", "critic_norm=layer"]
    model, data = build(composed("model=dcgan", *NOISE, *chosen))
    before = {name: value.clone() for name, value in model.discriminator.named_parameters()}
    trainer(precision="bf16-mixed", limit_train_batches=2).fit(model, data)
    assert all(torch.isfinite(value).all() for value in model.state_dict().values())
    moved = [name for name, value in model.discriminator.named_parameters() if not torch.equal(value, before[name])]
    assert len(moved) == len(before)


def test_samples_and_validation_are_not_augmented(composed, build):
    plain, _ = build(composed("model=dcgan", *NOISE))
    model, _ = build(composed("model=dcgan", *NOISE))
    model.augment.append(Darker())
    query = Query(torch.arange(2), torch.zeros(2, dtype=torch.long))
    assert torch.equal(model.sample(2), plain.sample(2))
    assert torch.equal(model.validation_step(query, 0).image, plain.validation_step(query, 0).image)
    assert model.augment[0].sizes == []
