"""Checkpoints rebuild their model, and run no code of strangers."""

import copy
import pickle
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import gan_lightning
from gan_lightning.errors import SettingError
from gan_lightning.runs.checkpoint import read
from gan_lightning.sampling.places import refuse_foreign_folders
from gan_lightning.sampling.trust import refuse_untrusted
from gan_lightning.training import train

TINY = ["dataset=digits", "network.width=4", "metrics=none", "max_generator_steps=3"]


@pytest.fixture
def checkpoint(composed, tmp_path) -> Path:
    train(composed("model=cgan", *TINY))
    return tmp_path / "run" / "checkpoints" / "last.ckpt"


def test_loaded_model_samples_what_training_showed(checkpoint, tmp_path):
    from PIL import Image

    from gan_lightning.data import grid

    model = gan_lightning.load(checkpoint).model
    assert (model.generator_step, model.discriminator_step, model.images_seen) == (3, 3, 96)
    assert not model.training
    label = torch.arange(64) % 8
    picture = grid(model.sample(64, label), columns=8)
    with Image.open(tmp_path / "run" / "samples" / "000000096.png") as shown:
        rows = np.array(shown)[: -66 - 2]  # without the row of real images, and the frame around it
    assert np.array_equal(picture.permute(1, 2, 0).numpy()[:-2], rows)


def test_ensemble_draws_from_its_checkpoints_in_turn(checkpoint):
    other = checkpoint.with_name("other.ckpt")
    content = torch.load(checkpoint, weights_only=True)
    for name, value in content["state_dict"].items():
        if name.startswith("ema.module.to_image"):
            value.neg_()
    torch.save(content, other)
    label = torch.arange(5)
    images = gan_lightning.ensemble([checkpoint, other]).sample(5, label, seed=1)
    apart = [gan_lightning.load(path).model.sample(5, label, seed=1) for path in (checkpoint, other)]
    for i, image in enumerate(images):
        torch.testing.assert_close(image, apart[i % 2][i])
    torch.testing.assert_close(apart[0], -apart[1])


@pytest.mark.parametrize(
    ("fact", "value", "told"),
    [
        ("channels", 3, r"other\.ckpt: has channels 3, but .*last\.ckpt has 1"),
        ("width", 32, r"other\.ckpt: has width 32, but .*last\.ckpt has 16"),
        ("class_names", ["cat", "dog"], r"other\.ckpt: has class_names \['cat', 'dog'\]"),
    ],
)
def test_ensemble_of_models_that_differ_is_refused(checkpoint, fact, value, told):
    other = checkpoint.with_name("other.ckpt")
    content = torch.load(checkpoint, weights_only=True)
    content["config"]["spec"][fact] = value
    torch.save(content, other)
    with pytest.raises(SettingError, match=told):
        gan_lightning.ensemble([checkpoint, other])
    with pytest.raises(SettingError, match="at least one"):
        gan_lightning.ensemble([])


def test_training_goes_on_from_a_checkpoint(checkpoint, composed, tmp_path):
    import lightning.pytorch as L
    from hydra.utils import instantiate

    warnings.filterwarnings("ignore", ".*does not have many workers.*")
    warnings.filterwarnings("ignore", ".*is smaller than the logging interval.*")
    warnings.filterwarnings("ignore", ".*callbacks used to create the checkpoint.*")
    warnings.filterwarnings("ignore", ".*your dataloader is not resumable.*")
    saved = torch.load(checkpoint, weights_only=True)
    config = composed("model=cgan", *TINY[:-1])
    config.spec = saved["config"]["spec"]
    model, data = instantiate(config.model), instantiate(config.dataset)
    silent = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    trainer = L.Trainer(accelerator="cpu", max_epochs=2, limit_val_batches=0, use_distributed_sampler=False, **silent)
    trainer.fit(model, data, ckpt_path=checkpoint)
    assert model.generator_step == 2 * (1438 // 32)  # what was left of the first epoch, and the second
    assert model.images_seen == 32 * model.generator_step
    assert model.ema.n_averaged == model.generator_step
    for state in trainer.optimizers[0].state.values():
        assert state["step"] == model.generator_step


def test_a_model_that_was_exported_for_others_is_refused_with_what_commands_read(tmp_path):
    for file in ("config.json", "model.safetensors"):
        (tmp_path / file).touch()
    with pytest.raises(SettingError, match=r"is what gan-export wrote .*format=checkpoint, which all commands read"):
        read(tmp_path)


def test_configuration_inside_is_plain_data(checkpoint):
    config = read(checkpoint)["config"]
    assert config["model"]["num_classes"] == config["spec"]["num_classes"] == 10
    pickle.dumps(config)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda whole: whole[: len(whole) // 2], "damaged or half-written"),
        (lambda whole: b"", "damaged|no checkpoint"),
        (lambda whole: b"hello", "damaged|no checkpoint"),
    ],
)
def test_damaged_checkpoint_is_named(checkpoint, damage, message):
    checkpoint.write_bytes(damage(checkpoint.read_bytes()))
    with pytest.raises(SettingError, match=message):
        gan_lightning.load(checkpoint)


def test_missing_or_foreign_checkpoint_is_named(tmp_path):
    with pytest.raises(SettingError, match="no such file"):
        gan_lightning.load(tmp_path / "none.ckpt")
    torch.save({"state_dict": {}, "epoch": 3}, tmp_path / "foreign.ckpt")
    with pytest.raises(SettingError, match="not written by gan-train"):
        gan_lightning.load(tmp_path / "foreign.ckpt")


