"""`init=CHECKPOINT`: the weights of another run that fit, and nothing else of it."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from runs import TINY, gan_train

from gan_lightning import load
from gan_lightning.errors import SettingError
from gan_lightning.runs.checkpoint import read
from gan_lightning.runs.initial import _refuse_foreign
from gan_lightning.training import train

BASE = ["metrics=none", "dataset.resolution=16", "network.width=4", "dataset.batch_size=8"]
FAKE = ["dataset=fake", "dataset.source.size=32", *BASE]
STEPS = {
    "gan": ["model=cgan", *FAKE],
    "pix2pix": ["model=pix2pix", "dataset=fake_pairs", "dataset.source.size=16", *BASE, "dataset.resolution=32"],
    "cyclegan": ["model=cyclegan", "dataset=fake_unpaired", "dataset.source.size=16", *BASE, "dataset.resolution=32"],
    "stargan": ["model=stargan", "dataset=fake_domains", "dataset.source.size=48", *BASE, "model.critic_steps=2"],
}


@pytest.fixture
def trained(composed: Any, tmp_path: Path) -> Any:
    """`trained("name", *settings)`: the folder of a run, and the content of its newest checkpoint."""

    def make(name: str, *settings: str) -> tuple[Path, dict[str, Any]]:
        folder = tmp_path / name
        train(composed(*settings, f"run_dir={folder}"))
        return folder, torch.load(folder / "checkpoints" / "last.ckpt", weights_only=True)

    return make


def still(content: dict[str, Any], other: dict[str, Any], prefix: str) -> bool:
    """Whether all parameters below a name are the same in two checkpoints."""
    names = [name for name in other["state_dict"] if name.startswith(prefix) and name.endswith(("weight", "bias"))]
    assert names
    return all(torch.allclose(content["state_dict"][name], other["state_dict"][name], atol=1e-6) for name in names)


FROZEN = [f"model.optimisation.{side}.lr=1e-30" for side in ("generator", "discriminator")]


def test_a_translator_goes_on_at_twice_the_size_with_all_of_its_weights(trained, caplog):
    caplog.set_level(logging.INFO)
    first, before = trained("first", *STEPS["cyclegan"], "max_generator_steps=2")
    larger = ["dataset.resolution=64", "max_generator_steps=1", "model.optimisation.ema_decay=0.999999999"]
    _, after = trained("second", *STEPS["cyclegan"], *FROZEN, *larger, f"init={first}")
    for part in ("generator.", "discriminator.", "ema.module."):
        assert still(after, before, part)
    assert (after["config"]["spec"]["height"], before["config"]["spec"]["height"]) == (64, 32)
    (told,) = [record.message for record in caplog.records if "tensors are taken from" in record.message]
    found = re.match(r"\D*([\d,]+) of ([\d,]+)", told)
    assert found is not None, told
    number, of = found.groups()
    assert number == of


@pytest.mark.parametrize("step", STEPS)
def test_every_step_begins_with_weights_and_average_and_counts_from_zero(trained, caplog, step):
    caplog.set_level(logging.INFO)
    decay = "model.optimisation.ema_decay=0.5"
    first, before = trained("first", *STEPS[step], decay, "max_generator_steps=3")
    other = ["dataset.source.size=24", "seed=5", "model.optimisation.ema_decay=0.999999999", "max_generator_steps=1"]
    _, after = trained("second", *STEPS[step], *FROZEN, *other, f"init={first}")
    for part in ("generator.", "discriminator.", "ema.module."):
        assert still(after, before, part)
    assert after["counters"]["generator_step"] == 1
    assert after["config"]["init"] == str(first)
    assert "tensors are taken from" in caplog.text
    assert "start fresh" not in caplog.text


def test_cyclegan_goes_on_at_a_larger_size_that_is_not_square(trained, caplog):
    """Its networks take pictures of any size, so all weights fit."""
    caplog.set_level(logging.INFO)
    small = [*STEPS["cyclegan"], "network.translator.blocks=1", "dataset.source.size=8", "dataset.batch_size=4"]
    first, before = trained("first", *small, "max_generator_steps=1")
    larger = ["dataset.resolution=[64,96]", "model.optimisation.ema_decay=0.999999999", "max_generator_steps=1"]
    _, after = trained("second", *small, *FROZEN, *larger, f"init={first}")
    for part in ("generator.", "discriminator."):
        assert still(after, before, part)
    assert "start fresh" not in caplog.text
    assert (after["config"]["spec"]["height"], after["config"]["spec"]["width"]) == (64, 96)


def test_what_does_not_fit_is_named_and_begins_anew(trained, caplog):
    caplog.set_level(logging.INFO)
    first, _ = trained("first", "model=cgan", *FAKE, "max_generator_steps=2")
    _, after = trained(
        "second", "model=dcgan", *FAKE, *FROZEN, "max_generator_steps=1", f"init={first}/checkpoints/last.ckpt"
    )
    told = next(message for message in caplog.messages if message.startswith("init: "))
    assert "these start fresh: " in told
    assert " there, " in told
    assert " here" in told
    assert after["counters"]["images_seen"] == 8


def test_nothing_in_common_is_an_error_in_one_sentence(trained, composed, tmp_path):
    first, _ = trained("first", "model=dcgan", *FAKE, "network.width=8", "max_generator_steps=1")
    for settings, value, message in (
        (
            ["model=dcgan", *FAKE],
            first,
            f"init={first}: none of its weights has the name and the shape of a weight of this run; that run had "
            "network.width=8, so add this",
        ),
        (["model=dcgan", *FAKE], tmp_path / "none", f"init={tmp_path}/none: there is no such file or folder"),
        (["model=dcgan", *FAKE], tmp_path, f"init={tmp_path}: this folder holds no checkpoint"),
    ):
        with pytest.raises(SettingError) as told:
            train(composed(*settings, "max_generator_steps=1", f"init={value}", f"run_dir={tmp_path}/second"))
        assert message in str(told.value)
        assert not (tmp_path / "second" / "checkpoints").exists()


def test_foreign_networks_are_refused():
    ours = {"generator": {"_target_": "a.DCGANGenerator"}, "discriminator": {"_target_": "a.DCGANDiscriminator"}}
    theirs = {"translator": {"_target_": "a.UNet"}, "discriminator": {"_target_": "a.PatchGAN"}}
    half = {**ours, "discriminator": theirs["discriminator"]}
    told = "^init=RUN: its networks are PatchGAN and UNet, but this run has DCGANDiscriminator and DCGANGenerator"
    with pytest.raises(SettingError, match=told):
        _refuse_foreign(ours, {"config": {"model": theirs}}, "RUN")
    told = r"; use the network= and model= of that run, which were chosen by: gan-train model=pix2pix seed=1$"
    with pytest.raises(SettingError, match=told):
        _refuse_foreign(ours, {"config": {"model": theirs, "command": ["model=pix2pix", "seed=1"]}}, "RUN")
    for known in (ours, half, {"_target_": "some.Model"}):
        _refuse_foreign(ours, {"config": {"model": known}}, "RUN")


def test_few_weights_that_fit_are_told(trained, caplog):
    caplog.set_level(logging.INFO)
    first, _ = trained("first", "model=dcgan", *FAKE, "max_generator_steps=1")
    trained("second", "model=dcgan", *FAKE, "dataset.resolution=64", "max_generator_steps=1", f"init={first}")
    assert (
        "of the weights, this run learns nearly from the beginning; that run had dataset.resolution=16" in caplog.text
    )


def test_configuration_of_the_checkpoint_is_not_used(trained):
    first, _ = trained("first", "model=dcgan", *FAKE, "max_generator_steps=1")
    file = first / "checkpoints" / "last.ckpt"
    content = torch.load(file, weights_only=True)
    content["config"]["model"] = {"_target_": "os.mkdir", "path": str(first / "sprung")}
    torch.save(content, file)
    trained("second", "model=dcgan", *FAKE, "max_generator_steps=1", f"init={file}")
    assert not (first / "sprung").exists()


def test_several_processes_a_sweep_and_a_resumed_run(tmp_path):
    tiny = [*(part for part in TINY if not part.startswith("metrics")), "metrics=none", "trainer.max_epochs=1"]
    first = ["hydra.run.dir=first", *tiny]
    assert gan_train(*first, folder=tmp_path)[0] == 0
    # Two processes; killed before their end and resumed, when the first run is gone: it is not begun again.
    fault = {"event": "batch", "at": 4, "action": "kill", "rank": 0}
    two = [*tiny, *FROZEN, "trainer=ddp_cpu", "init=first", "hydra.run.dir=second"]
    status, told = gan_train(*two, folder=tmp_path, fault=fault)
    assert status == 1
    assert told.count("init: 24 of 24 tensors are taken from first") == 1
    (tmp_path / "first").rename(tmp_path / "moved")
    status, told = gan_train("resume=second", folder=tmp_path)
    assert status == 0, told
    assert "tensors are taken" not in told
    contents = [read(tmp_path / name) for name in ("moved", "second")]
    for part in ("generator.", "discriminator."):
        assert still(*contents, part)
    # Each job of a sweep begins with its own.
    sweep = [*tiny, *FROZEN, "init=moved,second/checkpoints/last.ckpt", "hydra.sweep.dir=sweep", "-m"]
    status, told = gan_train(*sweep, folder=tmp_path)
    assert status == 0, told
    assert len(list((tmp_path / "sweep").glob("*/checkpoints/last.ckpt"))) == 2
    assert load(tmp_path / "second").model.generator_step == 4
