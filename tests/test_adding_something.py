"""What docs/architecture.md adds is added here as the page says: each part trains, and its checkpoint loads."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import adding
import pytest
import torch
from hydra import compose, initialize_config_dir
from PIL import Image
from thinned import thinned

import gan_lightning
from gan_lightning.console.cli import sentence
from gan_lightning.console.config import CONF
from gan_lightning.evaluate import evaluate
from gan_lightning.generate import generate
from gan_lightning.models import FromNoise
from gan_lightning.training import train

pytestmark = pytest.mark.long

WRONG = """
from gan_lightning.batch import Labelled


class Alone:
    def discriminator(self, real, fake):
        return fake.mean() - real.mean()

    def generator(self, fake):
        return -fake.mean()


class Short(SignedSquares):
    def generator(self, fake):
        return -fake.mean()


class Plain(nn.Module):
    def __init__(self, **settings):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, z, label):
        return z


class Neither(AdversarialModule):
    takes = Labelled

    def __init__(self, generator, discriminator, loss, optimisation, num_classes):
        super().__init__(generator, discriminator, loss, optimisation, {}, {}, {}, {}, critic_steps=1)

    def step(self, batches):
        pass


class NoLatent(Generator):
    def __init__(self, **settings):
        super().__init__()

    def forward(self, z, label):
        return z


class Wide(LinearGenerator):
    def forward(self, z, label):
        return 100 * self.pixels(z).unflatten(1, self.shape)


class Flat(LinearGenerator):
    def forward(self, z, label):
        return self.pixels(z).tanh()


class Deaf(LinearGenerator):
    def forward(self, z):
        return super().forward(z, None)


class Broken(LinearGenerator):
    def forward(self, z, label):
        return self.pixels(z[:, 1:])


class Bare(SmallDiscriminator):
    def forward(self, image, label):
        return super().forward(image, label).logits


class Unlike(SmallDiscriminator):
    def forward(self, image, label):
        return super().forward(image, label)._replace(features=image.flatten(1))
"""

SMALL = ["dataset=fake", "dataset.source.size=8", "dataset.batch_size=4", "dataset.resolution=16"]
QUIET = ["metrics=none", "callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu", "max_generator_steps=2"]
QUIET += ["trainer.log_every_n_steps=1"]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("loss=mine")`: the checkpoint of a short training with own classes."""
    (tmp_path / "mine.py").write_text(adding.PACKAGE + WRONG)
    adding.write_options(tmp_path / "conf")
    monkeypatch.syspath_prepend(tmp_path)

    def make(*overrides: str) -> dict[str, Any]:
        with initialize_config_dir(CONF, version_base="1.3"):
            own = [f"hydra.searchpath=[file://{tmp_path}/conf]", f"run_dir={tmp_path}/run", *QUIET]
            data = [] if {"dataset=mine", "model=recolouring"} & {*overrides} else SMALL
            train(compose("train", [*own, *data, *overrides]))
        folder = next((part.partition("=")[2] for part in overrides if part.startswith("run_dir=")), f"{tmp_path}/run")
        return torch.load(f"{folder}/checkpoints/last.ckpt", weights_only=True)

    return make


CLASSIFIER = ["metrics.extractor.images=128", "metrics.num_fake=70", "dataset.source.size=70"]
"""With as few images as a Frechet distance of the classifier's 64 features can have."""
ADDED = {
    "loss/mine": (["loss=mine"], "loss"),
    "penalty/mine": (["penalty=mine"], "penalties"),
    "generator_penalty/mine": (["generator_penalty=mine"], "generator_penalties"),
    "constraint/mine": (["constraint=mine"], "constraints"),
    "regulariser/mine": (["regulariser@generator_regulariser=mine"], "generator_regularisers"),
    "auxiliary/mine": (["auxiliary=mine"], "auxiliaries"),
    "augment/mine": (["augment=mine"], "augment"),
    "metrics/mine": (["metrics=[fid,mine]", *CLASSIFIER], "metrics"),
    "network/mine": (["network=mine"], "generator"),
    "network/appearing": (["network=appearing"], "generator"),
    "conditioning/mine": (["model=cgan", "conditioning=mine"], "generator"),
    "dataset/mine": (["dataset=mine"], "dataset"),
    "model/mine": (["model=mine"], "model"),
    "model/one_player": (["model=one_player"], "model"),
    "model/soft": (["model=soft"], None),
    "dataset/shades": (["model=recolouring"], "dataset"),
    "network/recolourer": (["model=recolouring"], "translator"),
    "model/recolouring": (["model=recolouring"], "model"),
}
"""Of each option on the page, how it is chosen, and the part of the configuration that then names a class of `mine`."""
LOGGED = {
    "network/appearing": "ramp_generator.contrast",
    "penalty/mine": "penalty_mine",
    "generator_penalty/mine": "generator_penalty_mine",
    "auxiliary/mine": "auxiliary_mine_generator",
    "model/one_player": "loss_distance",
    "model/soft": "penalty_r1",
    "model/recolouring": "loss_cycle",
}


