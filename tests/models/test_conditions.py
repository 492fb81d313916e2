"""Conditions that are more than a class: several attributes, and vectors from outside, through the same networks."""

from functools import partial
from typing import Any

import composing
import pytest
import torch

from gan_lightning import load
from gan_lightning.console.arguments import prepared
from gan_lightning.data import Fake, TensorImages, quantise, read_png
from gan_lightning.errors import SettingError
from gan_lightning.generate import generate
from gan_lightning.networks import (
    ConditionalBatchNorm,
    DCGANDiscriminator,
    DCGANGenerator,
    Embedder,
    ImageAndCondition,
    NoiseAndCondition,
    NoNorm,
    ProjectionHead,
)
from gan_lightning.networks.layers.embedding import Embedding
from gan_lightning.training import train

TINY = [
    *("dataset=fake", "dataset.source.size=64", "dataset.resolution=16", "dataset.batch_size=8", "network.width=4"),
    *("metrics=none", "+dataset.attributes=[bright,label]", "max_images=64"),
]


@pytest.fixture(autouse=True)
def two_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random images of three shades and two classes, which say of each image its shade too."""

    def load(self: Fake, split: str, resolution: int) -> TensorImages:
        label, bright = torch.arange(self.size) % 2, torch.arange(self.size) // 2 % 3
        images = (80 * bright)[:, None, None, None].expand(-1, 3, resolution, resolution)
        return TensorImages(images.byte(), {"bright": bright, "label": label}, "label", ["0", "1"])

    monkeypatch.setattr(Fake, "load", load)


@pytest.mark.parametrize("model", ["cgan", "cgan_projection", "acgan"])
def test_two_attributes_train_through_the_same_networks(composed: Any, fit: Any, model: str) -> None:
    trained = fit(composed(f"model={model}", *TINY))
    assert trained.generator_step >= 1
    assert trained.generator.embedder.features == 5
    every = trained.conditions(torch.arange(6))
    assert every.tolist() == [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]]
    assert trained.sample(7).shape == (7, 3, 16, 16)
    for module in trained.ema.modules():
        if isinstance(module, Embedding):
            torch.nn.init.normal_(module.weight)  # conditional batch norm starts the same under every condition
    for column in range(2):
        other = torch.zeros(1, 2, dtype=torch.long)
        other[0, column] = 1
        assert not torch.equal(trained.sample(1, torch.zeros_like(other)), trained.sample(1, other))
    assert not trained.ignores_labels()


def test_a_run_with_attributes_shows_samples_and_generates_from_its_checkpoint(composed: Any, tmp_path: Any) -> None:
    train(composed("model=cgan", *TINY, "model.draw_labels=true", "max_images=16", f"run_dir={tmp_path}/run"))
    assert (tmp_path / "run" / "training.png").is_file()
    model = load(tmp_path / "run").model
    assert list(model.num_classes) == [3, 2]
    wanted = ["checkpoint=" + str(tmp_path / "run"), "n=3", f"run_dir={tmp_path}/made"]
    with pytest.raises(
        SettingError, match=r"labels=0: this checkpoint has 2 attributes \(bright 0 to 2, label 0 to 1\); give a"
    ):
        generate(as_typed(*wanted, "labels=0"))
    with pytest.raises(SettingError, match=r"labels=\[\[2, 1\], \[3, 1\]\]: .*a list of such lists"):
        generate(as_typed(*wanted, "labels=[[2,1],[3,1]]"))
    with pytest.raises(SettingError, match=r"labels=\[2, -1\]: this"):
        generate(as_typed(*wanted, "labels=[2,-1]"))
    assert generate(as_typed(*wanted, "labels=[[2,1], [0,1]]")).startswith("3 images")
    images = quantise(model.sample(3, torch.tensor([[2, 1], [0, 1], [2, 1]])))
    assert all(torch.equal(read_png(tmp_path / "made" / "images" / f"0000{i}.png"), images[i]) for i in range(3))
    assert generate(as_typed(*wanted[:2], f"run_dir={tmp_path}/one", "labels=[2,1]")).startswith("3 images")
    image = quantise(model.sample(1, torch.tensor([[2, 1]])))[0]
    assert torch.equal(read_png(tmp_path / "one" / "images" / "00000.png"), image)


def as_typed(*arguments: str) -> Any:
    """The configuration of gan-generate with these arguments on a command line."""
    return composing.composed("generate", *prepared(arguments, "generate"))


def test_an_attribute_that_the_images_lack_is_named(composed: Any, build: Any) -> None:
    with pytest.raises(
        SettingError, match=r"dataset\.attributes: the images have no hat; give one or more of bright, label, or null"
    ):
        build(composed("model=cgan", *TINY, "dataset.attributes=[hat]"))


class Sentence(Embedder):
    """What a text encoder made of a sentence, as it is."""

    features = 7

    def forward(self, condition: torch.Tensor) -> torch.Tensor:
        return condition


def test_vectors_of_sentences_condition_the_same_networks() -> None:
    torch.manual_seed(0)
    generator = DCGANGenerator(3, 16, NoiseAndCondition, ConditionalBatchNorm, 4, embedder=Sentence())
    discriminator = DCGANDiscriminator(
        3, (16, 16), NoNorm(), ImageAndCondition, partial(ProjectionHead, bias=False), 4, embedder=Sentence()
    )
    z, sentence = torch.randn(4, 100), torch.randn(4, 7)
    image = generator(z, sentence)
    assert discriminator(image, sentence).logits.shape == (4, 1)
    assert not torch.equal(image, generator(z, sentence.roll(1, 0)))
