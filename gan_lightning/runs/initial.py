"""Beginning with the weights of another run: fine-tuning, `init=CHECKPOINT`."""

from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from torch import Tensor

from gan_lightning.console.quoting import typed
from gan_lightning.errors import SettingError
from gan_lightning.models import Player, SteppingModule
from gan_lightning.sampling.parts import check_sequences
from gan_lightning.vocabulary import other_words

_MAKERS = ("generator", "translator")
"""Settings of a model that hold a network which makes pictures."""
_MOST_NAMED = 8
_FEW = 0.5
"""Share of the weights below which a message says that little is taken."""


def _refuse_foreign(part: Mapping[str, Any], checkpoint: Mapping[str, Any], name: str) -> None:
    """Refuse weights of other networks, of which a few would fit by chance.

    Args:
        part: the configuration of this run's model.
        checkpoint: what `gan_lightning.runs.checkpoint.read` returned.
        name: of the checkpoint, for messages.

    Raises:
        SettingError: the checkpoint names its networks' classes, and the one that makes pictures has another class in
            this run.
    """
    here, there = _classes(part), _classes(checkpoint["config"]["model"])
    ours, theirs = _classes(part, _MAKERS), _classes(checkpoint["config"]["model"], _MAKERS)
    if there and (not here & there or (theirs and ours != theirs)):
        raise SettingError(
            f"init={name}: its networks are {_listed(there)}, but this run has {_listed(here)}; use the network= and "
            f"model= of that run{_command_of(checkpoint)}"
        )


def _refuse_other_words(config: DictConfig, checkpoint: Mapping[str, Any], name: str) -> None:
    """Refuse the weights of an encoder in which a number stands for another word.

    Raises:
        SettingError: both runs read captions, and their words differ.
    """
    if not config.model.get("text_encoder"):
        return
    here, there = config.spec.captions, checkpoint["config"]["spec"].get("captions")
    if there and (differ := other_words(here["words"], there["words"])) is not None:
        raise SettingError(f"init={name}: the captions of this run {differ}, compared with those of that run")


def _command_of(checkpoint: Mapping[str, Any]) -> str:
    """What composed a checkpoint's run, for a message; empty where it was all defaults, or is not known."""
    command = checkpoint["config"].get("command")
    return f", which were chosen by: {typed(['gan-train', *command])}" if isinstance(command, list) and command else ""


def _classes(part: Mapping[str, Any], settings: Sequence[str] = (*_MAKERS, "discriminator")) -> set[str]:
    """The classes of a model's networks, as its configuration names them."""
    nodes = [part.get(setting) for setting in settings]
    return {str(node["_target_"]) for node in nodes if isinstance(node, Mapping | DictConfig) and "_target_" in node}


def _listed(classes: set[str]) -> str:
    return " and ".join(sorted(name.rpartition(".")[2] for name in classes))


def check_vocabulary(spec: Mapping[str, Any], checkpoint: Mapping[str, Any], name: str) -> None:
    """Refuse weights of another vocabulary, whose tokens mean something else. Images have none.

    Args:
        spec: facts of this run's data.
        checkpoint: what `gan_lightning.runs.checkpoint.read` returned.
        name: of the checkpoint, for messages.

    Raises:
        SettingError: the vocabularies differ.
    """
    check_sequences(spec, checkpoint["config"]["spec"], f"init={name}", ["vocabulary"])


