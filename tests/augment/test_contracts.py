"""What all augmentations do: precision, random numbers of each image, and how often a change happens."""

import pytest
import torch
from torch import Tensor

from gan_lightning.augment import Augment
from gan_lightning.augment.contracts import normal, sometimes, uniform


class Noting(Augment):
    """Adds a hundredth, and notes the type that it was given."""

    def change(self, image: Tensor) -> Tensor:
        self.given = image.dtype
        return image @ torch.eye(2, dtype=image.dtype) + 0.01


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float32, torch.float64])
def test_changes_happen_in_single_precision_at_least(kind: torch.dtype) -> None:
    augment, image = Noting(), torch.rand(3, 1, 2, 2).to(kind)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        changed = augment(image)
    assert changed.dtype == kind
    assert augment.given == torch.promote_types(kind, torch.float32)
    assert torch.equal(changed, (image.to(augment.given) + 0.01).to(kind))  # no product in half precision
    assert augment.observe(torch.zeros(3)) == {}


def test_each_image_has_numbers_of_its_own() -> None:
    torch.manual_seed(0)
    image = torch.zeros(20_000, 3, 2, 2, dtype=torch.float64)
    flat, bell = uniform(image), normal(image)
    assert flat.shape == bell.shape == (20_000, 1, 1, 1)
    assert flat.dtype == bell.dtype == torch.float64
    assert (flat.min() >= 0, flat.max() < 1) == (True, True)
    assert (flat.mean().item(), flat.var().item()) == pytest.approx((1 / 2, 1 / 12), abs=0.01)
    assert (bell.mean().item(), bell.std().item()) == pytest.approx((0, 1), abs=0.03)


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_a_change_happens_as_often_as_it_is_likely(p: float) -> None:
    torch.manual_seed(0)
    value = torch.full((20_000, 1, 1, 1), 7.0)
    found = sometimes(torch.tensor(p), value, neutral=2.0)
    assert set(found.unique().tolist()) <= {2.0, 7.0}
    share = (found == 7).float().mean().item()
    assert share == pytest.approx(p, abs=0.015 if 0 < p < 1 else 0)
