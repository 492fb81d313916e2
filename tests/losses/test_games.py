"""Games against what they are defined as: an expectation over exchanged roles, and the best of a batch."""

import numpy as np
import pytest
import torch
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.losses import (
    AdversarialLoss,
    Hinge,
    LabelFlips,
    NonSaturating,
    RelativisticAverage,
    RelativisticPairing,
    TopK,
    Wasserstein,
)
from gan_lightning.ramps import Follows

SHAPES = pytest.mark.parametrize("shape", [(6, 1), (6, 1, 3, 2)], ids=["vector", "patch map"])


def draw(*shape: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Real and fake logits."""
    generator = torch.Generator().manual_seed(seed)
    real, fake = 2 * torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    return real.requires_grad_(), fake.requires_grad_()


# --- label flips ---


@SHAPES
@pytest.mark.parametrize("of", [NonSaturating(0.9), Hinge(), Wasserstein()])
def test_flips_equal_their_expectation_on_average(of: AdversarialLoss, shape: tuple[int, ...]) -> None:
    real, fake = draw(*shape)
    p, trials = 0.3, 4000
    torch.manual_seed(0)
    game = LabelFlips(of, p)
    values = np.array([game.discriminator(real, fake).item() for _ in range(trials)])
    expected = (1 - p) * of.discriminator(real, fake) + p * of.discriminator(fake, real)
    assert values.std() > 0
    assert abs(values.mean() - expected.item()) < 4 * values.std() / np.sqrt(trials)


@SHAPES
def test_images_are_exchanged_whole_and_independently(shape: tuple[int, ...]) -> None:
    """Wasserstein's slopes tell each logit's role."""
    real, fake = draw(*shape)
    torch.manual_seed(0)
    flipped = []
    for _ in range(2000):
        loss = LabelFlips(Wasserstein(), 0.3).discriminator(real, fake)
        of_real, of_fake = (slope.flatten(1) * real.numel() for slope in torch.autograd.grad(loss, (real, fake)))
        assert torch.allclose(of_real.abs(), torch.ones_like(of_real))
        assert torch.equal(of_real, of_real[:, :1].expand_as(of_real))
        assert torch.equal(of_fake, -of_real)
        flipped.append(of_real[:, 0].numpy() > 0)
    correlation = np.cov(np.array(flipped, float).T)
    np.testing.assert_allclose(np.mean(flipped, axis=0), 0.3, atol=0.04)
    np.testing.assert_allclose(correlation, np.diag(np.diag(correlation)), atol=0.02)


def test_flips_leave_the_generator_alone() -> None:
    real, fake = draw(6, 1)
    assert LabelFlips(Hinge(), 0.4).generator(fake) == Hinge().generator(fake)
    pairing = RelativisticPairing()
    assert LabelFlips(pairing, 0.4).generator(fake, real) == pairing.generator(fake, real)


def test_without_flips_nothing_changes() -> None:
    real, fake = draw(6, 1)
    assert LabelFlips(NonSaturating(), 0).discriminator(real, fake) == NonSaturating().discriminator(real, fake)


@pytest.mark.parametrize("probability", [-0.1, 0.5, 1])
def test_a_probability_that_teaches_nothing_is_refused(probability: float) -> None:
    with pytest.raises(SettingError, match=f"game.probability={probability}:"):
        LabelFlips(Hinge(), probability)


# --- the best of a batch ---


@SHAPES
@pytest.mark.parametrize("progress", [0.0, 0.3, 0.7, 1.0])
def test_the_generator_learns_from_those_that_score_highest(shape: tuple[int, ...], progress: float) -> None:
    _, fake = draw(*shape)
    game = TopK(NonSaturating(), share=0.4)
    game.follow(progress)
    k = {0.0: 6, 0.3: 5, 0.7: 3, 1.0: 2}[progress]  # of six: 6 * 0.4^progress = 6, 4.56, 3.16, 2.4
    logits = fake.detach().numpy()
    order = logits.reshape(6, -1).mean(1).argsort()
    best, others = order[6 - k :], order[: 6 - k]
    loss = game.generator(fake)
    assert loss.item() == pytest.approx(np.log1p(np.exp(-logits[best])).mean(), rel=1e-12)
    (slope,) = torch.autograd.grad(loss, fake)
    expected = -1 / (1 + np.exp(logits[best])) / logits[best].size
    np.testing.assert_allclose(slope[best.copy()], expected, rtol=1e-12)
    assert not slope[others.copy()].any()


def test_fewer_images_are_left_by_as_large_a_factor_in_equal_parts_of_the_run() -> None:
    _, fake = draw(1000, 1)
    game, left = TopK(Wasserstein(), share=0.5), []
    for epoch in range(70):  # the paper's 0.99 per epoch reaches one half in its 69th
        game.follow(epoch / 69)
        (slope,) = torch.autograd.grad(game.generator(fake), fake)
        left.append(slope.count_nonzero().item())
    np.testing.assert_allclose(left, 1000 * 0.99 ** np.arange(70), atol=1)
    assert left[-1] == 500


def test_at_least_one_image_is_left() -> None:
    _, fake = draw(6, 1)
    game = TopK(Wasserstein(), share=0.01)
    game.follow(1.0)
    assert game.generator(fake).item() == -fake.max().item()


@pytest.mark.parametrize("of", [RelativisticPairing(), RelativisticAverage(NonSaturating())])
def test_objectives_that_compare_keep_the_same_rows_of_real_images(of: AdversarialLoss) -> None:
    real, fake = draw(6, 1)
    game = TopK(of, share=0.5)
    game.follow(1.0)
    best = fake.detach().flatten().argsort()[3:]
    expected = of.generator(fake[best], real[best])
    assert game.generator(fake, real).item() == pytest.approx(expected.item(), rel=1e-12)


def test_the_discriminator_sees_all() -> None:
    real, fake = draw(6, 1)
    game = TopK(Hinge(), share=0.5)
    game.follow(1.0)
    assert game.discriminator(real, fake) == Hinge().discriminator(real, fake)


@pytest.mark.parametrize("share", [0, -0.5, 1.1])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(SettingError, match=f"game.share={share}:"):
        TopK(Hinge(), share)


# --- both ---


@pytest.mark.parametrize("of", [Hinge(), Wasserstein(), RelativisticPairing(), RelativisticAverage(Wasserstein())])
def test_games_declare_what_their_objective_declares(of: AdversarialLoss) -> None:
    flips, best = LabelFlips(of, 0.1), TopK(of, 0.5)
    for game in (flips, best):
        assert game.needs_real == of.needs_real
        assert game.needs_lipschitz == of.needs_lipschitz
    assert flips.couples_batch == of.couples_batch
    assert best.couples_batch


def test_games_within_games_hear_of_the_progress() -> None:
    _, fake = draw(6, 1)
    for wrap in (lambda of: LabelFlips(of, 0.0), lambda of: TopK(of, 1.0), RelativisticAverage):
        inner = TopK(Wasserstein(), share=0.5)
        for part in wrap(inner).modules():
            if isinstance(part, Follows):
                part.follow(1.0)
        assert inner.generator(fake).item() == pytest.approx(-fake.detach().sort(0).values[3:].mean().item())
