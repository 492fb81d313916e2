"""What losses declare, what wraps them, and critics that know their conditions."""

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.losses import L1, R1, AdversarialLoss
from gan_lightning.losses.contracts import ConditionalCritic, WrappedLoss


class Declaring(AdversarialLoss):
    """Whose `__init__` calls no other, and which declares everything."""

    needs_real = couples_batch = needs_lipschitz = needs_energy = True
    decision_threshold = 0.25

    def __init__(self) -> None:
        self.scale = nn.Parameter(torch.ones(()))

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake.mean() - real.mean()

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return -fake.mean()

    def scalars(self) -> dict[str, Tensor]:
        return {"scale": self.scale}


class Quiet(Declaring):
    needs_real = couples_batch = needs_lipschitz = needs_energy = False
    decision_threshold = None


class Wrapping(WrappedLoss):
    """Which says of itself that it couples a batch."""

    couples_batch = True

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.of.discriminator(real, fake)

    def generator(self, fake: Tensor, real: Tensor | None = None) -> Tensor:
        return self.of.generator(fake, real)


@pytest.mark.parametrize("inner", [Declaring, Quiet])
@pytest.mark.parametrize("times", [1, 2])
def test_a_wrapped_loss_declares_what_the_inner_one_does_but_for_its_own(inner: type, times: int) -> None:
    of = inner()
    loss = of
    for _ in range(times):
        loss = Wrapping(loss)
    for name in ("needs_real", "needs_lipschitz", "needs_energy", "decision_threshold"):
        assert getattr(loss, name) == getattr(of, name), name
    assert loss.couples_batch
    assert loss.scalars()["scale"] is of.scale


def test_what_is_wrapped_has_to_be_a_loss() -> None:
    with pytest.raises(SettingError, match=r"^loss"):
        Wrapping(nn.Identity())


def test_a_loss_is_a_module_even_if_its_init_says_nothing_of_it() -> None:
    assert [name for name, _ in Declaring().named_parameters()] == ["scale"]
    assert Wrapping(Declaring()).state_dict().keys() == {"of.scale"}


def test_a_critic_gives_scores_under_its_own_conditions_and_under_others() -> None:
    condition, image = torch.tensor([[2.0], [3.0]]), torch.ones(2, 1, 2, 2)
    critic = ConditionalCritic(lambda image, c: image.flatten(1).sum(1) * c[:, 0], condition)
    assert critic(image).tolist() == [8, 12]
    assert critic.score(image, condition.flip(0)).tolist() == [12, 8]


def test_how_often_and_how_much_are_checked_by_name() -> None:
    with pytest.raises(SettingError, match=r"penalty\.\*\.every=0: "):
        R1(gamma=1.0, every=0)
    with pytest.raises(SettingError, match=r"model\.\*\.weight=-1"):
        L1(weight=-1)