class Trap:
    """Unpickling writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (open, (str(self.path), "w"))


def test_pickled_code_is_refused_and_does_not_run(checkpoint, tmp_path):
    content = torch.load(checkpoint, weights_only=True)
    content["config"]["extra"] = Trap(tmp_path / "sprung")
    torch.save(content, checkpoint)
    with pytest.raises(SettingError, match="pickled code"):
        gan_lightning.load(checkpoint)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "target",
    [
        "os.system",
        "torch.load",
        "builtins.eval",
        "gan_lightning.training.os.system",
        "gan_lightning.models.adversarial.torch.load",
        "gan_lightning.models.nn.Linear",
        "gan_lightning.load",
        "gan_lightning.runs.checkpoint.torch.load",
        "torch.optim.adam.torch.load",
        "hydra.utils.get_method",
        "subprocess.Popen",
    ],
)
def test_configuration_that_names_other_classes_is_refused_before_anything_is_built(checkpoint, target):
    content = torch.load(checkpoint, weights_only=True)
    for path in (["loss"], ["optimisation", "schedule"], ["generator", "latent"], ["penalties"]):
        config = copy.deepcopy(content["config"])
        node = config["model"]
        for key in path:
            node = node[key]
        node["deep"] = [{"_target_": target, "_args_": ["touch sprung"]}]
        torch.save({**content, "config": config}, checkpoint)
        with pytest.raises(SettingError, match=f"names {target}"):
            gan_lightning.load(checkpoint)


def test_users_package_is_allowed_by_name_only(tmp_path, monkeypatch):
    package = tmp_path / "my_package"
    package.mkdir()
    (package / "__init__.py").write_text("import os\nfrom os import system\n\nclass Mine:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    config = {"model": {"_target_": "my_package.Mine"}}
    refuse_untrusted(config, "model", ["my_package"])
    refuse_untrusted(config, "model", ["my_package.Mine"])
    for trusted in ([], ["my"], ["other"], ["my_package.other"]):
        with pytest.raises(SettingError, match=r"trusted=\[my_package.Mine\]"):
            refuse_untrusted(config, "model", trusted)
    for smuggled in ("my_package.os.system", "my_package.system", "my_package.missing"):
        with pytest.raises(SettingError, match=smuggled):
            refuse_untrusted({"model": {"_target_": smuggled}}, "model", ["my_package"])


@pytest.mark.parametrize("container", [tuple, OrderedDict, set, torch.Size], ids=lambda kind: kind.__name__)
def test_containers_that_could_hide_a_target_are_refused(checkpoint, tmp_path, container):
    content = torch.load(checkpoint, weights_only=True)
    hidden = {"_target_": "os.mkdir", "path": str(tmp_path / "sprung")}
    hiding = {tuple: (hidden,), OrderedDict: OrderedDict(hidden), set: {"a"}, torch.Size: torch.Size([1])}[container]
    content["config"]["model"]["constraints"] = hiding
    torch.save(content, checkpoint)
    with pytest.raises(SettingError, match=f"holds a {container.__name__}"):
        gan_lightning.load(checkpoint)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("target", ["gan_lightning.data.fashion_mnist", "torchvision.datasets.MNIST"])
def test_a_model_cannot_ask_for_a_download(checkpoint, target):
    content = torch.load(checkpoint, weights_only=True)
    content["config"]["model"]["loss"] = {"_target_": target, "root": "written", "train": True}
    torch.save(content, checkpoint)
    with pytest.raises(SettingError, match="which a model may not"):
        gan_lightning.load(checkpoint)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.update(config={}),
        lambda content: content.update(config=[]),
        lambda content: content.update(counters={}),
        lambda content: content["config"].pop("model"),
        lambda content: content["config"].update(model={"_target_": "gan_lightning.losses.Hinge"}),
        lambda content: content["config"].update(model=3),
        lambda content: content["config"]["model"].update(unknown=1),
    ],
)
def test_malformed_content_is_a_sentence(checkpoint, spoil):
    content = torch.load(checkpoint, weights_only=True)
    spoil(content)
    torch.save(content, checkpoint)
    with pytest.raises(SettingError, match="checkpoint"):
        gan_lightning.load(checkpoint)


def test_interpolation_in_a_saved_configuration_is_refused():
    with pytest.raises(SettingError, match="oc.env"):
        refuse_untrusted({"metrics": {"weights": "${oc.env:HOME}"}}, "metrics", [])


def test_weights_that_do_not_fit_are_named(checkpoint):
    content = torch.load(checkpoint, weights_only=True)
    content["config"]["model"]["generator"]["width"] = 8
    torch.save(content, checkpoint)
    with pytest.raises(SettingError, match="do not fit"):
        gan_lightning.load(checkpoint)


@pytest.mark.parametrize("key", ["cache_dir", "folder", "root"])
def test_a_data_set_from_a_checkpoint_writes_to_this_machines_folders_only(key):
    for inside in ("/cache/avatars", "/data"):
        refuse_foreign_folders({"source": [{key: inside}]}, ["/cache", "/data"])
    for outside in ("/etc", "/cache/../etc", "/cachet"):
        with pytest.raises(SettingError, match="outside of cache_dir and data_dir"):
            refuse_foreign_folders({"source": [{key: outside}]}, ["/cache", "/data"])


def test_functions_of_the_package_may_not_be_called_by_a_checkpoint():
    refuse_untrusted({"dataset": {"_target_": "gan_lightning.data.ImageData"}}, "dataset", [])
    with pytest.raises(SettingError, match="names gan_lightning.data.read_picture"):
        refuse_untrusted({"dataset": {"_target_": "gan_lightning.data.read_picture"}}, "dataset", [])
