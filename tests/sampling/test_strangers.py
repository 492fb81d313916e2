"""A stranger's checkpoint asks for no more than its weights, and writes nowhere."""

from typing import Any

import pytest
import torch

from gan_lightning.errors import SettingError
from gan_lightning.sampling import rebuilding
from gan_lightning.sampling.places import refuse_foreign_folders
from gan_lightning.sampling.rebuilding import rebuild
from gan_lightning.sampling.trust import refuse_absurd_numbers, refuse_untrusted

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


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"source": {"_target_": "gan_lightning.data.Avatars", "cache_dir": "/etc"}}, "cache_dir is /etc"),
        ({"extractor": {"cache_dir": "/cache/../root"}}, "outside of cache_dir"),
        ({"split": "../../elsewhere"}, "split='../../elsewhere', where a name is expected"),
        ({"split": ".."}, "where a name is expected"),
        ({"name": ["good", "a\\b"]}, "where a name is expected"),
    ],
)
def test_data_and_scores_hold_names_and_this_machines_folders(part, told):
    with pytest.raises(SettingError, match=told.replace("\\", "\\\\")):
        refuse_foreign_folders(part, ["/cache", "/data"])


@pytest.mark.parametrize(
    ("saved", "setting"),
    [
        ({"num_workers": 10**6}, "num_workers"),
        ({"num_fake": 10**12}, "num_fake"),
        ({"resolution": 10**5}, "resolution"),
        ({"source": {"num_train": 10**6}, "resolution": 1024}, "source.num_train"),
        ({"source": {"image_size": [3, 10**9]}}, "source.image_size"),
    ],
)
def test_absurd_numbers_are_the_users_to_ask_for(saved, setting):
    with pytest.raises(SettingError, match=rf"asks for {setting}=.*\+dataset\.{setting}="):
        refuse_absurd_numbers("dataset", saved, {})
    first, _, rest = setting.partition(".")
    refuse_absurd_numbers("dataset", saved, {first: {rest: 5} if rest else 5, "resolution": 64} if rest else {first: 5})


def test_positional_arguments_and_torchvisions_folders(tmp_path):
    with pytest.raises(SettingError, match="holds _args_"):
        refuse_untrusted({"metrics": {"_target_": "gan_lightning.metrics.NoScores", "_args_": [1]}}, "metrics", [])
    with pytest.raises(SettingError, match="no root"):
        refuse_untrusted({"dataset": {"_target_": "torchvision.datasets.FakeData", "size": 9}}, "dataset", [])


def test_trusted_that_does_not_help_says_why(tmp_path, monkeypatch):
    (tmp_path / "strangers_package.py").write_text("from os import system\n")
    monkeypatch.syspath_prepend(tmp_path)
    for target, told in (
        ("missing_package.Mine", r"trusted=\[missing_package\]'? allows it, but missing_package cannot be imported"),
        ("strangers_package.Mine", r"strangers_package has no Mine"),
        ("strangers_package.system", r"and system comes from elsewhere"),
    ):
        with pytest.raises(SettingError, match=told):
            refuse_untrusted({"model": {"_target_": target}}, "model", [target.partition(".")[0]])
