"""Advice in a message works when it is followed word for word: what it names, added to the command, begins to train."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from composing import composed
from hydra.errors import InstantiationException

import gan_lightning.training
from gan_lightning.callbacks import Provenance
from gan_lightning.console import synonyms
from gan_lightning.console.arguments import prepared
from gan_lightning.diagnosis import samples, training
from gan_lightning.diagnosis.advice import possible
from gan_lightning.errors import SettingError

FAKE = "dataset=fake dataset.source.size=32 dataset.batch_size=8 dataset.resolution=16 metrics=none"
PAIRS = "model=pix2pix dataset=fake_pairs dataset.resolution=32 network.width=4"
DOMAINS = "model=cyclegan dataset=fake_unpaired dataset.resolution=32 network.width=4"
POINTS = "experiment=toy_ring max_images=1000"


class BegunError(Exception):
    """Training would begin now, with this configuration."""


@pytest.fixture
def begin(monkeypatch, tmp_path):
    """Does what `gan-train` does with some words, up to the training itself; later words replace earlier ones."""

    def fit(trainer: Any, *_: object) -> None:
        raise BegunError(*(callback.config for callback in trainer.callbacks if isinstance(callback, Provenance)))

    monkeypatch.setattr(gan_lightning.training, "fit", fit)

    def start(*lines: str) -> None:
        words = [word for line in lines for word in shlex.split(line)]
        last = {word.partition("=")[0]: word for word in words}
        always = [f"run_dir={tmp_path}/run", "trainer.accelerator=cpu", "callbacks.progress.refresh_rate=0"]
        config = composed("train", *always, *prepared(list(last.values())))
        gan_lightning.training.train(config)

    return start


@pytest.mark.parametrize(
    ("given", "advised"),
    [
        (f"{FAKE} model=pix2pix", "model=dcgan"),
        (f"{PAIRS} metrics=swd", "metrics=paired"),
        (f"{PAIRS} metrics=none model=cyclegan", "model=pix2pix"),
        (f"{DOMAINS} metrics=none model=dcgan", "model=cyclegan"),
        (f"{FAKE} network=unet", "network=dcgan"),
        (f"{FAKE} network=mlp critic_norm=instance", "critic_norm=layer"),
        (f"{FAKE} dataset.resolution=20", "network=mlp"),
        (f"{POINTS} augment=diffaugment", "augment=instance_noise"),
        ("dataset=toy_ring max_images=1000", "experiment=toy_ring"),
        (
            f"{DOMAINS} metrics=none network=discogan dataset.resolution=16 network.translator.norm._target_="
            "gan_lightning.networks.InstanceNorm",
            "network.translator.norm._target_=gan_lightning.networks.BatchNorm",
        ),
    ],
)
def test_what_a_refusal_advises_begins_to_train(begin, given, advised):
    with pytest.raises((SettingError, InstantiationException)) as refused:
        begin(given)
    assert advised in str(refused.value)
    with pytest.raises(BegunError):
        begin(given, advised)


@pytest.mark.parametrize("word", ["gp_weight", "r1_gamma", "apply_gp", "weight_clip"])
def test_what_is_said_for_another_programs_word_begins_to_train(begin, word):
    advice = synonyms.setting("train", word)
    assert advice is not None
    for settings in advice.settings:
        with pytest.raises(BegunError):
            begin(FAKE, settings)


@pytest.mark.parametrize(
    ("given", "left_out"),
    [
        (f"{FAKE} model=began", "minibatch=standard_deviation"),
        (f"{FAKE} model=vae", "discriminator_lr=1e-4"),
        (f"{PAIRS} metrics=none", "augment=instance_noise"),
        (f"{DOMAINS} metrics=none", "model=wgan_gp"),
        (f"{POINTS}", "augment=ada"),
        ("model=seqgan dataset=fake_sequences", "penalty=r1 critic_norm=none"),
    ],
)
def test_what_a_diagnosis_advises_begins_to_train(begin, given, left_out):
    with pytest.raises(BegunError) as begun:
        begin(given)
    rules = "".join(Path(str(module.__file__)).read_text() for module in (samples, training))
    quoted = [words for words in re.findall(r"`'?([^`']+)'?`", rules) if re.match(r"(?!metrics|resume)[\w.]+=", words)]
    advised = [words[1:-1] for words in possible([f"`{words}`" for words in quoted], *begun.value.args)]
    assert left_out in set(quoted) - set(advised)
    assert "lr=2e-4" in advised
    while advised:  # as many at once as have different names
        together = {words.partition("=")[0]: words for words in advised}
        chosen = together.pop("model", None)
        given_together = [shlex.quote(word) for words in together.values() for word in words.split()]
        with pytest.raises(BegunError):
            begin(given, chosen or " ".join(given_together))
        done = [chosen] if chosen else [*together.values()]
        advised = [words for words in advised if words not in done]
