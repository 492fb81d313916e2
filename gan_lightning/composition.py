"""Whether the settings of an experiment fit each other: compared before training, refused in one sentence.

What parts declare, whoever built them, is compared in `compatibility.py`; here is what only a configuration shows.
"""

from collections.abc import Mapping
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationKeyError

from gan_lightning.batch import Attributed, Generated, Labelled, Paired, Sequences, Translation, Unpaired
from gan_lightning.compatibility import compare, compare_with_data
from gan_lightning.console.config import class_of
from gan_lightning.contracts import check_contract
from gan_lightning.errors import SettingError
from gan_lightning.metrics import Scores
from gan_lightning.models import AdversarialModule, FromNoise, SteppingModule, Translating
from gan_lightning.networks.layers.conditioning import GeneratorNorm

_TAKEN_AS = {
    "auxiliary": ("auxiliaries", "auxiliary tasks"),
    "generator_penalty": ("generator_penalties", "penalties on the generator"),
    "penalty": ("penalties", "penalties on a discriminator"),
    "augment": ("augment", "augmentations, which only a discriminator sees"),
    "pairs": ("pairs", "further pairs of image and condition"),
    "constraint": ("constraints", "constraints on a discriminator"),
    "generator_regulariser": ("generator_regularisers", "regularisers of a generator"),
    "discriminator_regulariser": ("discriminator_regularisers", "regularisers of a discriminator"),
}
"""By group, the setting of a model that takes its options, and what they are."""


def with_rates(config: DictConfig) -> DictConfig:
    """A copy of a configuration whose players have the learning rates that `lr`, `generator_lr` and `discriminator_lr`
    ask for; these settings themselves are null in it.

    Raises:
        SettingError: the model has no such player.
    """
    config = config.copy()
    parts = OmegaConf.select(config, "model.optimisation", default={})
    players = {name: part for name, part in parts.items() if isinstance(part, DictConfig) and "lr" in part}
    named_by = {"lr": list(players), "generator_lr": ["generator"], "discriminator_lr": ["discriminator"]}
    for setting, named in named_by.items():
        if config.get(setting) is None:
            continue
        if not named or not players.keys() >= {*named}:
            known = " and ".join(f"model.optimisation.{name}.lr" for name in players) or "none"
            raise SettingError(
                f"{setting}={config[setting]}: this model lacks this rate in model.optimisation; it has {known}"
            )
        for name in named:
            players[name].lr = config[setting]
        config[setting] = None
    return config


def refuse_what_cannot_go_together(config: DictConfig) -> None:
    """Compare the parts that were chosen, as far as the configuration alone shows them.

    Raises:
        SettingError: two parts do not fit each other, or one that a run needs is missing.
    """
    check_kinds(class_of("model", config), config)
    number = config.num_fake
    if number is not None and "num_fake" not in config.metrics:
        raise SettingError(
            f"num_fake={number}: these scores take no number of images; a model that translates is scored on all "
            "held-out pictures"
        )
    if number is not None and config.metrics.num_fake != number:
        raise SettingError(
            f"num_fake={number}: metrics.num_fake={config.metrics.num_fake} says otherwise; leave one of them out"
        )
    for group, (key, what) in _TAKEN_AS.items():
        if config.get(group) and key not in config.model:
            raise SettingError(
                f"{group}={','.join(config[group])}: {config.model._target_} takes no {what}; use {group}=none"
            )
    _refuse_unused_loss(config)
    if config.get("encoder") and "encoder" not in config.model:
        raise SettingError(
            f"encoder: {config.model._target_} has no encoder; leave encoder out, or use model=vae or another recipe "
            "with one"
        )
    if config.get("text_encoder") and "text_encoder" not in config.model:
        raise SettingError(
            f"text_encoder: {config.model._target_} reads no captions; leave text_encoder out, or use model=gan_cls or "
            "another recipe that does"
        )
    batch = config.dataset.get("batch_size", 2) * config.model.get("generator_batch", 1)
    for name, part in config.generator_penalty.items():
        setting = f"generator_penalty.{name}"
        if batch < 2 and getattr(class_of(setting, {setting: part}), "compares_images", False):
            raise SettingError(
                f"generator_penalty={name}: compares the images of the generator's batch, which here has one; use "
                "dataset.batch_size=2 or more"
            )
    if "num_classes" not in config.model and "num_classes" in config.conditioning.embedder:
        raise SettingError(
            f"conditioning: {config.model._target_} takes no class labels, because it does not make images from noise; "
            "use conditioning=none"
        )
    for name in ("best", "newest"):
        if name not in config.callbacks:
            raise SettingError(
                f"callbacks: lacks `{name}`, which every run needs for its checkpoints; "
                "several options are given as a list, such as 'callbacks=[default,gradient_norms]'"
            )
    for name in ("monitor", "mode"):
        if not OmegaConf.is_missing(config.callbacks.best, name):
            raise SettingError(
                f"callbacks.best.{name}={config.callbacks.best[name]}: the scores say what is best; choose them with "
                "metrics=..."
            )


