"""Each thing that README says one can add, added by a stranger: an own package and an own folder of configurations."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir

import gan_lightning
from gan_lightning.console.cli import sentence
from gan_lightning.console.config import CONF
from gan_lightning.train import train

PACKAGE = """
import torch
from torch import nn

from gan_lightning.augment import Augment
from gan_lightning.batch import Labelled, Query, Verdict
from gan_lightning.data import Source, TensorImages
from gan_lightning.losses import AdversarialLoss, Auxiliary, Constraint, Penalty, Regulariser
from gan_lightning.models import GAN, AdversarialModule, FromNoise, Player
from gan_lightning.networks import Discriminator, Generator


class Loss(AdversarialLoss):
    def discriminator(self, real, fake):
        return (1 - real).square().mean() + (1 + fake).square().mean()

    def generator(self, fake, real=None):
        return (1 - fake).square().mean()


class SmallLogits(Penalty):
    def forward(self, critic, real, fake, real_logits, fake_logits):
        return real_logits.square().mean() + critic(fake).square().mean()


class Rounded(Constraint):
    def __call__(self, network):
        for parameter in network.parameters():
            parameter.data.mul_(2**12).round_().div_(2**12)


class Weights(Regulariser):
    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, network):
        return self.weight * sum(p.square().sum() for p in network.parameters())


class Brightness(Auxiliary):
    def __init__(self, features, weight):
        super().__init__()
        self.head, self.weight = nn.Linear(features, 1), weight

    def discriminator_loss(self, real, fake, label):
        return self.weight * self.head(real).square().mean()

    def generator_loss(self, real, fake, label):
        return self.weight * self.head(fake).square().mean()


class Darker(Augment):
    def change(self, image):
        return image - 0.1


class Painter(Generator):
    def __init__(self, channels, resolution, width):
        super().__init__()
        self.latent_dim = width
        self.pixels = nn.Linear(width, channels * resolution**2)
        self.shape = (channels, resolution, resolution)

    def forward(self, z, label):
        return self.pixels(z).tanh().unflatten(1, self.shape)


class Judge(Discriminator):
    def __init__(self, channels, resolution, width):
        super().__init__()
        self.feature_dim = width
        self.hidden, self.logit = nn.Linear(channels * resolution**2, width), nn.Linear(width, 1)

    def forward(self, image, label):
        features = self.hidden(image.flatten(1)).relu()
        return Verdict(self.logit(features), features)


class Stripes(Source):
    def __init__(self, size):
        self.size = size

    def load(self, split, resolution):
        label = torch.arange(self.size) % 2
        images = (label * 255).byte().view(-1, 1, 1, 1).expand(-1, 3, resolution, resolution)
        return TensorImages(images, {"shade": label}, "shade", ["black", "white"])


# A generator alone, whose images should come near the real ones, pixel by pixel.
class OnePlayer(FromNoise):
    def __init__(self, generator, optimizer, optimisation, num_classes=0):
        super().__init__(optimisation)
        self.generator, self.num_classes, self.latent_dim = generator, num_classes, generator.latent_dim
        self.add_player("generator", Player(generator, optimizer, "model.optimizer"))

    def synthesise(self, z, label):
        return self.generator(z, label)

    def step(self, batches):
        self.update("generator", (self.distance(*batch) for batch in batches))

    def distance(self, real, label):
        fake = self.generator(torch.randn(len(real), self.generator.latent_dim), label)
        loss = (fake - real).square().mean()
        self.log_scalars(loss_distance=loss)
        return loss


class Simplest(AdversarialModule, FromNoise):
    def __init__(self, generator, discriminator, loss, optimisation, num_classes=0):
        super().__init__(generator, discriminator, loss, optimisation, {}, {}, {}, {}, critic_steps=1)
        self.num_classes, self.latent_dim = num_classes, generator.latent_dim

    def synthesise(self, z, label):
        return self.ema(z, label)

    def step(self, batches):
        self.update("discriminator", (self.discriminator_loss(*batch) for batch in batches))
        self.update("generator", (self.generator_loss(*batch) for batch in batches))

    def fakes(self, label):
        return self.generator(torch.randn(len(label), self.generator.latent_dim), label)

    def discriminator_loss(self, real, label):
        fake = self.fakes(label).detach()
        return self.discriminator_objective(lambda image: self.discriminator(image, label), real, fake, {})[0]

    def generator_loss(self, real, label):
        return self.generator_objective(lambda image: self.discriminator(image, label), self.fakes(label), real)


