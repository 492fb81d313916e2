"""Networks of timm: the same numbers as timm's own calls give, names and protocols, and what is wrong with settings."""

import re
import sys
from pathlib import Path

import pytest
import timm
import tiny_backbones
import torch
from hydra.utils import instantiate

from gan_lightning.batch import Generated
from gan_lightning.data import Fake, ImageData
from gan_lightning.errors import SettingError
from gan_lightning.metrics import FrechetDistance, GenerationScores, InceptionScore, PathLengthZ, TimmExtractor
from gan_lightning.metrics.extractors import backbones

CLASSIFIER = "test_resnet.r160_in1k"  # timm's own, of half a million weights


def data(num_fake: int = 60) -> ImageData:
    return ImageData(Fake(60, 3, 5), resolution=16, batch_size=4, num_fake=num_fake, seed=0)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of random weights for each network."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(3)
    for name in (CLASSIFIER, "tiny_dinov2", "tiny_clip"):
        torch.save(timm.create_model(name).state_dict(), folder / f"{name}.pth")
    return folder


def stock(name: str, file: Path) -> torch.nn.Module:
    network = timm.create_model(name)
    network.load_state_dict(torch.load(file, weights_only=True))
    return network.eval()


def normalised(image: torch.Tensor, name: str) -> torch.Tensor:
    """As timm's own evaluation does it for images that have the network's size."""
    config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
    mean, deviation = (torch.tensor(config[key])[:, None, None] for key in ("mean", "std"))
    return (image / 255 - mean) / deviation


def test_features_and_logits_are_those_of_timm(weights):
    images = torch.randint(256, (3, 3, 160, 160), dtype=torch.uint8)
    with torch.no_grad():
        for name, side in ((CLASSIFIER, 160), ("tiny_dinov2", 28), ("tiny_clip", 28)):
            file = weights / f"{name}.pth"
            extractor, network = TimmExtractor(name, str(file)), stock(name, file)
            given = images[..., :side, :side]
            found, theirs = extractor(given), normalised(given.float(), name)
            if name == CLASSIFIER:
                torch.testing.assert_close(found.logits, network(theirs))
                network.reset_classifier(0)
                assert (extractor.num_features, extractor.num_logits) == (found.features.shape[1], 1000)
            else:  # no logits: DINOv2 has none, and CLIP's last layer embeds
                assert found.logits is None
                assert extractor.offers == ("features",)
            torch.testing.assert_close(found.features, network(theirs))
    assert extractor.num_features == 6


def test_images_of_any_size_and_channels_are_resized_whole(weights):
    extractor = TimmExtractor("tiny_dinov2", str(weights / "tiny_dinov2.pth"))
    for size, channels in ((16, 3), (64, 1), (40, 4)):
        image = torch.randint(256, (2, channels, size, size + 3), dtype=torch.uint8)
        colour = image[:, :1].repeat(1, 3, 1, 1) if channels == 1 else image[:, :3]
        resized = torch.nn.functional.interpolate(colour.float(), (28, 28), mode="bicubic", antialias=True)
        with torch.no_grad():
            expected = extractor.network(normalised(resized.clamp(0, 255), "tiny_dinov2"))
        torch.testing.assert_close(extractor(image).features, expected)


def test_name_and_protocol_say_which_weights_size_and_normalisation(weights, tmp_path, composed):
    file = weights / f"{CLASSIFIER}.pth"
    typed = ["metrics=[fid,is,swd]", "extractor=timm", f"metrics.extractor.network={CLASSIFIER}"]
    typed += [f"metrics.extractor.weights={file}", "metrics.extractor.resolution=32", "num_fake=200"]
    scores = instantiate(composed(*typed).metrics)
    sha = backbones._sha256(file)
    name = f"test_resnet_r160_in1k_32px_{sha[:8]}"
    assert scores.names == [f"fid_{name}", f"is_{name}", "swd"]
    small = GenerationScores(str(tmp_path), "train", 1, 60, None, {"is": InceptionScore(1)}, scores.extractor)
    assert small.prepare(data())
    assert small.protocol["extractor"] == name
    assert small.protocol["weights_sha256"] == sha[:16]
    assert small.protocol["resize"] == (
        "bilinear with antialiasing to 32x32, not rounded, normalised by mean 0.5 0.5 0.5 and standard deviation "
        "0.5 0.5 0.5"
    )
    assert small.protocol["classes"] == "its own 1,000 classes"
    other = weights / "other.pth"
    torch.save({key: value * 1.01 for key, value in torch.load(file, weights_only=True).items()}, other)
    assert TimmExtractor(CLASSIFIER, str(other), 32).name != name