def _refuse_unused_loss(config: DictConfig) -> None:
    """Refuse an adversarial loss, or a change of one, that was typed beside a model which has none.

    Every configuration has a loss by default, so only the command line shows that one is wanted.
    """
    used = str(OmegaConf.to_container(config.model, resolve=False))
    if "loss" in config.model or "${game" in used or "${loss" in used:
        return
    for word in config.get("command", []):
        name, equals, value = word.partition("=")
        if equals and name.lstrip("+~").rpartition("@")[2].partition(".")[0] in ("loss", "game"):
            raise SettingError(
                f"{name}={value}: {config.model._target_} has no adversarial loss; leave it out, or choose a model "
                "that has one"
            )


def build_model(config: DictConfig) -> SteppingModule:
    """The model that a configuration describes, tried once on noise.

    Args:
        config: composed, with `spec` measured on the data.

    Raises:
        SettingError: a part does not fit the others or its contract.
    """
    try:
        model = instantiate(config.model)
    except InterpolationKeyError as error:
        missing = str(error).splitlines()[0]
        if "'network." not in missing:
            raise SettingError(f"{error.full_key}: refers to a setting that is not there ({missing})") from error
        have, want = ", ".join(key for key in config.network if key != "width"), config.model._target_
        raise SettingError(
            f"network: this one has a {have}, but {want} needs another kind ({missing}); leave network out for the "
            "model's usual one, or choose a generator (such as network=dcgan) for images from noise, a translator "
            "(such as network=unet) for translation"
        ) from error
    check_contract("model", model, SteppingModule)
    assert isinstance(model, SteppingModule)
    translates = isinstance(model, Translating) or model.takes in (Paired, Unpaired, Attributed)
    check_contract("model", model, Translating if translates else FromNoise)
    chosen, plain_head = config.minibatch.head, config.conditioning.head
    if chosen != plain_head and OmegaConf.select(config, "model.discriminator.head") != chosen:
        raise SettingError(
            "minibatch: this network's discriminator does not take its head from there, so the choice would change "
            "nothing; leave minibatch out, or use network=dcgan, network=mlp or network=resnet"
        )
    if _uses_condition("head", config) and OmegaConf.select(config, "model.discriminator.head") != chosen:
        raise SettingError(
            "conditioning: this option gives D the label in its head, which the discriminator of this network lacks; "
            "use conditioning=concat or another network, such as network=dcgan"
        )
    if isinstance(model, AdversarialModule):
        compare(model.parts())  # those of a step from outside, too
        compare_with_data(model.parts(), config.spec)
    norms = [module for module in model.modules() if isinstance(module, GeneratorNorm)]
    if _uses_condition("norm", config) and not any(norm.uses_condition for norm in norms):
        raise SettingError(
            "conditioning: this option gives G the label in its norms, which this network does not allow; "
            "use conditioning=concat or another network, such as network=mlp"
        )
    model.dry_run(config.spec)
    return model


