"""Every configuration that is found composes and trains a real batch; published settings say what they publish."""

import gzip
import pickle
import re
import shutil
import struct
import tarfile
import zipfile
from dataclasses import asdict
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pairs
import pytest
import torch
import torchvision
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from PIL import Image
from recipes import (
    STEPS,
    built_by,
    fake_data,
    from_noise,
    generators,
    of_sequences,
    one_of_each_class,
    options,
    reads_captions,
    recipe_of,
    short,
    small_network,
    step_of,
    translating,
    translators,
)
from shards import write_shards
from thinned import in_turn, thinned

from gan_lightning import load
from gan_lightning.augment import Augment
from gan_lightning.console.config import CONF
from gan_lightning.data import PointData
from gan_lightning.data.sources import authors, openmoji, photographs
from gan_lightning.data.sources.vision import DEBIAN_FASHION_MNIST
from gan_lightning.errors import SettingError
from gan_lightning.losses import RelativisticAverage, RelativisticPairing
from gan_lightning.models import (
    GAN,
    LAPGAN,
    AdversarialModule,
    Encoding,
    EnergyModel,
    FromNoise,
    Pix2Pix,
    SequenceModel,
    SteppingModule,
    Translating,
)
from gan_lightning.training import train

pytestmark = pytest.mark.long

ONE_STEP = ["max_generator_steps=1", "metrics.num_fake=8"]
FEW_PICTURES = "callbacks.samples.columns=2"
PLAIN = ["metrics=none", "~callbacks.curves"]  # whose drawing takes longer than a step


LAYERS = [option for option in options("minibatch") if option != "none"]

WITH_A_HEAD = [network for network in generators() if network not in ("autoencoder", "began")]


def smallest(step: type[SteppingModule]) -> list[str]:
    """A training step with a small network, and random data for it."""
    chosen = [f"model={recipe_of(step)}", *small_network(step), f"dataset={fake_data(step)}"]
    if issubclass(step, SequenceModel):
        return chosen
    return [*chosen, f"dataset.resolution={16 if issubclass(step, FromNoise) else 32}"]


SMALLEST = {step: smallest(step) for step in STEPS}
ADVERSARIAL = [step for step in STEPS if issubclass(step, AdversarialModule)]
"""The training steps with a discriminator, which alone take a loss, penalties, constraints and augmentations."""


def assert_trained(run: Path) -> None:
    checkpoint = torch.load(run / "checkpoints" / "last.ckpt", weights_only=True)
    steps = {name: count for name, count in checkpoint["counters"].items() if name.endswith("_step")}
    assert next(iter(steps.values())) == 1
    assert all(torch.isfinite(value).all() for value in checkpoint["state_dict"].values())


@pytest.mark.parametrize(
    ("model", "resolution"),
    [*((model, 32) for model in from_noise()), ("dcgan", 64), ("wgan_gp", 64), ("cgan_projection", 128)],
)
def test_model_trains_a_batch(composed, tmp_path, model, resolution):
    fake = [f"dataset={fake_data(step_of(model), model)}", "dataset.source.size=16", "dataset.batch_size=8"]
    fake.append(f"dataset.resolution={resolution}")
    narrow = ["network.width=4"] if resolution > 32 else []
    train(composed(f"model={model}", *fake, *narrow, "metrics=none", FEW_PICTURES, *ONE_STEP))
    assert_trained(tmp_path / "run")


@pytest.mark.parametrize("model", of_sequences())
def test_sequences_train_a_batch(composed, tmp_path, model):
    fake = ["dataset=fake_sequences", "dataset.source.size=16", "dataset.batch_size=8", "metrics.num_fake=8"]
    train(
        composed(
            f"model={model}",
            *fake,
            "network.width=4",
            *short(step_of(model)),
            "callbacks.samples.lines=2",
            "max_generator_steps=1",
        )
    )
    assert_trained(tmp_path / "run")
    assert len((tmp_path / "run" / "samples" / "000000000.txt").read_text().splitlines()) == 2
    assert len(load(tmp_path / "run").texts(3)) == 3


BETWEEN_DOMAINS = [step for step in STEPS if issubclass(step, Translating)]


OWN_NETWORKS = [(model, None) for model in translating()]
WITHOUT_LABELS = [("stargan", "translator"), ("stargan", "residual_translator")]