def test_a_score_is_computed_from_its_features(weights, tmp_path):
    extractor = TimmExtractor("tiny_dinov2", str(weights / "tiny_dinov2.pth"))
    chosen = {"fid": FrechetDistance(), "is": InceptionScore(1), "ppl_z": PathLengthZ(4, 0.01)}
    with pytest.raises(
        SettingError, match=r"metrics=\[fid,is,ppl_z\]: is needs logits, but extractor=timm offers only"
    ):
        GenerationScores(str(tmp_path), "train", 1, 60, None, chosen, extractor)
    scores = GenerationScores(str(tmp_path), "train", 1, 60, None, chosen, extractor, only_possible=True)
    assert scores.prepare(data())
    assert list(scores.chosen) == ["fid", "ppl_z"]
    images = torch.rand(60, 3, 16, 16) * 2 - 1
    scores.reset(torch.device("cpu"))
    scores.update(Generated(torch.arange(60), images, torch.zeros(60, dtype=torch.long)))
    assert scores.scores.scores["fid"].compute() > 0


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("resnet50.a1_in1k", True),
        ("resnet50", True),
        ("vit_small_patch14_dinov2.lvd142m", False),
        ("vit_base_patch32_clip_224.openai", False),
        ("vit_base_patch32_clip_224", True),  # timm's default weights are fine-tuned on ImageNet
        ("vit_base_patch16_clip_224.laion2b_ft_in12k_in1k", True),
        ("convnext_base.clip_laion2b", False),
        ("resnet50_clip.openai", False),
        ("vit_pe_core_base_patch16_224.fb", False),
    ],
)
def test_the_embedding_of_clip_is_not_taken_for_classes(name, is_one):
    assert backbones._is_classifier(name, timm.get_pretrained_cfg(name)) == is_one


def test_wrong_settings_end_in_one_sentence(weights, tmp_path, monkeypatch):
    good = weights / "tiny_dinov2.pth"
    files = {"text": b"not weights", "empty": b"", "cut": good.read_bytes()[:4000]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    whole = torch.load(good, weights_only=True)
    torch.save({key: value for key, value in whole.items() if "norm" not in key}, tmp_path / "gap")
    cases = [
        (("tiny_dinov", good), "network=tiny_dinov: timm knows no network of this name; did you mean tiny_dinov2"),
        (("dinov2", good), "did you mean .*dinov2"),
        (("resnet50.a1_in1", good), "did you mean resnet50.a1_in1k"),
        (("hf-hub:timm/resnet18", good), "timm knows no network of this name"),
        (
            ("tiny_dinov2", tmp_path / "gone"),
            r"weights=.*gone: there is no such file; fetch the weights of tiny_dinov2",
        ),
        (("tiny_dinov2", tmp_path / "folder"), "weights=.*folder: there is no such file"),
        (("tiny_dinov2", weights / f"{CLASSIFIER}.pth"), "does not hold the weights of tiny_dinov2"),
        (("tiny_dinov2", tmp_path / "gap"), "gap does not hold the weights of tiny_dinov2 .*norm"),
        *(((("tiny_dinov2"), tmp_path / name), f"{name} does not hold the weights of tiny_dinov2") for name in files),
        (
            ("tiny_dinov2", good, 30),
            r"resolution=30: tiny_dinov2 does not see the last pixels .* multiple .* its patches",
        ),
        (("tiny_dinov2", good, 8), r"resolution=8: tiny_dinov2 does not take images of this size .*own size"),
        (("tiny_dinov2", good, 0), "resolution=0"),
    ]
    for given, expected in cases:
        with pytest.raises(SettingError) as told:
            TimmExtractor(given[0], str(given[1]), *given[2:])
        assert re.search(expected, str(told.value)), (given, str(told.value))
        assert "\n" not in str(told.value)
        assert len(str(told.value)) < 700
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(SettingError, match=r"extractor=timm: needs the extra `backbones`.*gan-lightning\[backbones\]"):
        TimmExtractor("tiny_dinov2", str(good))


def test_weights_with_gaps_are_refused_where_timm_fills_them(weights, tmp_path, monkeypatch):
    """Some of timm's networks are loaded without strictness."""
    whole = torch.load(weights / "tiny_dinov2.pth", weights_only=True)
    del whole["blocks.0.mlp.fc1.weight"]
    torch.save(whole, tmp_path / "gap.pth")
    original = tiny_backbones.build_model_with_cfg
    loosely = lambda *given, **settings: original(*given, pretrained_strict=False, **settings)  # noqa: E731
    monkeypatch.setattr(tiny_backbones, "build_model_with_cfg", loosely)
    with pytest.raises(SettingError, match=r"gap.pth lacks weights of tiny_dinov2, such as blocks.0.mlp.fc1.weight"):
        TimmExtractor("tiny_dinov2", str(tmp_path / "gap.pth"))