def _uses_condition(place: str, config: DictConfig) -> bool:
    """Whether what `conditioning` puts in a place of the networks uses the condition."""
    chosen = {f"conditioning.{place}": config.conditioning[place]}
    return bool(getattr(class_of(f"conditioning.{place}", chosen), "uses_condition", False))


def choose_best_by(scores: Scores, config: DictConfig) -> None:
    """Let the scores choose the best checkpoint. A run without scores keeps only the newest one.

    Raises:
        SettingError: a search or a callback needs a score, and there is none.
    """
    if scores.monitor is not None:
        config.callbacks.best.update(monitor=scores.monitor, mode=scores.mode)
        return
    if "score" in (config.objectives or ()):
        raise SettingError("objectives: a search needs a score, but these data and metrics have none")
    callbacks: Any = OmegaConf.to_container(config.callbacks, resolve=False)
    for name, part in callbacks.items():
        if "${callbacks.best." in str(part):
            raise SettingError(
                f"callbacks.{name}: watches the score that chooses the best checkpoint, but these data and metrics "
                "have none; choose scores with metrics=..., or leave it out"
            )
    del config.callbacks.best


def check_kinds(step: Any, config: Mapping[str, Any]) -> None:
    """A step, the data and the scores of a configuration must be made for each other.

    Args:
        step: a model or its class.
        config: with the parts `dataset` and `metrics`.

    Raises:
        SettingError: they are not.
    """
    data: Any = class_of("dataset", config)
    scores: Any = class_of("metrics", config)
    _declares("model", step, "takes", "gan_lightning.models.stepping.SteppingModule")
    _declares("dataset", data, "delivers", "gan_lightning.data.ImageData")
    _declares("metrics", scores, "serves", "gan_lightning.metrics")
    if data.delivers is not step.takes:
        raise SettingError(
            f"dataset: delivers {data.delivers.__name__} batches, but the model's step takes {step.takes.__name__} "
            f"ones; choose data for this model{_such_as(step.takes, 'dataset')}, or a model for these data"
            f"{_such_as(data.delivers, 'model')}"
        )
    answers = getattr(step, "answers", Generated)
    if answers not in scores.serves:
        served = " and ".join(_MADE[served] for served in scores.serves)
        raise SettingError(
            f"metrics: {scores.__name__} scores {served}, but this model makes {_MADE[answers]}; choose scores for "
            f"that{_such_as(step.takes, 'metrics')}"
        )


_MADE = {Generated: "images from noise", Translation: "translations of pictures"}

_OPTIONS: dict[type, dict[str, str]] = {
    Labelled: {"dataset": "dataset=folder", "model": "model=dcgan", "metrics": "metrics=swd"},
    Paired: {"dataset": "dataset=paired_folder", "model": "model=pix2pix", "metrics": "metrics=paired"},
    Unpaired: {"dataset": "dataset=unpaired_folder", "model": "model=cyclegan", "metrics": "metrics=unpaired"},
    Sequences: {"dataset": "dataset=oracle", "model": "model=seqgan", "metrics": "metrics=sequences"},
    Attributed: {"dataset": "dataset=label_table", "model": "model=stargan", "metrics": "metrics=unpaired"},
}
"""By kind of batch and by group, an option for messages to name."""


def _such_as(kind: type, group: str) -> str:
    """An option of a group that goes with a kind of batch, as an example; nothing for a kind from outside."""
    return f", such as {_OPTIONS[kind][group]}" if kind in _OPTIONS else ""


def _declares(part: str, owner: Any, attribute: str, example: str) -> None:
    if getattr(owner, attribute, None) is None:
        name = getattr(owner, "__name__", type(owner).__name__)
        raise SettingError(f"{part}: {name} does not set {attribute}, which says what it is made for; see {example}")
