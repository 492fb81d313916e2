"""When the noise-to-image step applies penalties on the generator, and what it gives them."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.losses import GeneratorPenalty
from gan_lightning.training import train

TINY = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8", "network.width=4"),
    *("metrics=none", "max_images=64"),
]


class Counted(GeneratorPenalty):
    """Notes what it is given."""

    def forward(self, generator: nn.Module, z: Tensor, condition: Tensor, image: Tensor) -> Tensor:
        calls.append((z, condition, image))
        return image.square().mean()


calls: list[tuple[Tensor, Tensor, Tensor]] = []


@pytest.mark.parametrize(("every", "due"), [(1, 4), (3, 2)])
def test_a_penalty_is_due_at_every_nth_generator_step_and_weighs_as_much(
    composed: Any, build: Any, every: int, due: int
) -> None:
    model, data = build(composed("model=cgan", *TINY, "model.generator_batch=2"))
    real, condition = next(iter(data.train_dataloader()))
    model.generator.eval()  # the same at every step
    calls.clear()
    for step in range(4):
        model.players["generator"].steps = step
        model.generator_penalties = nn.ModuleDict()
        torch.manual_seed(step)
        plain = model.generator_loss(real, condition)
        model.generator_penalties = nn.ModuleDict({"counted": Counted(every)})
        torch.manual_seed(step)
        before = len(calls)
        more = model.generator_loss(real, condition)
        if step % every:
            assert torch.equal(more, plain)
            continue
        z, given, image = calls[before]
        assert torch.equal(given, condition.repeat(2))
        assert torch.equal(image, model.generator(z, given))
        torch.testing.assert_close(more - plain, every * image.square().mean())
    assert len(calls) == due


def test_mode_seeking_trains_and_is_logged_and_refuses_a_batch_of_one(composed: Any, tmp_path: Any) -> None:
    chosen = ["model=cgan", *TINY, "generator_penalty=mode_seeking", "trainer.log_every_n_steps=1"]
    with pytest.raises(SettingError, match=r"generator_penalty=mode_seeking: .* has one; use dataset\.batch_size=2"):
        train(composed(*chosen, "dataset.batch_size=1", f"run_dir={tmp_path}/one"))
    with pytest.raises(SettingError, match=r"generator_penalty=mode_seeking: .*Pix2Pix takes no penalties on the gen"):
        train(composed("model=pix2pix", "dataset=fake_pairs", "generator_penalty=mode_seeking"))
    train(composed(*chosen))
    assert "generator_penalty_mode_seeking" in (tmp_path / "run" / "logs" / "metrics.csv").read_text().splitlines()[0]
