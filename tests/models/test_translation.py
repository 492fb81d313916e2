"""What both steps of translation have in common: parts that contradict each other, regularisers, accumulation."""

import copy

import pytest
import torch
from hydra.errors import InstantiationException
from translations import PAIRED, STEPS, UNPAIRED, assert_equal


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
