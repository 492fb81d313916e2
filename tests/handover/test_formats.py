"""Models handed on: every kind as weights, some as networks of other programs, all run and compared."""

import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch
from handed_on import IMAGES, recorded, subject
from PIL import Image

import gan_lightning
from gan_lightning.errors import SettingError
from gan_lightning.handover import CheckpointFormat, ONNXFormat, SafetensorsFormat, TorchExportFormat, TorchScriptFormat
from gan_lightning.handover.exporting import export
from gan_lightning.runs.checkpoint import read

PAIRS = {
    "source_channels": 1,
    "target_channels": 3,
    "height": 32,
    "width": 32,
    "direction": "a2b",
    "scale": 1,
    "size": 9,
}
SIDES = {"a_channels": 3, "b_channels": 3, "height": 32, "width": 32, "a_size": 9, "b_size": 9}
DOMAINS = {"channels": 3, "height": 32, "width": 32, "sizes": [1, 1], "planes": 2, "size": 9}
DOMAINS |= {"domains": {"dark": [0, None], "light": [1, None]}}
FROM_NOISE = [
    *(
        "dcgan",
        "cgan",
        "acgan",
        "lsgan",
        "began",
        "infogan",
        "biggan",
        "biggan_deep",
        "sagan",
        "sngan",
        "r3gan",
        "progan",
    ),
    *("stylegan", "stylegan2", "lapgan", "vae", "autoencoder", "vae_gan", "bigan", "cgan_projection"),
]


@pytest.mark.parametrize("model", FROM_NOISE)
def test_weights_of_generators_come_back_as_the_same_images(model, tmp_path):
    small = ["network.generator.widest=8"] if model.startswith("stylegan2") else []
    given = subject(model, IMAGES, "dataset=fake", *small)
    export(given, SafetensorsFormat(), tmp_path / "out")
    again = gan_lightning.load(tmp_path / "out")
    assert torch.equal(again.images(4, seed=3), given.trained.images(4, seed=3))
    assert again.images(4, seed=3).std(0).max() > 1e-4  # the images differ
    assert torch.equal(again.images(w=again.latents(2, seed=3)), again.images(2, seed=3))
    assert (again.classes, again.size) == (given.trained.classes, (32, 32))
    if again.classes:
        assert torch.equal(again.images(2, "car"), given.trained.images(2, 1))
    assert "_target_" not in (tmp_path / "out" / "config.json").read_text()


@pytest.mark.parametrize(
    ("model", "spec", "overrides"),
    [
        ("pix2pix", PAIRS, ["dataset=fake_pairs"]),
        ("pix2pix", PAIRS, ["dataset=fake_pairs", "model.instance_statistics=true", "model.sampling_noise=false"]),
        ("cyclegan", SIDES, ["dataset=fake_unpaired", "network.translator.blocks=1"]),
        ("dualgan", SIDES, ["dataset=fake_unpaired"]),
        (
            "srresnet",
            {**PAIRS, "source_channels": 3, "scale": 2},
            ["dataset=fake_pairs", "network.translator.blocks=1"],
        ),
    ],
    ids=str,
)
def test_weights_of_translators_come_back_as_the_same_pictures(model, spec, overrides, tmp_path):
    given = subject(model, spec, *overrides)
    export(given, SafetensorsFormat(), tmp_path / "out")
    again = gan_lightning.load(tmp_path / "out")
    picture = Image.effect_noise((37, 33), 80).convert("RGB")
    for direction in given.trained.directions:
        expected = given.trained.translate(picture, direction=direction, seed=2)
        made = again.translate(picture, direction=direction, seed=2)
        assert np.array_equal(np.asarray(made), np.asarray(expected))
    assert again.directions == given.trained.directions