@pytest.mark.parametrize(
    ("model", "network"),
    thinned(
        # A network is handed to the step: recipes of the same step do not differ there.
        [*OWN_NETWORKS, *product(map(recipe_of, BETWEEN_DOMAINS), translators())],
        [*OWN_NETWORKS, *in_turn(map(recipe_of, BETWEEN_DOMAINS), translators()), *WITHOUT_LABELS],
    ),
)
def test_translation_trains_a_batch_with_every_network(composed, tmp_path, model, network):
    fake = [
        f"dataset={fake_data(step_of(model))}",
        "dataset.source.size=16",
        "dataset.batch_size=2",
        "dataset.resolution=64",
    ]
    chosen = [] if network is None else [f"network={network}", "critic_norm=instance"]
    small = ["network.width=4", *PLAIN, "max_generator_steps=1"]
    config = composed(f"model={model}", *chosen, *fake, *small)
    if (model, network) in WITHOUT_LABELS:
        # Instance norm behind reflected label planes sees no label.
        with pytest.raises(SettingError, match="makes the same picture whatever label it gets"):
            train(config)
        return
    train(config)
    assert_trained(tmp_path / "run")


WIDE = [(recipe_of(step), "[96,32]") for step in BETWEEN_DOMAINS]


@pytest.mark.parametrize(("model", "size"), thinned([*((model, "[32,64]") for model in translating()), *WIDE], WIDE))
def test_translation_takes_pictures_that_are_not_square(composed, tmp_path, model, size):
    fake = [f"dataset={fake_data(step_of(model))}", "dataset.source.size=8", "dataset.batch_size=2"]
    fake.append(f"dataset.resolution={size}")
    train(composed(f"model={model}", *fake, "network.width=4", *PLAIN, "max_generator_steps=1"))
    assert_trained(tmp_path / "run")


AUGMENTATIONS = [option for option in options("augment") if option != "none"]


@pytest.mark.parametrize(
    ("step", "augment"), thinned(product(ADVERSARIAL, AUGMENTATIONS), in_turn(ADVERSARIAL, AUGMENTATIONS))
)
def test_every_augmentation_trains_a_batch_of_every_kind(composed, tmp_path, step, augment):
    small = ["dataset.source.size=8", "dataset.batch_size=2", *PLAIN, "max_generator_steps=1"]
    config = composed(*SMALLEST[step], f"augment={augment}", "loss=hinge", *small)  # which has a threshold, as ADA asks
    if step is Pix2Pix:
        with pytest.raises(InstantiationException, match=f"augment={augment}: this step's discriminator sees source"):
            train(config)
        return
    train(config)
    assert_trained(tmp_path / "run")
    loaded = load(tmp_path / "run" / "checkpoints" / "last.ckpt").model
    assert any(isinstance(module, Augment) for module in loaded.modules())


@pytest.mark.parametrize("augment", AUGMENTATIONS)
def test_augmentation_says_its_paper_and_is_in_the_table(augment):
    assert "arXiv:" in Path(CONF, "augment", f"{augment}.yaml").read_text().splitlines()[0]
    assert f"\n| `{augment}` | " in (Path(__file__).parents[1] / "docs" / "objectives.md").read_text()


@pytest.mark.parametrize("model", options("model"))
def test_model_says_its_paper(model):
    assert "arXiv:" in Path(CONF, "model", f"{model}.yaml").read_text().split("defaults:")[0]


@pytest.mark.parametrize("loss", options("loss"))
def test_loss_says_its_paper_and_is_in_the_table(loss):
    assert "arXiv:" in Path(CONF, "loss", f"{loss}.yaml").read_text().splitlines()[0]
    assert f"\n| `{loss}` | " in (Path(__file__).parents[1] / "docs" / "objectives.md").read_text()


# Some generators have no norms that could tell them the label, an autoencoder no head.
WITHOUT_NORMS = ("dfgan", "points", "progressive", "r3gan", "stylegan", "stylegan2", "stylegan2_ada")
UNCONDITIONAL = {
    **{(network, "cgan_projection"): "network=mlp" for network in WITHOUT_NORMS},
    **{(network, "cgan_projection"): "conditioning=concat" for network in ("autoencoder", "began")},
}
CONDITIONED = ["wgan_gp", "cgan", "cgan_projection", "acgan"]


@pytest.mark.parametrize(
    ("network", "model"),
    thinned(product(generators(), CONDITIONED), [*in_turn(generators(), CONDITIONED), *UNCONDITIONAL]),
)
def test_every_network_serves_every_way_of_conditioning(composed, tmp_path, network, model):
    fake = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=4", "dataset.source.channels=1"]
    config = composed(f"model={model}", f"network={network}", *fake, "dataset.resolution=16", *PLAIN, *ONE_STEP)
    if (network, model) in UNCONDITIONAL:
        with pytest.raises(SettingError, match=rf"conditioning: .*{UNCONDITIONAL[network, model]}"):
            train(config)
    else:
        train(config)
        assert_trained(tmp_path / "run")