OF_OTHER_WIDTH = ("network=mine", "network=appearing", "dataset=mine", "model=recolouring")


def scored_again(folder: Path) -> dict[str, float]:
    """What gan-evaluate finds for the newest checkpoint of `run`."""
    given = [f"checkpoint={folder}/run/checkpoints/last.ckpt", "trusted=[mine]", "trainer.accelerator=cpu"]
    with initialize_config_dir(CONF, version_base="1.3"):
        config = compose("evaluate", [*given, f"run_dir={folder}/again"])
    (folder / "again").mkdir()
    return evaluate(config)


def test_everything_that_may_be_added_is_tried():
    assert set(ADDED) == set(adding.OPTIONS)


@pytest.mark.parametrize("what", ADDED)
def test_an_addition_trains_and_its_checkpoint_loads_where_it_is_trusted(run, tmp_path, what):
    overrides, part = ADDED[what]
    saved = run(*overrides, *([] if overrides[0] in OF_OTHER_WIDTH else ["network.width=4"]))
    assert saved["counters"]["generator_step"] == 2
    if part is not None:
        config = saved["config"] if part in ("dataset", "model", "metrics") else saved["config"]["model"]
        assert "'_target_': 'mine." in str(config[part])
    columns = (tmp_path / "run" / "logs" / "metrics.csv").read_text().splitlines()[0]
    assert LOGGED.get(what, "loss_discriminator") in columns
    model = gan_lightning.load(tmp_path / "run" / "checkpoints" / "last.ckpt", trusted=["mine"]).model
    images = model.sample(2) if isinstance(model, FromNoise) else model.translate(torch.zeros(2, 3, 16, 16))
    assert images.shape == (2, 3, 16, 16)
    assert images.abs().max() <= 1
    if what == "metrics/mine":
        chosen = ["fid_classifier", "spread_classifier"]
        (line,) = map(json.loads, (tmp_path / "run" / "scores.jsonl").read_text().splitlines())
        assert line["higher_is_better"] == dict(zip(chosen, [False, True], strict=True))
        assert line["spread_classifier"] > 0
        again = scored_again(tmp_path)
        assert again == pytest.approx({name: line[name] for name in chosen}, rel=1e-4)
    if what == "network/appearing":
        assert model.generator.shown == model.averaged.shown == 1  # the second of two steps begins at one half
    if what == "constraint/mine":
        weights = torch.cat([p.flatten() for p in model.discriminator.parameters()]) * 4096
        assert torch.equal(weights, weights.round())


@pytest.mark.parametrize(
    "step",
    thinned([option for option in ADDED if option.startswith("model/")], ["model/mine", "model/recolouring"]),
)
def test_a_step_is_continued(run, tmp_path, step):
    overrides, _ = ADDED[step]
    width = [] if overrides[0] in OF_OTHER_WIDTH else ["network.width=4"]
    run(*overrides, *width)
    saved = run(*overrides, *width, f"resume={tmp_path}/run", "max_generator_steps=4")
    assert saved["counters"]["generator_step"] == 4
    with (tmp_path / "run" / "logs" / "metrics.csv").open() as file:
        logged = [int(row["generator_step"]) for row in csv.DictReader(file)]
    assert logged == [1, 2, 3, 4]  # a second start would have logged two of them twice
    whole = run(*overrides, *width, "max_generator_steps=4", f"run_dir={tmp_path}/whole")
    for name, weights in whole["state_dict"].items():
        assert torch.equal(weights, saved["state_dict"][name]), name


def test_a_step_between_three_domains_is_scored_and_translates(run, tmp_path):
    run("model=recolouring", "metrics=unpaired")
    known = [f"checkpoint={tmp_path}/run/checkpoints/last.ckpt", "trusted=[mine]", f"run_dir={tmp_path}"]
    folders = [f"source={tmp_path}/run/samples", f"output={tmp_path}/bright", "direction=dark2bright"]
    with initialize_config_dir(CONF, version_base="1.3"):
        scored = evaluate(compose("evaluate", [*known, "trainer.accelerator=cpu"]))
        generate(compose("generate", [*known, *folders]))
    written = json.loads((tmp_path / "run" / "scores.jsonl").read_text().splitlines()[-1])
    routes = ("dark2grey", "dark2bright", "grey2dark", "grey2bright", "bright2dark", "bright2grey")
    for name in ("swd", "cycle_l1", *(f"{score}_{route}" for score in ("swd", "cycle_l1") for route in routes)):
        assert scored[name] == pytest.approx(written[name], rel=1e-6)
    for file in (tmp_path / "run" / "samples").iterdir():
        with Image.open(file) as source, Image.open(tmp_path / "bright" / file.name) as made:
            assert made.size == source.size


