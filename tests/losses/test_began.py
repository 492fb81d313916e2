"""BEGAN's balance: k moves as the paper says, stays in [0, 1], and no gradient passes through it."""

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.losses import BoundaryEquilibrium, TopK


def test_k_stays_at_zero_while_generated_images_have_the_larger_energies():
    loss = BoundaryEquilibrium(gamma=0.5, rate=0.1)
    for _ in range(5):
        assert loss.discriminator(torch.tensor([-1.0]), torch.tensor([-0.6])).item() == 1  # 0.5 1 < 0.6
        assert loss.balance.item() == 0


def test_k_never_leaves_its_range_and_follows_the_equation():
    torch.manual_seed(0)
    loss, k = BoundaryEquilibrium(gamma=0.7, rate=0.4), 0.0
    for _ in range(50):
        of_real, of_fake = torch.rand(2).tolist()
        given = loss.discriminator(torch.tensor([[-of_real]]), torch.tensor([[-of_fake]]))
        assert given.item() == pytest.approx(of_real - k * of_fake, abs=1e-6)
        k = min(1.0, max(0.0, k + 0.4 * (0.7 * of_real - of_fake)))
        assert loss.balance.item() == pytest.approx(k, abs=1e-6)
        assert loss.convergence.item() == pytest.approx(of_real + abs(0.7 * of_real - of_fake), abs=1e-6)


def test_k_is_kept_in_checkpoints_and_does_not_move_in_evaluation():
    loss = BoundaryEquilibrium(gamma=1.0, rate=0.5)
    real, fake = torch.tensor([-2.0], requires_grad=True), torch.tensor([-1.0], requires_grad=True)
    loss.discriminator(real, fake).backward()
    assert (real.grad.item(), fake.grad.item()) == (-1, 0)
    other = BoundaryEquilibrium(gamma=1.0, rate=0.5)
    other.load_state_dict(loss.state_dict())
    assert other.balance.item() == 0.5
    other.eval().discriminator(real, fake)
    assert other.balance.item() == 0.5
    assert TopK(other, 0.5).scalars()["balance"].item() == 0.5
    for wrong in ({"gamma": 0}, {"gamma": 0.5, "rate": 0}):
        with pytest.raises(SettingError, match=r"loss\.(gamma|rate)=0: "):
            BoundaryEquilibrium(**wrong)