@pytest.mark.parametrize("network", [network for network in generators() if network != "points"])
def test_noise_changes_images_from_the_start(composed, network):
    """Where all noise gives one image at first, an energy or a score that G climbs moves this one image only."""
    config = composed("model=wgan_gp", f"network={network}", "dataset=fake", "dataset.source.size=16", *PLAIN)
    config.spec = asdict(instantiate(config.dataset).spec())
    torch.manual_seed(0)
    model = instantiate(config.model)
    z, condition = model.noise(32), torch.zeros(32, dtype=torch.long)
    with torch.no_grad():
        image = model.generator(z, condition)
    assert image.std(0).mean() > image.mean(0).std() / 2


# Losses and penalties meet as classes: options of one class differ in numbers, and each of them trains by itself below.
OF_CAPTIONS = ("matching_aware",)
"""Penalties that only a model that reads captions takes; its recipe trains with them."""
FACTORS = {
    "loss": one_of_each_class("loss"),
    "penalty": [penalty for penalty in one_of_each_class("penalty") if penalty not in OF_CAPTIONS],
    "constraint": options("constraint"),
    "critic_norm": options("critic_norm"),
    "model": [recipe_of(step) for step in ADVERSARIAL],
    "trainer.precision": ["32-true", "bf16-mixed"],
}
PER_IMAGE = {"gradient", "gradient_one_sided", "dragan", "r1", "r1_lazy", "r1_r2", "r2"}


ALL_REFUSED = {
    *(frozenset({("critic_norm", "batch"), ("penalty", penalty)}) for penalty in PER_IMAGE),
    *(frozenset({("constraint", "weight_clipping"), ("penalty", penalty)}) for penalty in ("gradient", "dragan")),
    frozenset({("constraint", "weight_clipping"), ("critic_norm", "spectral")}),
    frozenset({("model", "pix2pix"), ("penalty", "consistency")}),
    frozenset({("model", "lapgan"), ("critic_norm", "instance")}),  # of vectors, at the coarsest level
}
REFUSED = {pair for pair in ALL_REFUSED if all(option in FACTORS[group] for group, option in pair)}


def fits(setting: dict[str, str]) -> bool:
    return not any(pair <= set(setting.items()) for pair in REFUSED)