@pytest.mark.parametrize(
    ("model", "spec", "overrides"),
    [
        ("cgan", IMAGES, ["dataset=fake"]),
        ("vae", IMAGES, ["dataset=fake"]),
        ("igebm", IMAGES, ["dataset=fake"]),
        ("stargan", DOMAINS, ["dataset=fake_domains", "network.translator.blocks=1"]),
    ],
)
def test_a_checkpoint_without_what_training_needs_is_read_as_any_other(model, spec, overrides, tmp_path):
    given = subject(model, spec, *overrides)
    whole = {**given.content, "state_dict": given.trained.model.state_dict(), "loops": {}}
    places = {"cache_dir": "~/cache", "data_dir": "~/data", "run_dir": "/home/me/run", "metrics": {}}
    spec = {**spec, "fingerprint": ""}
    whole["config"] = {
        **given.content["config"],
        **places,
        "spec": spec,
        "command": ["model=cgan", "dataset.source.path=/home/me"],
    }
    players = len(given.trained.model.players)
    whole["optimizer_states"] = [{"state": {}, "param_groups": []} for _ in range(players)]
    given.trained.model.on_save_checkpoint(whole)
    export(replace(given, content=whole), CheckpointFormat(), tmp_path / "out")
    content = read(tmp_path / "out")
    assert content.keys() == {"config", "state_dict", "counters"}
    assert content["config"]["command"] == ["model=cgan"]
    assert "/home/me" not in str(content["config"])
    again = gan_lightning.load(tmp_path / "out")
    if model == "stargan":
        picture = torch.rand(2, 3, 32, 32) * 2 - 1
        expected = given.trained.model.translate(picture, "any2light")
        assert torch.equal(again.model.translate(picture, "any2light"), expected)
        assert "domain='light'" in (tmp_path / "out" / "README.md").read_text()
    else:
        assert torch.equal(again.images(4, seed=3), given.trained.images(4, seed=3))


def image_of_the_card(folder, monkeypatch, **inputs):
    """What the code in the card of an exported model makes of inputs."""
    monkeypatch.chdir(folder)
    exec((folder / "README.md").read_text().split("```python\n")[1].split("```")[0], inputs)
    return inputs["image"]


