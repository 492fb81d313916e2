"""What a loss makes of a batch and of its halves: the same, unless it declares that it couples the batch."""

from pathlib import Path

import pytest
import torch
from composing import composed
from hydra.utils import instantiate
from torch import Tensor

from gan_lightning.console.config import CONF

FOLDER = Path(CONF, "loss")
LOSSES = sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("shape", [(8, 1), (4, 1, 3, 2)], ids=["vector", "patch map"])
@pytest.mark.parametrize("name", LOSSES)
def test_only_losses_that_declare_it_couple_the_images_of_a_batch(name: str, shape: tuple[int, ...]) -> None:
    loss = instantiate(composed("train", f"loss={name}").loss).eval()  # what it remembers stays the same
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(2, *shape, generator=draw, dtype=torch.float64).requires_grad_()
    real, fake = logits

    def both(real: Tensor, fake: Tensor) -> Tensor:
        return torch.stack([loss.discriminator(real, fake), loss.generator(fake, real.detach())])

    def with_slopes(values: Tensor) -> list[Tensor]:
        return [values, *(s for v in values for s in torch.autograd.grad(v, logits, retain_graph=True))]

    whole = with_slopes(both(real, fake))
    halves = with_slopes((both(real[::2], fake[::2]) + both(real[1::2], fake[1::2])) / 2)
    same = all(torch.allclose(one, two, rtol=1e-12, atol=1e-12) for one, two in zip(whole, halves, strict=True))
    assert same != loss.couples_batch