def test_the_page_says_what_a_checkpoint_holds(run):
    saved = run("network.width=4")
    (table,) = re.findall(r"^\| Key .*\n\|[-|]+\n((?:\|.*\n)+)", adding.PAGE.read_text(), re.MULTILINE)
    named = [re.findall(r"`([\w-]+)`", row.split("|")[1]) for row in table.splitlines()]
    assert sorted(sum(named, [])) == sorted(saved)


ASKED = "gan_lightning.losses.AdversarialLoss asks for discriminator(real, fake) and generator(fake, real=None)"
GENERATOR, DISCRIMINATOR = "network.generator._target_", "network.discriminator._target_"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["loss=mine", "loss._target_=mine.Alone"], f"loss: Alone does not derive from AdversarialLoss; {ASKED}"),
        (["loss=mine", "loss._target_=mine.Short"], f"loss: Short has generator(fake); {ASKED}"),
        (["game=top_k", "loss=mine", "loss._target_=mine.Alone"], f"loss: Alone does not derive from Adver.*{ASKED}"),
        (
            ["penalty=mine", "penalty.mine._target_=mine.Plain"],
            "penalty.mine: Plain does not derive from Penalty; .* "
            "asks for forward(critic, real, fake, real_logits, fake_logits)",
        ),
        (
            ["constraint=mine", "constraint.mine._target_=mine.Alone"],
            "constraint.mine: Alone .* a call(network)",
        ),
        (["augment=mine", "augment.mine._target_=mine.Plain"], "augment.mine: Plain .* asks for change(image)"),
        (
            ["auxiliary=mine", "auxiliary.mine._target_=mine.Plain"],
            "auxiliary.mine: is built from the number of.*",
        ),
        (
            [f"{GENERATOR}=mine.Plain"],
            "network.generator: Plain does not derive from Generator; "
            "gan_lightning.networks.Generator asks for the attribute latent_dim and forward(z, condition)",
        ),
        ([f"{GENERATOR}=mine.NoLatent"], "network.generator: NoLatent does not set latent_dim; .*"),
        ([f"{GENERATOR}=mine.Deaf"], "network.generator: Deaf has forward(z); .* forward(z, condition)"),
        ([f"{GENERATOR}=mine.Wide"], "network.generator: Wide makes images with values outside [-1, 1]; .*tanh"),
        ([f"{GENERATOR}=mine.Flat"], "network.generator: Flat makes (2, 768), but .* (2, 3, 16, 16)"),
        ([f"{GENERATOR}=mine.Broken"], "network.generator: Broken fails on a batch of 2: RuntimeError: .*"),
        (
            [f"{DISCRIMINATOR}=mine.Plain"],
            "network.discriminator: Plain does not derive from Discriminator; .* asks for the "
            "attribute feature_dim and forward(image, condition)",
        ),
        (
            [f"{DISCRIMINATOR}=mine.Bare"],
            "network.discriminator: Bare returns a Tensor and not a gan_lightning.batch.V.*",
        ),
        (
            [f"{DISCRIMINATOR}=mine.Unlike"],
            "network.discriminator: Unlike gives features (2, 768), .* feature_dim is 8",
        ),
        (
            ["dataset=mine", "dataset.source._target_=mine.SignedSquares", "~dataset.source.size"],
            "dataset.source: SignedSquares .*load(split, resolution)",
        ),
        (
            ["model=mine", "model.num_classes=null"],
            "model: SimpleGAN does not set num_classes; .*, step(batches) and synthesise(w, condition)",
        ),
        (
            ["metrics=[fid,mine]", "metrics.scores.spread._target_=mine.Plain"],
            "metrics.scores.spread: Plain does not derive from Score; .* asks for the attribute needs, .*",
        ),
        (["model=mine", "model._target_=mine.Neither"], "model: Neither does not derive from FromNoise; .*"),
        (["model=mine", "model._target_=mine.Plain"], "model: Plain does not set takes, .*SteppingModule"),
    ],
    ids=lambda value: value[-1].split("=")[-1] if isinstance(value, list) else "",
)
def test_a_class_that_keeps_no_contract_is_told_what_is_asked(run, tmp_path, overrides, said):
    chosen = overrides if any(part.startswith("model") for part in overrides) else ["network=mine", *overrides]
    with pytest.raises(Exception) as caught:  # noqa: PT011 (Hydra wraps what a constructor raises)
        run(*chosen)
    pattern = ".*".join(map(re.escape, said.split(".*")))
    assert re.fullmatch(pattern, sentence(caught.value)), sentence(caught.value)
    assert not (tmp_path / "run" / "config.yaml").exists()


def test_an_option_without_a_name_is_told_so(run, tmp_path):
    (tmp_path / "conf" / "penalty" / "mine.yaml").write_text("_target_: mine.SmallLogits")
    with pytest.raises(Exception) as caught:  # noqa: PT011
        run("penalty=mine")
    said = sentence(caught.value)
    assert said.startswith("penalty")
    assert "by name" in said