MEETINGS = pairs.cover(pairs.allowed_settings(FACTORS, fits))
FEW = MEETINGS[: len(MEETINGS) // 3]
"""The first settings bring most pairs together."""


def test_every_pair_meets_but_those_that_are_refused():
    met = set.union(*(pairs.pairs_of(setting) for setting in MEETINGS))
    every = {
        frozenset({(one, a), (two, b)})
        for one, two in combinations(FACTORS, 2)
        for a, b in product(FACTORS[one], FACTORS[two])
    }
    assert every - met == REFUSED
    least, most = sorted(len(options) for options in FACTORS.values())[-2:]  # whose product is what it takes at least
    assert len(MEETINGS) < 1.3 * least * most


def test_most_pairs_and_all_choices_meet_in_a_third_of_the_settings():
    most = set.union(*(pairs.pairs_of(setting) for setting in FEW))
    assert len(most) > 0.6 * len(set.union(*(pairs.pairs_of(setting) for setting in MEETINGS)))
    for group, choices in FACTORS.items():
        assert {setting[group] for setting in FEW} == {*choices}


@pytest.mark.parametrize("setting", thinned(MEETINGS, FEW), ids=lambda setting: "-".join(setting.values()))
def test_every_two_choices_train_a_batch_together(composed, tmp_path, setting):
    small = ["dataset.source.size=8", "dataset.batch_size=2", *PLAIN, "max_generator_steps=1"]
    chosen = [f"{name}={value}" for name, value in setting.items()]
    train(composed(*SMALLEST[step_of(setting["model"])], *chosen, *small))
    assert_trained(tmp_path / "run")


@pytest.mark.parametrize(
    ("group", "option"),
    [
        (group, option)
        for group in ("loss", "penalty")
        for option in options(group)
        if option not in (*FACTORS[group], *OF_CAPTIONS)
    ],
)
def test_options_that_differ_in_numbers_train_a_batch(composed, tmp_path, group, option):
    small = ["dataset.source.size=8", "dataset.batch_size=2", *PLAIN, "max_generator_steps=1"]
    train(composed(*SMALLEST[step_of("gan")], f"{group}={option}", "critic_norm=layer", *small))
    assert_trained(tmp_path / "run")


PENALTIES = ["none", "[gradient,r1]"]
# A layer sees features alone, of whatever network: networks take the layers and penalties in turn, one takes all.
WITH_LAYERS = [
    *product(["dcgan"], ["dcgan"], LAYERS, PENALTIES),
    *(
        (network, model, LAYERS[i % len(LAYERS)], PENALTIES[(i // len(LAYERS)) % 2])
        for i, (network, model) in enumerate(
            [*((network, "dcgan") for network in WITH_A_HEAD), ("dcgan", "cgan"), ("resnet", "cgan_projection")]
        )
        if (network, model) != ("dcgan", "dcgan")
    ),
]


OF_EACH_DISCRIMINATOR = {built_by("network", name, "discriminator"): name for name in reversed(WITH_A_HEAD)}.values()


@pytest.mark.parametrize(
    ("network", "model", "minibatch", "penalty"),
    thinned(WITH_LAYERS, [case for case in WITH_LAYERS if case[0] in OF_EACH_DISCRIMINATOR]),
)
def test_every_network_takes_every_minibatch_layer(composed, tmp_path, network, model, penalty, minibatch):
    chosen = [f"model={model}", f"network={network}", f"minibatch={minibatch}", f"penalty={penalty}"]
    fake = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=4", "dataset.resolution=16"]
    norm = "critic_norm=spectral"
    train(composed(*chosen, *fake, norm, "model.generator_batch=2", *PLAIN, *ONE_STEP))
    assert_trained(tmp_path / "run")
    saved = torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)["config"]["model"]
    assert saved["discriminator"]["head"]["_target_"].endswith("MinibatchHead")


@pytest.mark.parametrize("model", [*translating(), "ebgan", "began"])
def test_a_minibatch_layer_that_would_be_ignored_is_refused(composed, model):
    small = [f"dataset={fake_data(step_of(model))}", "dataset.source.size=8", "dataset.batch_size=2"]
    small.append("dataset.resolution=32")
    for minibatch in LAYERS:
        with pytest.raises(SettingError, match="minibatch: this network"):
            train(composed(f"model={model}", f"minibatch={minibatch}", *small, "network.width=4", "metrics=none"))


@pytest.mark.parametrize("minibatch", LAYERS)
def test_minibatch_layer_says_its_paper_and_is_in_the_table(minibatch):
    assert "arXiv:" in Path(CONF, "minibatch", f"{minibatch}.yaml").read_text().splitlines()[0]
    assert f"\n| `{minibatch}` | " in (Path(__file__).parents[1] / "docs" / "objectives.md").read_text()


@pytest.mark.parametrize("game", options("game"))
@pytest.mark.parametrize("auxiliary", options("auxiliary"))
def test_games_tasks_and_regularisers_train_a_batch(composed, tmp_path, game, auxiliary):
    fake = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=4", "dataset.resolution=16", *PLAIN]
    chosen = [f"game={game}", f"auxiliary={auxiliary}", "loss=relativistic"]
    chosen += ["model=infogan"] if auxiliary == "information" else []
    both = ",".join(option for option in options("regulariser") if option != "none")
    chosen += [f"regulariser@{side}_regulariser=[{both}]" for side in ("generator", "discriminator")]
    train(composed(*chosen, *fake, *ONE_STEP))
    assert_trained(tmp_path / "run")


@pytest.mark.parametrize("group", ["game", "auxiliary", "regulariser", "penalty", "generator_penalty"])
def test_trick_is_in_its_table(group):
    page = (Path(__file__).parents[1] / "docs" / "objectives.md").read_text()
    for option in options(group):
        assert option == "none" or f"\n| `{option}` | " in page


@pytest.mark.parametrize(
    "group", ["penalty", "generator_penalty", "constraint", "critic_norm", "conditioning", "auxiliary", "regulariser"]
)
def test_every_choice_names_its_paper(group):
    for option in options(group):
        header = Path(CONF, group, f"{option}.yaml").read_text().splitlines()[0]
        assert option == "none" or "arXiv:" in header


def test_games_wrap_the_loss_that_a_recipe_or_the_command_line_chose(composed):
    assert composed("model=wgan_gp").model.loss._target_.endswith("Wasserstein")
    wrapped = composed("model=wgan_gp", "loss=hinge", "game=top_k").model.loss
    assert wrapped._target_.endswith("TopK")
    assert wrapped.of._target_.endswith("Hinge")


@pytest.mark.parametrize(
    ("loss", "game"), [("relativistic", RelativisticPairing), ("relativistic_average", RelativisticAverage)]
)
def test_a_larger_batch_of_the_generator_is_compared_with_as_many_reals(composed, tmp_path, monkeypatch, loss, game):
    compared = []
    judge = game.discriminator

    def spy(self, real, fake):
        compared.append((len(real), len(fake)))
        return judge(self, real, fake)

    monkeypatch.setattr(game, "discriminator", spy)
    small = ["dataset=fake", "dataset.source.size=16", "dataset.batch_size=4", "dataset.resolution=16", "metrics=none"]
    train(composed("model=dcgan", f"loss={loss}", "model.generator_batch=2", *small, *ONE_STEP))
    assert compared == [(4, 4), (8, 8)]


def test_penalties_add_up_to_a_set(composed):
    config = composed("penalty=[gradient,r1]")
    assert set(config.penalty) == {"gradient", "r1"}


def test_command_line_has_the_last_word_over_a_recipe(composed):
    config = composed("model=wgan_gp", "loss=hinge", "network=dcgan", "critic_norm=layer", "penalty=none")
    assert config.model.loss._target_.endswith("Hinge")
    assert config.model.generator._target_.endswith("DCGANGenerator")
    assert config.model.penalties == {}


def test_gradient_penalty_refuses_batch_norm_also_after_a_change_of_network(composed):
    overrides = ["model=wgan_gp", "network=dcgan", "dataset=fake", "metrics=none"]
    with pytest.raises(InstantiationException, match="critic_norm=layer"):
        train(composed(*overrides, "critic_norm=batch"))


@pytest.mark.parametrize("experiment", options("experiment"))
def test_published_setting_is_complete_and_builds(composed, experiment):
    header = Path(CONF, "experiment", f"{experiment}.yaml").read_text().split("defaults:")[0]
    if "on purpose" not in header:  # of those that go wrong on purpose nothing was published
        assert "arXiv:" in header
        figures = re.search(r"\d\.\d", re.sub(r"arXiv:[\d.]+", "", header))
        assert "ot run here" in header or (f"gan-train experiment={experiment}" in header and figures)
    config = composed(f"experiment={experiment}")
    side, channels = config.dataset.get("resolution", 1), 2 if experiment.startswith("toy") else 3
    spec = dict.fromkeys(("height", "width"), side) | {"size": 50000, "fingerprint": "-"}
    spec |= {"channels": channels, "num_classes": 10, "class_names": [str(i) for i in range(10)]}
    spec |= dict.fromkeys(("source_channels", "target_channels", "a_channels", "b_channels"), 3)
    spec |= {"num_tokens": 10, "length": 20, "end": None}
    spec["captions"] = {"words": ["a"], "length": 4, "shown": ["a"]}
    spec["scale"] = config.dataset.get("degradation", {}).get("scale", 1)
    if config.model._target_.endswith("StarGAN"):
        spec |= {"sizes": [1, 1], "planes": 2, "domains": {"a": [1, None]}}
    config.spec = spec | {"direction": "b2a"}
    with torch.device("meta"):  # some published networks are large
        instantiate(config.model)
    instantiate(config.metrics)


@pytest.mark.parametrize("experiment", thinned(options("experiment"), options("experiment")[::6]))
def test_another_loss_may_be_chosen_for_a_published_setting(composed, experiment):
    config = composed(f"experiment={experiment}", "loss=hinge").model
    if "loss" in config:
        assert config.loss._target_.endswith("Hinge")


def of_cifar10(config):
    """The model of a configuration for CIFAR-10, and the numbers of parameters of G and D."""
    config.spec = {"channels": 3, "height": 32, "width": 32, "num_classes": 10, "size": 50000, "fingerprint": "-"}
    model = instantiate(config.model)
    return model, *(sum(p.numel() for p in side.parameters()) for side in (model.generator, model.discriminator))


def test_projection_cgan_is_the_authors_cifar10_network(composed):
    """Layer by layer as in sngan_projection's resnet_32.py and snresnet_32.py; every convolution has a bias."""

    def conv(a, b, kernel):
        return a * b * kernel**2 + b

    block = 2 * conv(256, 256, 3) + conv(256, 256, 1) + 2 * 2 * 10 * 256  # two conditional norms of ten classes
    of_generator = (128 * 16 * 256 + 16 * 256) + 3 * block + 2 * 256 + conv(256, 3, 3)
    first = conv(3, 128, 3) + conv(128, 128, 3) + conv(3, 128, 1)
    plain = 2 * conv(128, 128, 3)
    of_discriminator = first + (plain + conv(128, 128, 1)) + 2 * plain + 128 + 10 * 128  # no bias behind the sum
    assert (of_generator, of_discriminator) == (4_304_387, 1_055_104)

    config = composed("experiment=cgan_projection_cifar10")
    model, generator, discriminator = of_cifar10(config)
    assert (generator, discriminator) == (of_generator, of_discriminator)
    norms = [module for module in model.generator.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert [norm.affine for norm in norms] == [False] * 6 + [True]
    assert {norm.eps for norm in norms} == {2e-5}
    assert all(hasattr(layer, "parametrizations") for layer in (model.discriminator.head.linear,))
    assert model.draw_labels
    assert config.dataset.dequantise
    assert not config.dataset.flip


def test_whose_networks_the_published_figures_of_cifar10_are_of(composed):
    """The sizes that the headers of the experiments tell."""
    _, generator, critic = of_cifar10(composed("experiment=wgan_gp_cifar10"))
    assert (generator, critic) == (1_204_483, 1_053_825)
    _, wide, _ = of_cifar10(composed("experiment=wgan_gp_cifar10", "network.generator.width=256"))
    assert wide == 4_276_739  # pytorch-gan-collections' ResGenerator32
    _, generator, discriminator = of_cifar10(composed("experiment=dcgan_cifar10"))
    assert (round(generator / 1e6, 1), round(discriminator / 1e6, 1)) == (1.1, 0.7)
    _, generator, discriminator = of_cifar10(composed("experiment=progan_cifar10"))
    assert (generator, discriminator) == (1_296_908, 1_298_689)  # of 128 channels at every size


AS_THE_AUTHORS = {
    **dict.fromkeys(("ali_cifar10", "biggan_cifar10", "cgan_projection_cifar10", "igebm_cifar10"), False),
    **dict.fromkeys(("lapgan_cifar10", "progan_cifar10", "sngan_cifar10"), False),
    **dict.fromkeys(("stylegan2_ada_cifar10", "wgan_gp_cifar10"), False),
    **dict.fromkeys(("jem_cifar10", "r3gan_cifar10"), True),
    **dict.fromkeys(("progan_celebahq", "stylegan_ffhq", "stylegan2_ffhq"), True),
}
"""Whether the authors' code mirrors training images at random."""


def test_infogan_trains_for_as_many_updates_as_its_authors(composed):
    """Their script counts 50 epochs, and 100 updates for each."""
    config = composed("experiment=infogan_mnist")
    assert config.model.optimisation.max_generator_steps == 50 * 100
    assert config.trainer.max_epochs in (None, -1)


@pytest.mark.parametrize(("experiment", "mirrored"), AS_THE_AUTHORS.items())
def test_a_published_setting_mirrors_images_if_its_authors_do(composed, experiment, mirrored):
    assert composed(f"experiment={experiment}").dataset.flip is mirrored


POINTS = ["dataset.num_train=512", "max_generator_steps=1", "metrics.num_fake=200"]
POINTS += ["~callbacks.curves", "~callbacks.samples"]  # whose drawing takes longer than all else


@pytest.mark.parametrize("penalty", OF_CAPTIONS)
def test_a_penalty_of_captions_is_refused_without_them(composed, penalty):
    with pytest.raises(InstantiationException, match=f"penalty={penalty}: .*this model reads no captions"):
        train(composed(f"penalty={penalty}", "critic_norm=none", "dataset=fake", "metrics=none", *ONE_STEP))


@pytest.mark.parametrize("penalty", [option for option in options("penalty") if option not in OF_CAPTIONS])
def test_points_take_every_penalty_that_does_not_move_pixels(composed, tmp_path, penalty):
    config = composed("experiment=toy_ring", f"penalty={penalty}", *POINTS)
    if penalty == "consistency":
        with pytest.raises(SettingError, match=r"penalty=consistency: .*points"):
            train(config)
    else:
        train(config)
        assert_trained(tmp_path / "run")


@pytest.mark.parametrize(
    "model",
    thinned(
        from_noise(),
        [model for model in from_noise() if model == recipe_of(step_of(model)) or reads_captions(model)],
    ),
)
def test_points_take_every_model(composed, tmp_path, model):
    # No augmentation that a recipe brings along: most move pixels.
    step = step_of(model)
    adversarial = issubclass(step, AdversarialModule)
    more = ["model.critic_steps=1"] if adversarial else ["~model.optimisation.discriminator"]
    if step is EnergyModel:
        more = ["critic_norm=none", "~model.optimisation.generator"]
    more += ["encoder=mlp"] if issubclass(step, Encoding) else []
    config = composed("experiment=toy_grid", f"model={model}", "network=mlp", "augment=none", *more, *POINTS)
    if reads_captions(model):
        with pytest.raises(InstantiationException, match="text_encoder: reads captions, and this data set has none"):
            train(config)
        return
    if step is LAPGAN:  # a point cannot be halved
        with pytest.raises(SettingError):
            train(config)
        return
    train(config)
    assert_trained(tmp_path / "run")


# --- data sets: those that need a network are read by the real code from small files in the real formats ---


def write_mnist(root: Path) -> None:
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    for part in ("train", "t10k"):
        pixels = random.integers(256, size=(40, 28, 28), dtype=np.uint8)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">IIII", 2051, 40, 28, 28) + pixels.tobytes())
        labels = np.arange(40, dtype=np.uint8) % 10
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 2049, 40) + labels.tobytes())