def begin_from(model: SteppingModule, config: DictConfig, checkpoint: Mapping[str, Any], name: str) -> str:
    """Give a model the weights of a checkpoint that fit it by name and shape, and return a sentence about them.

    Networks take the weights, the generator's average takes the average. Optimizers, schedules, counters, and what
    losses, penalties and augmentations remember are the new run's own. Nothing of the checkpoint's configuration is
    used, except for messages.

    Args:
        model: freshly built.
        config: of this run. Messages name settings that differ from those of the checkpoint's run.
        checkpoint: what `gan_lightning.runs.checkpoint.read` returned.
        name: of the checkpoint, for messages.

    Raises:
        SettingError: it is of other networks, or none of its weight matrices and filters fits.
    """
    _refuse_foreign(config.model, checkpoint, name)
    _refuse_other_words(config, checkpoint, name)
    given: Mapping[str, Tensor] = checkpoint["state_dict"]
    wanted = model.state_dict()
    learning, following = _prefixes(model)
    networks = {key: tensor for key, tensor in wanted.items() if key.startswith(learning)}
    averages = {key for key in wanted if key.startswith(following)}
    taken = {key: given[key] for key in [*networks, *averages] if key in given and _fits(given[key], wanted[key])}
    # A few numbers, such as a bias per channel, are not worth starting from.
    if not any(key in networks and tensor.dim() > 1 for key, tensor in taken.items()):
        raise SettingError(
            f"init={name}: none of its weights has the name and the shape of a weight of this run; "
            f"{_advice(config, checkpoint['config'])}"
        )
    model.begin_with(taken)
    new = [name for name, player in model.players.items() if not _knows(given, model, player)]
    fresh = tuple(prefix for name in new for prefix in _prefixes(model, [name])[0])
    networks = {key: tensor for key, tensor in networks.items() if not key.startswith(fresh)}
    others = {key for key in given if key.startswith(learning)} - networks.keys()
    keys = [*(key for key in networks if key not in taken), *sorted(others)]
    left = [f"{key} {_shape(given.get(key))} there, {_shape(networks.get(key))} here" for key in keys]
    count = sum(key in taken for key in networks)
    share = sum(taken[key].numel() for key in networks if key in taken) / sum(map(Tensor.numel, networks.values()))
    few = ""
    if share < _FEW:
        advice = _advice(config, checkpoint["config"])
        few = f"; with only {share:.0%} of the weights, this run learns nearly from the beginning; {advice}"
    whole = "".join(f"; the {player} starts fresh, because that run had none" for player in new)
    sentence = f"init: {count} of {len(networks)} tensors are taken from {name}{few}{whole}"
    if not left:
        return sentence
    rest = f" and {len(left) - _MOST_NAMED} more" if len(left) > _MOST_NAMED else ""
    return f"{sentence}; these start fresh: {', '.join(left[:_MOST_NAMED])}{rest}"


def _knows(given: Mapping[str, Tensor], model: SteppingModule, player: Player) -> bool:
    """Whether a checkpoint has any weight of a player's network, whatever its shape."""
    (name,) = (name for name, module in model.named_modules() if module is player.network)
    return any(key.startswith(f"{name}.") for key in given)


def _prefixes(model: SteppingModule, names: Sequence[str] | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How the names of all weights begin that learn, and of those of the averages; of all players, or of some."""
    players = [player for name, player in model.players.items() if names is None or name in names]
    learning = {id(module) for player in players for module in (player.network, *player.beside)}
    following = {id(player.average.module) for player in players if player.average is not None}
    named = [(f"{name}.", id(module)) for name, module in model.named_modules()]
    return tuple(n for n, key in named if key in learning), tuple(n for n, key in named if key in following)


def _advice(config: DictConfig, there: Mapping[str, Any]) -> str:
    """Which settings make more weights fit: those of size that differ from the other run's, or all that matter."""
    differing = []
    for group, name in (("network", "width"), ("dataset", "resolution")):
        part = there.get(group)
        value = part.get(name) if isinstance(part, Mapping) else None
        if isinstance(value, int) and value != OmegaConf.select(config, f"{group}.{name}"):
            differing.append(f"{group}.{name}={value}")
    if differing:
        return f"that run had {' '.join(differing)}, so add {'this' if len(differing) == 1 else 'these'}"
    return "use the same model, network, network.width and dataset.resolution as in that run"


def _fits(given: Tensor, wanted: Tensor) -> bool:
    return given.shape == wanted.shape and given.is_floating_point() == wanted.is_floating_point()


def _shape(tensor: Tensor | None) -> str:
    return "missing" if tensor is None else str(tuple(tensor.shape))
