"""A trained model in Python: pictures of Pillow in and out."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from alike import pixels, same
from composing import composed
from PIL import Image
from runs import command

from gan_lightning import load
from gan_lightning.data import quantise
from gan_lightning.errors import SettingError
from gan_lightning.training import train
from gan_lightning.vocabulary import Vocabulary

RECORDED = Path(__file__).parents[1] / "models" / "recorded"


def test_pictures_are_those_of_gan_generate(classes, tmp_path):
    shutil.copytree(RECORDED / "cgan", tmp_path / "run")
    done = command("gan-generate", "checkpoint=run", "n=3", "labels=[3,1]", "seed=7", "output=made", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written = [Image.open(tmp_path / "made" / "images" / f"0000{i}.png") for i in range(3)]
    made = classes.sample(3, label=[3, "1"], seed=7)
    assert [(one.mode, one.size) for one in made] == [(one.mode, one.size) for one in written]
    assert same(made, written)


def test_how_many_is_what_is_given(classes):
    assert len(classes.sample()) == 1
    assert len(classes.sample(label=[3, 1, 4])) == 3
    assert len(classes.sample(5, label=3)) == 5
    z = torch.randn(2, classes.model.latent_dim)
    assert len(classes.sample(z=z)) == 2
    assert same(classes.sample(4, label="3", seed=2)[:2], classes.sample(2, label=3, seed=2))


def test_labels_by_name_and_number_and_what_is_said_of_others(classes, plain):
    assert classes.classes == [str(i) for i in range(10)]
    assert classes.attributes == {}
    every = classes.model.sample(1, torch.tensor([4]), seed=1)
    assert torch.equal(classes.images(1, "4", seed=1), every)
    assert torch.equal(classes.images(1, 4, seed=1), every)
    with pytest.raises(SettingError, match="^label=blond: the checkpoint's data set has the classes 0=0, 1=1"):
        classes.sample(1, "blond")
    assert plain.classes == []
    with pytest.raises(SettingError, match="^label=3: .*(ignores labels|has no labels); leave"):
        plain.sample(1, 3)


def test_the_generator_is_a_plain_module(classes, plain, translator):
    z, label = torch.randn(2, classes.model.latent_dim), torch.tensor([3, 1])
    with torch.no_grad():
        assert torch.equal(classes.generator(z, label).clamp(-1, 1), classes.images(z=z, label=[3, 1]))
        picture = torch.rand(1, 3, 16, 16) * 2 - 1
        assert torch.equal(translator.generator["b2a"](picture), translator.model.translate(picture, "b2a"))
    for module in (classes.generator, plain.generator):
        assert type(module).__module__.startswith("gan_lightning.networks")
        assert not module.training


def test_each_kind_of_model_says_what_it_is_for(classes, translator, tmp_path):
    assert (classes.translates, classes.directions, classes.domains) == (False, [], [])
    assert (translator.translates, translator.directions, translator.domains) == (True, ["a2b", "b2a"], ["b", "a"])
    assert (translator.classes, translator.attributes) == ([], {})
    assert classes.size == (16, 16)
    assert repr(classes) == "TrainedModel(GAN, images of 16 x 16 pixels)"
    assert repr(translator) == "TrainedModel(CycleGAN, translates a2b, b2a)"
    assert classes.to("cpu").device == torch.device("cpu")
    picture = Image.new("RGB", (16, 16))
    for call, message in (
        (lambda: classes.translate(picture), "translate: this model makes images from noise; call sample"),
        (lambda: translator.sample(), "sample: this model translates pictures; call translate"),
        (lambda: translator.interpolate(0, 1), "interpolate: this model translates pictures"),
        (lambda: translator.translate(picture, "c"), "domain=c: this checkpoint translates into"),
        (lambda: translator.translate(picture, "b", direction="a2b"), "direction=a2b: domain=b says it already"),
        (lambda: translator.translate(picture, direction="b2c"), "direction=b2c: this checkpoint has learnt a2b, b2a"),
        (lambda: translator.translate(tmp_path / "no.png"), "source=.*no.png"),
        (lambda: translator.translate(picture, tile=3), "tile=3: a whole number from 32"),
    ):
        with pytest.raises(SettingError, match=message):
            call()


def test_points_are_no_pictures(classes, monkeypatch):
    monkeypatch.setitem(classes.spec, "kind", "points")
    with pytest.raises(SettingError, match="sample: this model makes points, no pictures; call images"):
        classes.sample()
    assert classes.images(2).shape[0] == 2
    assert repr(classes) == "TrainedModel(GAN, points in the plane)"
    with pytest.raises(SettingError, match="size: this model makes points, no pictures; call"):
        print(classes.size)


def test_a_label_may_be_a_sentence_of_a_model_that_reads_captions(tmp_path):
    tiny = ["dataset.source.size=24", "dataset.resolution=16", "dataset.batch_size=8", "network.width=4"]
    quiet = ["metrics=none", "callbacks=base", "max_images=8", "text_encoder.features=8", f"run_dir={tmp_path}/run"]
    train(composed("train", "model=gan_cls", "dataset=fake_captions", *tiny, *quiet, "trainer.accelerator=cpu"))
    model = load(tmp_path / "run")
    first, second = model.captions[:2]
    words = Vocabulary(model.spec["captions"]["words"], model.spec["captions"]["length"]).encode([second, first])
    expected = quantise(model.model.draw(torch.arange(2), words, 3, None))
    for picture, image in zip(model.sample(label=[second, first], seed=3), expected, strict=True):
        assert np.array_equal(pixels(picture), image.permute(1, 2, 0).numpy())
    assert same(model.sample(1, second.upper(), seed=3), model.sample(label=[second], seed=3))
    with pytest.raises(SettingError, match="zzz .*never seen in training"):
        model.sample(label="zzz")
