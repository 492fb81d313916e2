"""The Inception network, its weights file, and what is wrong with others."""

from pathlib import Path

import numpy as np
import pytest
import torch
from generation_scoring import data
from hydra.utils import instantiate
from PIL import Image
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from gan_lightning.errors import SettingError
from gan_lightning.metrics import GenerationScores, InceptionExtractor


@pytest.fixture(scope="module")
def inception_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights file of the right shape with random content, in place of the download."""
    import torch_fidelity.feature_extractor_inceptionv3 as module

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "inception.pth"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        patch.setattr(module.torch, "load", lambda *_, **__: {})
        path.write_bytes(b"")
        network = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(path))
    torch.save(network.state_dict(), path)
    return path


def test_inception_gives_both_of_torch_fidelitys_outputs_in_one_pass(inception_weights):
    extractor = InceptionExtractor(str(inception_weights))
    extractor.prepare(data().images("train"), data().images("test"))
    image = torch.randint(256, (2, 3, 32, 32), dtype=torch.uint8)
    found = extractor(image)
    stock = FeatureExtractorInceptionV3(
        "stock", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(inception_weights)
    ).eval()
    with torch.no_grad():
        features, logits = stock(image)
    assert torch.equal(found.features, features)
    assert torch.equal(found.logits, logits)
    assert found.features.shape == (2, 2048)
    assert found.logits.shape == (2, 1008)
    grey = image[:, :1]
    torch.testing.assert_close(extractor(grey).features, extractor(grey.repeat(1, 3, 1, 1)).features)


def test_clean_resizing_is_another_score_with_the_same_weights(inception_weights, composed):
    """clean-fid's way (arXiv:2104.11222): Pillow's bicubic of floats, which are not rounded, before the network."""
    typed = ["metrics=inception", "extractor=inception_clean", f"metrics.extractor.weights={inception_weights}"]
    scores = instantiate(composed(*typed).metrics)
    assert scores.names == ["fid_inception_clean", "is_inception_clean", "swd"]
    clean, usual = scores.extractor, InceptionExtractor(str(inception_weights))
    for extractor in (clean, usual):
        extractor.prepare(data().images("train"), data().images("test"))
    assert clean.resize == "bicubic with antialiasing to 299x299, not rounded"
    assert usual.resize == "bilinear to 299x299 as TensorFlow 1"
    assert clean.weights_hash() == usual.weights_hash()
    image = torch.randint(256, (1, 3, 32, 32), dtype=torch.uint8)
    planes = [Image.fromarray(plane.numpy().astype("float32"), mode="F") for plane in image[0]]
    resized = [np.asarray(plane.resize((299, 299), Image.Resampling.BICUBIC)).clip(0, 255) for plane in planes]
    with torch.no_grad():
        by_hand = usual(torch.from_numpy(np.stack(resized))[None])  # of the network's size: nothing is resized again
    torch.testing.assert_close(clean(image).features, by_hand.features)
    torch.testing.assert_close(clean(image).logits, by_hand.logits)
    assert not torch.allclose(clean(image).features, usual(image).features, rtol=0.01)


def test_inception_needs_more_images_than_features(inception_weights, tmp_path):
    extractor = InceptionExtractor(str(inception_weights))
    scores = GenerationScores(str(tmp_path), "train", 10, 1000, "fid_inception", extractor=extractor)
    with pytest.raises(SettingError, match=r"num_fake=1000.*2049.*metrics=swd"):
        scores.prepare(data())


def test_inception_without_network_or_file_names_address_and_place(tmp_path, monkeypatch):
    def no_network(*_: object, **__: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(torch.hub, "download_url_to_file", no_network)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    images = data().images("train")
    address = r"https://github\.com/toshas/torch-fidelity/releases/\S+weights-inception-2015-12-05-6726825d\.pth"
    place = rf"{tmp_path}/hub/checkpoints/weights-inception-2015-12-05-6726825d\.pth"
    expected = rf"unreachable.*{address}.*{place}.*metrics\.extractor\.weights=FILE.*metrics=swd"
    with pytest.raises(SettingError, match=expected):
        InceptionExtractor().prepare(images, images)
    with pytest.raises(SettingError, match=rf"weights={tmp_path}/none.pth: there is no such file.*{address}"):
        InceptionExtractor(str(tmp_path / "none.pth")).prepare(images, images)


class Hostile:
    """Would be run by a reader that trusts pickles."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("pickled code was run",)


def damaged_files(good: Path, folder: Path) -> dict[str, Path]:
    """Files that are no weights, each in another way."""
    content = good.read_bytes()
    made = {"text": b"not weights", "empty": b"", "cut": content[: len(content) // 2]}
    for name, part in made.items():
        (folder / name).write_bytes(part)
    torch.save({"weight": torch.zeros(3)}, folder / "other")
    torch.save([1, 2], folder / "list")
    torch.save(Hostile(), folder / "pickle")
    return {name: folder / name for name in (*made, "other", "list", "pickle")}


def test_damaged_or_foreign_weights_are_named_and_nobody_is_told_to_run_them(inception_weights, tmp_path, monkeypatch):
    images = data().images("train")
    for name, path in damaged_files(inception_weights, tmp_path).items():
        with pytest.raises(SettingError) as raised:
            InceptionExtractor(str(path)).prepare(images, images)
        told = str(raised.value)
        assert f"weights: {path} does not hold" in told, name
        assert "6726825d" in told
        assert "https://" in told
        assert "weights_only" not in told
        assert "\n" not in told
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(20_000_000_000)
    with pytest.raises(SettingError, match=f"weights: {huge} has 20,000 MB and was not read.*have 96 MB.*https://"):
        InceptionExtractor(str(huge)).prepare(images, images)
    # In the hub folder, where a broken download stays for ever.
    hub = tmp_path / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(hub.parent))
    damaged = hub / "weights-inception-2015-12-05-6726825d.pth"
    damaged.write_bytes(b"<html>")
    with pytest.raises(SettingError, match=f"extractor=inception: {damaged} does not hold"):
        InceptionExtractor().prepare(images, images)


def test_weights_of_another_hash_are_named(inception_weights, caplog):
    InceptionExtractor(str(inception_weights)).prepare(data().images("train"), data().images("test"))
    assert f"{inception_weights} is not the published file" in caplog.text


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_inception_takes_pictures_of_any_channels_and_leaves_transparency_out(inception_weights, channels):
    extractor = InceptionExtractor(str(inception_weights))
    extractor.prepare(data().images("train"), data().images("test"))
    image = torch.randint(256, (2, channels, 16, 16), dtype=torch.uint8)
    colour = image[:, :1].repeat(1, 3, 1, 1) if channels < 3 else image[:, :3]
    assert torch.equal(extractor(image).features, extractor(colour).features)