def write_cifar10(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    cifar = torchvision.datasets.CIFAR10
    for name, _ in cifar.train_list + cifar.test_list:
        entry = {"data": random.integers(256, size=(10, 3072), dtype=np.uint8), "labels": list(range(10))}
        (folder / name).write_bytes(pickle.dumps(entry))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": [f"class {i}" for i in range(10)]}))
    # Only the checksums are of the real archive.
    monkeypatch.setattr(cifar, "train_list", [[name, None] for name, _ in cifar.train_list])
    monkeypatch.setattr(cifar, "test_list", [[name, None] for name, _ in cifar.test_list])
    monkeypatch.setattr(cifar, "meta", {**cifar.meta, "md5": None})


def write_celeba(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    names = [f"{i:06}.jpg" for i in range(1, 41)]
    random = np.random.default_rng(0)
    for name in names:
        picture = Image.fromarray(random.integers(256, size=(218, 178, 3), dtype=np.uint8))
        picture.save(folder / "img_align_celeba" / name)
    zeros = {"identity_CelebA": 1, "list_bbox_celeba": 4, "list_landmarks_align_celeba": 10, "list_attr_celeba": 40}
    for table, columns in zeros.items():
        headers = [] if table == "identity_CelebA" else ["40", " ".join(f"c{i}" for i in range(columns))]
        rows = [f"{name} {' '.join(['1'] * columns)}" for name in names]
        (folder / f"{table}.txt").write_text("\n".join([*headers, *rows]) + "\n")
    parts = [f"{name} {0 if i < 30 else 2}" for i, name in enumerate(names)]
    (folder / "list_eval_partition.txt").write_text("\n".join(parts) + "\n")
    celeba = torchvision.datasets.CelebA
    monkeypatch.setattr(celeba, "file_list", [(file, None, name) for file, _, name in celeba.file_list])


def write_folder(root: Path) -> None:
    random = np.random.default_rng(0)
    for name in ("cats", "dogs"):
        (root / name).mkdir(parents=True)
        for i in range(20):
            Image.fromarray(random.integers(256, size=(40, 50, 3), dtype=np.uint8)).save(root / name / f"{i}.png")


def write_pictures(root: Path, folders: list[str], size: tuple[int, int] = (50, 40)) -> None:
    """Six pictures in each folder, of the same names in all of them."""
    random = np.random.default_rng(0)
    for folder in folders:
        (root / folder).mkdir(parents=True)
        for i in range(6):
            pixels = random.integers(256, size=(*reversed(size), 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{i}.jpg")


def write_archive(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the authors' sets, packed as they pack it, which is copied where it would be downloaded."""
    archive = root / Path(authors.ADDRESSES[name]).name
    if name in authors.PAIRED:
        write_pictures(root / "unpacked" / name, ["train", "val"], (80, 40))
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(root / "unpacked" / name, name)
    else:
        write_pictures(root / "unpacked" / name, ["trainA", "trainB", "testA", "testB"])
        with zipfile.ZipFile(archive, "w") as packed:
            for file in sorted((root / "unpacked").rglob("*")):
                packed.write(file, file.relative_to(root / "unpacked"))

    def copy(address: str, folder: str, file: str) -> None:
        assert address == authors.ADDRESSES[name]
        Path(folder).mkdir()
        shutil.copy(archive, Path(folder, file))

    monkeypatch.setattr(authors, "download_url", copy)


def model_for(dataset: str) -> list[str]:
    """A small model for the batches of a data set, and pictures no larger than it needs."""
    if dataset in ("photographs", "super_resolution"):
        small = ["network=srresnet", "network.width=4"]
        return ["model=srresnet", *small, "dataset.resolution=32", "dataset.held_out=2"]
    data = built_by("dataset", dataset)
    if data is PointData:
        return ["model=gan", "callbacks=toy"]
    step = next(step for step in (GAN, *STEPS) if step.takes is data.delivers)
    small = [part for part in SMALLEST[step] if not part.startswith("dataset")]
    return small if issubclass(step, FromNoise) else [*small, "dataset.batch_size=1", "dataset.resolution=64"]


@pytest.mark.parametrize("dataset", options("dataset"))
def test_dataset_trains_a_batch(composed, tmp_path, monkeypatch, dataset):
    data_dir = tmp_path / "data"
    overrides = [f"dataset={dataset}", f"data_dir={data_dir}", f"cache_dir={tmp_path}/cache", "dataset.batch_size=4"]
    if dataset.startswith("avatars"):
        overrides += ["dataset.source.num_train=40", "dataset.source.num_test=4"]
    elif dataset.startswith("fake"):
        overrides.append("dataset.source.size=8")
    elif dataset.startswith("toy"):
        overrides.append("dataset.num_train=8")
    elif dataset == "label_table":
        write_pictures(data_dir, ["."])
        rows = [f"{i}.jpg,{i % 2},{int(i in (1, 5))}" for i in range(6)]  # both in either split
        (tmp_path / "labels.csv").write_text("\n".join(["file,Young,Smiling", *rows]))
        overrides += [f"dataset.source.path={data_dir}", f"dataset.source.table={tmp_path}/labels.csv"]
        overrides += ["dataset.source.attributes=[Young,Smiling]", "dataset.source.num_test=3"]
    elif dataset == "aligned_folder":
        write_pictures(data_dir, ["train", "val"], (80, 40))
        overrides.append(f"dataset.source.path={data_dir}")
    elif dataset == "paired_folder":
        write_pictures(data_dir, ["maps", "photos"])
        overrides += [f"dataset.source.a={data_dir}/maps", f"dataset.source.b={data_dir}/photos"]
    elif dataset in ("restoration", "super_resolution"):
        write_pictures(data_dir, ["."], (96, 80))
        overrides.append(f"dataset.source.path={data_dir}")
    elif dataset == "photographs":
        for name in (*photographs.TRAINING, *photographs.HELD_OUT):
            Image.new("RGB", (160, 140), (90, 60, 30)).save(tmp_path / name)
        monkeypatch.setattr(photographs, "WALLPAPERS", tmp_path)
    elif dataset == "unpaired_folder":
        write_pictures(data_dir, ["trainA", "trainB", "testA"])
        overrides.append(f"dataset.source.path={data_dir}")
    elif dataset == "streamed":
        write_shards(data_dir, [{"image": Image.new("RGB", (64, 64), (i, 0, 0))} for i in range(8)], shard=4)
        overrides += [f"dataset.source.path={data_dir}", "dataset.num_workers=0"]
    elif dataset.startswith("authors"):
        write_archive(tmp_path, "facades" if dataset == "authors_paired" else "horse2zebra", monkeypatch)
    elif dataset == "openmoji_outline":
        every = openmoji.emoji
        monkeypatch.setattr(openmoji, "emoji", lambda folder, split: every(folder, split)[:12])
    elif dataset == "fashion_mnist":
        if not DEBIAN_FASHION_MNIST.is_dir():
            pytest.skip("Debian's package dataset-fashion-mnist is not installed")
        for read in ("read_image_file", "read_label_file"):  # the first thousand images of the real files
            whole = getattr(torchvision.datasets.mnist, read)
            monkeypatch.setattr(torchvision.datasets.mnist, read, lambda path, whole=whole: whole(path)[:1000])
    elif dataset == "sentences":
        (tmp_path / "lines.txt").write_text("one two three\n" * 8)
        overrides += [f"dataset.source.{split}={tmp_path}/lines.txt" for split in ("train", "test")]
    elif dataset == "mnist":
        write_mnist(data_dir)
    elif dataset == "cifar10":
        write_cifar10(data_dir, monkeypatch)
    elif dataset == "celeba":
        write_celeba(data_dir, monkeypatch)
    elif dataset == "folder":
        write_folder(data_dir)
        overrides.append(f"dataset.source.path={data_dir}")
    train(composed(*overrides, *model_for(dataset), "metrics=none", *ONE_STEP))
    assert_trained(tmp_path / "run")


def test_debian_fashion_mnist_equals_its_archives(composed, tmp_path):
    if not DEBIAN_FASHION_MNIST.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    from gan_lightning.data import fashion_mnist

    read = fashion_mnist(str(tmp_path), train=False)
    raw = gzip.decompress((DEBIAN_FASHION_MNIST / "t10k-images-idx3-ubyte.gz").read_bytes())
    assert read.data.numpy().tobytes() == raw[16:]