# --- what strangers write first ---


class Alone:
    def discriminator(self, real, fake):
        return fake.mean() - real.mean()

    def generator(self, fake):
        return -fake.mean()


class Short(Loss):
    def generator(self, fake):
        return -fake.mean()


class Plain(nn.Module):
    def __init__(self, **settings):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, z, label):
        return z


class NoLatent(Generator):
    def __init__(self, **settings):
        super().__init__()

    def forward(self, z, label):
        return z


class Wide(Painter):
    def forward(self, z, label):
        return 100 * self.pixels(z).unflatten(1, self.shape)


class Flat(Painter):
    def forward(self, z, label):
        return self.pixels(z).tanh()


class Deaf(Painter):
    def forward(self, z):
        return super().forward(z, None)


class Broken(Painter):
    def forward(self, z, label):
        return self.pixels(z[:, 1:])


class Bare(Judge):
    def forward(self, image, label):
        return super().forward(image, label).logits


class Unlike(Judge):
    def forward(self, image, label):
        return super().forward(image, label)._replace(features=image.flatten(1))
"""

OPTIONS = {
    "loss": "_target_: mine.Loss",
    "penalty": "mine: {_target_: mine.SmallLogits, every: 2}",
    "constraint": "mine: {_target_: mine.Rounded}",
    "regulariser": "mine: {_target_: mine.Weights, weight: 0.1}",
    "auxiliary": "mine: {_target_: mine.Brightness, _partial_: true, weight: 0.1}",
    "augment": "mine: {_target_: mine.Darker}",
    "network": """
width: 8
generator:
  _target_: mine.Painter
  channels: ${spec.channels}
  resolution: ${spec.height}
  width: ${network.width}
discriminator:
  _target_: mine.Judge
  channels: ${spec.channels}
  resolution: ${spec.height}
  width: ${network.width}
""",
    "dataset": """
_target_: gan_lightning.data.ImageData
source: {_target_: mine.Stripes, size: 16}
resolution: 16
batch_size: 4
num_fake: ${metrics.num_fake}
seed: ${seed}
""",
    "model": """
_target_: mine.Simplest
_convert_: all
generator: ${network.generator}
discriminator: ${network.discriminator}
loss: ${game}
optimisation:
  _target_: gan_lightning.models.Optimisation
  generator: {_target_: torch.optim.Adam, _partial_: true, lr: 0.001}
  discriminator: {_target_: torch.optim.Adam, _partial_: true, lr: 0.001}
  schedule: {_target_: gan_lightning.models.Constant}
  ema_decay: 0.99
  ema_rampup: null
  accumulate: 1
  gradient_clip_norm: null
  skip_non_finite: false
  max_generator_steps: ${max_generator_steps}
  max_images: ${max_images}
  seed: ${seed}
""",
    "model/one": """
_target_: mine.OnePlayer
generator: ${network.generator}
optimizer: {_target_: torch.optim.Adam, _partial_: true, lr: 0.001}
optimisation:
  _target_: gan_lightning.models.Training
  schedule: {_target_: gan_lightning.models.Constant}
  max_generator_steps: ${max_generator_steps}
  max_images: ${max_images}
  seed: ${seed}
""",
}

SMALL = ["dataset=fake", "dataset.source.size=8", "dataset.batch_size=4", "dataset.resolution=16"]
QUIET = ["metrics=none", "callbacks.progress.refresh_rate=0", "trainer.accelerator=cpu", "max_generator_steps=2"]
QUIET += ["trainer.log_every_n_steps=1"]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("loss=mine")`: the checkpoint of a short training with own classes."""
    (tmp_path / "mine.py").write_text(PACKAGE)
    for option, text in OPTIONS.items():
        group, _, name = option.partition("/")
        (tmp_path / "conf" / group).mkdir(parents=True, exist_ok=True)
        (tmp_path / "conf" / group / f"{name or 'mine'}.yaml").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    def make(*overrides: str) -> dict[str, Any]:
        with initialize_config_dir(CONF, version_base="1.3"):
            own = [f"hydra.searchpath=[file://{tmp_path}/conf]", f"run_dir={tmp_path}/run", *QUIET]
            data = [] if "dataset=mine" in overrides else SMALL
            train(compose("train", [*own, *data, *overrides]))
        return torch.load(tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True)

    return make


