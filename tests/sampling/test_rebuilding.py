"""A stranger's checkpoint asks for no more than its weights."""

from typing import Any

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.sampling import rebuilding
from gan_lightning.sampling.rebuilding import rebuild

SPEC = {"channels": 1, "height": 16, "width": 16, "num_classes": 0, "class_names": [], "size": 8, "fingerprint": "x"}


@pytest.fixture
def content(composed) -> dict[str, Any]:
    """What a checkpoint of a model that was never trained would hold."""
    from hydra.utils import instantiate
    from omegaconf import OmegaConf

    config = composed("model=dcgan", "network.width=4")
    config.spec = SPEC
    model = instantiate(config.model)
    counters = dict.fromkeys(("generator_step", "discriminator_step", "images_seen", "skipped_steps"), 0)
    plain = {"model": OmegaConf.to_container(config.model, resolve=True), "spec": SPEC}
    return {"config": plain, "state_dict": model.state_dict(), "counters": {**counters, "skipped_in_a_row": [0, 0]}}


def test_what_fits_is_rebuilt(content):
    assert rebuild(content).sample(2).shape == (2, 1, 16, 16)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (["generator", "width"], 10**6, "do not fit|cannot be built"),
        (["generator", "width"], 10**12, "cannot be built"),
        (["generator", "latent_dim"], 10**9, "do not fit"),
        (["generator", "resolution"], 2**20, "1048576 pixels a side"),
        (["generator", "_args_"], [1], "holds _args_"),
        (["generator", "_recursive_"], False, "holds _recursive_"),
        (["optimisation", "generator", "_partial_"], "yes", "holds _partial_"),
        (["generator", "_anything_"], 1, "holds _anything_"),
        (["generator", "_target_"], 3, "names 3"),
    ],
)
def test_model_larger_than_its_weights_is_never_built(content, path, value, told):
    node = content["config"]["model"]
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    with pytest.raises(SettingError, match=told):
        rebuild(content)


def test_layers_without_end_are_stopped(content, monkeypatch):
    few = dict.fromkeys(map(str, range(3)), torch.zeros(1))
    content["config"]["model"]["generator"]["resolution"] = 4096
    monkeypatch.setattr(rebuilding, "_SPARE_PARAMETERS", 0)
    with pytest.raises(SettingError, match="far more layers than its 3 tensors"):
        rebuild({**content, "state_dict": few})
