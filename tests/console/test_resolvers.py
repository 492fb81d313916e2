"""What configurations compute from settings."""

import pytest
from omegaconf import DictConfig, open_dict
from omegaconf.errors import InterpolationResolutionError

from gan_lightning.console import resolvers

HALF_LIFE = {"stylegan2": 10_000, "stylegan2_ada": 20_000}  # of the average, in images


def followed(config: DictConfig) -> tuple[int, float, float]:
    """The images of an update, and what follows them."""
    config.spec = {"height": 64}
    return config.images_per_update, config.penalty.r1.gamma, config.model.optimisation.ema_decay


@pytest.mark.parametrize(
    "divided",
    [
        ["trainer=ddp_cpu", "dataset.batch_size=4"],
        ["trainer=ddp_cpu", "dataset.batch_size=2", "model.optimisation.accumulate=2"],
        ["trainer=ddp_cpu", "dataset.batch_size=1", "num_nodes=4"],
        ["trainer=ddp", "dataset.batch_size=4", "devices=[0,1]"],
        ["trainer=ddp", "dataset.batch_size=4", "devices=auto", "trainer.accelerator=gpu"],
    ],
)
@pytest.mark.parametrize("model", HALF_LIFE)
def test_an_update_of_as_many_images_has_the_settings_of_a_single_process(composed, divided, model, monkeypatch):
    monkeypatch.setattr(resolvers, "gpus", lambda: 2)
    alone = followed(composed(f"model={model}", "dataset.batch_size=8"))
    assert alone == (8, pytest.approx(0.0002 * 64**2 / 8), pytest.approx(0.5 ** (8 / HALF_LIFE[model])))
    assert followed(composed(f"model={model}", *divided)) == alone


def test_a_machine_without_a_gpu_has_one_process(composed, monkeypatch):
    monkeypatch.setattr(resolvers, "gpus", lambda: 0)
    assert composed("trainer=ddp", "trainer.accelerator=gpu", "dataset.batch_size=4").images_per_update == 4


def test_data_without_a_setting_for_batches_are_told_what_to_give(composed):
    config = composed("model=stylegan2")
    with open_dict(config):
        del config.dataset["batch_size"]
    assert config.images_per_update is None
    with pytest.raises(InterpolationResolutionError, match="images_per_update=null: this data set has no"):
        followed(config)
