"""Which advice is left out, because the run's model could not follow it."""

from dataclasses import replace

import pytest
from recorded_runs import found

from gan_lightning.diagnosis.advice import possible
from gan_lightning.diagnosis.page import _findings, _section

MODEL = {
    "optimisation": {"generator": {"lr": 1e-3, "betas": [0.5, 0.9]}, "discriminator": {"lr": 1e-3}, "schedule": {}},
    "discriminator": {"head": {}},
    "loss": {"_target_": "gan_lightning.losses.Hinge"},
    "penalties": {},
    "augment": {},
    "generator_penalties": {},
}
SPEC = {"num_classes": 0, "kind": "images"}


@pytest.mark.parametrize(
    ("advice", "taken", "without"),
    [
        ("`lr=2e-4`, or a tenth", {}, None),
        ("`discriminator_lr`", {}, {"optimisation": {}}),
        ("`penalty=r1 critic_norm=none`", {}, {"penalties": None}),
        ("`penalty=lecam`", {}, {"draw_labels": True}),
        ("`generator_penalty=mode_seeking`", {}, {"generator_penalties": None}),
        ("`minibatch=discrimination`", {}, {"discriminator": {}}),
        ("`augment=instance_noise`", {}, {"sees_source": True}),
        ("`augment=ada`", {}, {"loss": {"_target_": "gan_lightning.losses.Wasserstein"}}),
        ("a smaller `lr`, or `model.optimisation.schedule._target_=x.LinearDecay`", {}, {"optimisation": {}}),
        ("`'model.optimisation.generator.betas=[0.0,0.99]'`", {}, {"optimisation": {"generator": {"lr": 1}}}),
        ("`augment=diffaugment`, with `dataset.flip=true`", {"dataset": {"flip": False}}, {"augment": None}),
    ],
)
def test_advice_needs_what_it_changes(advice, taken, without):
    config = {"model": MODEL, "spec": SPEC, **taken}
    assert possible([advice, "look"], config) == [advice, "look"]
    if without is not None:
        model = {name: value for name, value in {**MODEL, **without}.items() if value is not None}
        assert possible([advice, "look"], {**config, "model": model}) == ["look"]
    assert possible([advice], {"spec": SPEC}) == [advice]  # of an earlier version
    possible([advice], {"model": {"optimisation": 3, "loss": [4]}, "spec": 7, "dataset": None})  # damaged


def test_other_data_need_other_models():
    advice = ["`model=wgan_gp`", "`augment=ada`", "`dataset.flip=true`"]
    whole = {"model": MODEL, "dataset": {"flip": True}}
    assert possible(advice, {**whole, "spec": SPEC}) == advice
    assert possible(advice, {**whole, "spec": {**SPEC, "kind": "points"}}) == ["`model=wgan_gp`", "`dataset.flip=true`"]
    assert possible(advice, {**whole, "spec": {"kind": "sequences"}, "dataset": {}}) == ["`augment=ada`"]


def test_a_finding_may_be_left_without_advice():
    model = {"model": {"optimisation": {}}, "spec": {}}
    (won,) = (finding for finding in _findings(replace(found("won"), config=model)) if "won" in finding.name)
    assert won.advice == []
    assert "Worth trying" not in _section(won)
    assert "Source: " in _section(won)