def test_onnx_runs_without_this_package_in_batches_of_every_size(tmp_path, monkeypatch):
    given = recorded("cgan")
    said = export(given, ONNXFormat(), tmp_path / "out")
    assert said.startswith("model.onnx (")
    session = onnxruntime.InferenceSession(tmp_path / "out" / "model.onnx", providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["z", "condition"]
    for batch in (1, 5):
        z, label = torch.randn(batch, given.trained.model.latent_dim), torch.arange(batch) % 10
        (made,) = session.run(None, {"z": z.numpy(), "condition": label.numpy()})
        expected = given.trained.images(z=z, label=label.tolist())
        assert np.abs(made - expected.numpy()).max() < 1e-5
        shown = image_of_the_card(tmp_path / "out", monkeypatch, z=z.numpy(), condition=label.numpy())
        assert np.array_equal(shown, made)
    inputs = f"# z: float32 (B, {given.trained.model.latent_dim})\n# condition: int64 (B)\n"
    assert inputs in (tmp_path / "out" / "README.md").read_text()
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["network"] == {"model": ["z", "condition"]}
    assert config["largest_difference"] < 1e-5
    with pytest.raises(SettingError, match="was exported as onnx, for other programs; export it with format=safe"):
        gan_lightning.load(tmp_path / "out")


def test_torch_export_of_translators_takes_pictures_of_every_size(tmp_path):
    given = recorded("cyclegan")
    export(given, TorchExportFormat(), tmp_path / "out")
    for direction in ("a2b", "b2a"):
        network = torch.export.load(tmp_path / "out" / f"{direction}.pt2").module()
        for shape in ((1, 3, 16, 16), (4, 3, 20, 36)):
            picture = torch.rand(shape) * 2 - 1
            assert torch.allclose(network(picture), given.trained.model.translate(picture, direction), atol=1e-6)


def test_a_unet_takes_pictures_of_every_size_and_says_what_its_dropout_does(tmp_path):
    """Its innermost map is one pixel high for the smallest pictures, and more for others."""
    given = subject("pix2pix", {**PAIRS, "height": 64, "width": 64}, "dataset=fake_pairs", "dataset.resolution=64")
    model = given.trained.model
    with torch.no_grad():
        for weights in model.averaged.parameters():
            weights.mul_(5)  # otherwise what dropout changes is less than float32 can hold
    said = export(given, TorchExportFormat(), tmp_path / "out")
    network = torch.export.load(tmp_path / "out" / "a2b.pt2").module()
    for shape in ((1, 1, 64, 64), (3, 1, 128, 64), (2, 1, 128, 192)):
        picture = torch.rand(shape) * 2 - 1
        assert torch.allclose(network(picture), model.averaged.eval()(picture), atol=1e-6)
    assert not torch.equal(model.translate(picture, seed=0), model.translate(picture, seed=1))
    assert "a2b.pt2 (" in said
    assert "exactly the images of the checkpoint, without the dropout that it leaves on" in said
    card = (tmp_path / "out" / "README.md").read_text()
    assert "with those of the checkpoint without dropout and are the same. The checkpoint itself leaves dropout" in card
    said = export(given, SafetensorsFormat(), tmp_path / "weights")
    assert "dropout" not in said + (tmp_path / "weights" / "README.md").read_text()


@pytest.mark.filterwarnings("ignore:.*torch.jit.load.*deprecated:FutureWarning")
def test_torchscript_and_the_generator_of_stargan(tmp_path, monkeypatch):
    given = subject("stargan", DOMAINS, "dataset=fake_domains", "network.translator.blocks=1")
    export(given, TorchScriptFormat(), tmp_path / "out")
    picture = torch.rand(3, 3, 32, 32) * 2 - 1
    network = torch.jit.load(str(tmp_path / "out" / "model.ts"))
    told = given.trained.model.label_of(picture)
    told[:, 0] = 1  # what the domain `light` asks for; the rest stays
    assert torch.allclose(network(picture, told), given.trained.model.translate(picture, "any2light"), atol=1e-6)
    shown = image_of_the_card(tmp_path / "out", monkeypatch, picture=picture, label=told)
    assert torch.equal(shown, network(picture, told))
    text = (tmp_path / "out" / "README.md").read_text()
    assert "# picture: float32 (B, 3, H, W)\n# label: float32 (B, 2)\n" in text
    with pytest.raises(SettingError, match=r"^format: the pictures of this StarGAN need more than one .*format=onnx"):
        export(given, SafetensorsFormat(), tmp_path / "other")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("model", ["stylegan2", "lapgan", "autoencoder"])
def test_programs_of_torch_hold_mappings_cascades_and_fitted_codes(model, tmp_path):
    given = subject(model, IMAGES, "dataset=fake", *(["network.generator.widest=8"] if model == "stylegan2" else []))
    export(given, TorchExportFormat(), tmp_path / "out")
    network = torch.export.load(tmp_path / "out" / "model.pt2").module()
    z = given.trained.model.noise_at(torch.arange(5), 1)
    assert torch.allclose(network(z), given.trained.images(z=z), atol=1e-5)


def test_a_program_of_torch_takes_one_image_of_a_class(tmp_path):
    """Batch norm with a gain for each class, which a setting for translators would break."""
    given = subject("sagan", IMAGES, "dataset=fake")
    export(given, TorchExportFormat(), tmp_path / "out")
    network = torch.export.load(tmp_path / "out" / "model.pt2").module()
    for batch in (1, 4):
        z, label = given.trained.model.noise_at(torch.arange(batch), 1), torch.arange(batch) % 3
        assert torch.allclose(network(z, label), given.trained.images(z=z, label=label.tolist()), atol=1e-5)


def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(SettingError, match=r"format: needs onnxruntime: pip install 'gan-lightning\[export\]'"):
        export(recorded("dcgan"), ONNXFormat(), tmp_path / "out")