ADDED = {
    "loss": (["loss=mine"], "loss"),
    "penalty": (["penalty=mine"], "penalties"),
    "constraint": (["constraint=mine"], "constraints"),
    "regulariser": (["regulariser@generator_regulariser=mine"], "generator_regularisers"),
    "auxiliary": (["auxiliary=mine"], "auxiliaries"),
    "augment": (["augment=mine"], "augment"),
    "network": (["network=mine"], "generator"),
    "dataset": (["dataset=mine"], "dataset"),
    "model": (["model=mine"], "model"),
    "model/one": (["model=one"], "model"),
}


def test_everything_that_may_be_added_is_tried():
    assert set(ADDED) == set(OPTIONS)


@pytest.mark.parametrize("what", ADDED)
def test_an_addition_trains_and_its_checkpoint_loads_where_it_is_trusted(run, tmp_path, what):
    overrides, part = ADDED[what]
    saved = run(*overrides, *([] if what in ("network", "dataset") else ["network.width=4"]))
    assert saved["counters"]["generator_step"] == 2
    config = saved["config"] if part in ("dataset", "model") else saved["config"]["model"]
    assert "'_target_': 'mine." in str(config[part])
    columns = (tmp_path / "run" / "logs" / "metrics.csv").read_text().splitlines()[0]
    logged = {"penalty": "penalty_mine", "auxiliary": "auxiliary_mine_generator", "model/one": "loss_distance"}
    assert logged.get(what, "loss_discriminator") in columns
    model = gan_lightning.load(tmp_path / "run" / "checkpoints" / "last.ckpt", trusted=["mine"])
    if what == "constraint":
        weights = torch.cat([p.flatten() for p in model.discriminator.parameters()]) * 2**12
        assert torch.equal(weights, weights.round())


ASKED = "gan_lightning.losses.AdversarialLoss asks for discriminator(real, fake) and generator(fake, real=None)"
PAINTER, JUDGE = "network.generator._target_", "network.discriminator._target_"


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
            [f"{PAINTER}=mine.Plain"],
            "network.generator: Plain does not derive from Generator; "
            "gan_lightning.networks.Generator asks for the attribute latent_dim and forward(z, label)",
        ),
        ([f"{PAINTER}=mine.NoLatent"], "network.generator: NoLatent does not set latent_dim; .*"),
        ([f"{PAINTER}=mine.Deaf"], "network.generator: Deaf has forward(z); .* forward(z, label)"),
        ([f"{PAINTER}=mine.Wide"], "network.generator: Wide makes images with values outside [-1, 1]; .*tanh"),
        ([f"{PAINTER}=mine.Flat"], "network.generator: Flat makes (2, 768), but .* (2, 3, 16, 16)"),
        ([f"{PAINTER}=mine.Broken"], "network.generator: Broken fails on a batch of 2: RuntimeError: .*"),
        (
            [f"{JUDGE}=mine.Plain"],
            "network.discriminator: Plain does not derive from Discriminator; .* asks for the "
            "attribute feature_dim and forward(image, label)",
        ),
        (
            [f"{JUDGE}=mine.Bare"],
            "network.discriminator: Bare returns a Tensor and not a gan_lightning.batch.V.*",
        ),
        ([f"{JUDGE}=mine.Unlike"], "network.discriminator: Unlike gives features (2, 768), .* feature_dim is 8"),
        (
            ["dataset=mine", "dataset.source._target_=mine.Loss", "~dataset.source.size"],
            "dataset.source: Loss .*load(split, resolution)",
        ),
        (
            ["model=mine", "+model.num_classes=null"],
            "model: Simplest does not set num_classes; .* and step(batches)",
        ),
        (
            [
                "model=mine",
                "model._target_=mine.Alone",
                *(f"~model.{key}" for key in ("generator", "discriminator", "loss", "optimisation", "_convert_")),
            ],
            "model: Alone does not set takes, .*SteppingModule",
        ),
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
