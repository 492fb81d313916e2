"""The data and the scores of a checkpoint, with what the command line says instead."""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from gan_lightning.data import OF_SEQUENCES, WARNING, Note, ValueRange, listed
from gan_lightning.errors import FaultError, SettingError
from gan_lightning.files import expanded
from gan_lightning.models import FromNoise, SteppingModule, Translating
from gan_lightning.nested import leaves
from gan_lightning.out_of_memory import what_ran_out
from gan_lightning.sampling.places import read_paths, refuse_foreign_folders, refuse_odd_places
from gan_lightning.sampling.trust import at, refuse_absurd_numbers, refuse_untrusted
from gan_lightning.vocabulary import other_words

PARTS = ("dataset", "metrics")


def chosen_parts(saved: Mapping[str, Any], config: DictConfig) -> DictConfig:
    """Data set and scores to build: those of the command line, or of the checkpoint where it names none.

    Args:
        saved: the configuration in the checkpoint.
        config: of gan-evaluate; its `dataset` and `metrics` may be whole, or change single settings.

    Returns:
        the parts `dataset` and `metrics`, and what they refer to.

    Raises:
        SettingError: the checkpoint's part asks for what a stranger's may not.
    """
    chosen = OmegaConf.create({name: config[name] for name in ("cache_dir", "data_dir", "num_fake")})
    chosen.seed = saved.get("seed", 0) if config.seed is None else config.seed
    allowed = [config.cache_dir, config.data_dir]
    for part in PARTS:
        given = config.get(part, {})
        if "_target_" in given:
            chosen[part] = given
            continue
        refuse_untrusted(saved, part, config.trusted)
        if "_target_" not in saved[part] or "_partial_" in saved[part]:
            raise SettingError(f"the checkpoint's {part} does not build an object; gan-train did not write it")
        # Caches lie where they lie on this machine, not where they lay on the one that trained.
        here = _relocated(saved[part], saved["data_dir"], config.data_dir)
        here = _relocated(here, saved["cache_dir"], config.cache_dir)
        refuse_foreign_folders(here, allowed)
        refuse_odd_places(part, here, given, allowed)
        refuse_absurd_numbers(part, here, given)
        # A whole part of the command line, as extractor=inception, replaces the checkpoint's; settings change it.
        kept = {key: value for key, value in here.items() if at(given, (key, "_target_")) is None}
        chosen[part] = OmegaConf.merge(kept, given)
    return chosen


def notes_of_parts(chosen: DictConfig, config: DictConfig) -> list[Note]:
    """What is read and computed, from where, and who says so: the checkpoint or the command line."""
    notes = []
    for part, heading in zip(PARTS, ("Reads", "Scores"), strict=True):
        given = config.get(part, {})
        plain: Any = OmegaConf.to_container(chosen[part], resolve=True)
        kinds = [str(node["_target_"]).rpartition(".")[2] for node in (plain, plain.get("source")) if node]
        places = [os.path.abspath(expanded(value)) for _, value in read_paths(plain)]
        changed = [] if not given or "_target_" in given else [".".join(path) for path, _ in leaves(given)]
        origin = "from the command line" if "_target_" in given else "from the checkpoint"
        also = f", but {', '.join(changed)} from the command line" if changed else ""
        notes.append(Note(heading, f"{', '.join([' of '.join(kinds), *places])} ({origin}{also})"))
    return notes


def as_in_training(dataset: DictConfig, trained: Mapping[str, Any]) -> None:
    """Let values of pictures of more than 8 bits mean what they meant in training, unless a range is set.

    Args:
        dataset: to change.
        trained: facts of the training data.
    """
    if "direction" in trained:
        a, b = ("source", "target") if trained["direction"] == "a2b" else ("target", "source")
    else:
        a, b = "a", "b"
    facts = {"value_range": "value_range", "value_range_a": f"{a}_value_range", "value_range_b": f"{b}_value_range"}
    for setting, fact in facts.items():
        # A source of other data, and a checkpoint of an earlier version, have no ranges.
        if setting in dataset.get("source", {}) and dataset.source[setting] is None:
            dataset.source[setting] = trained.get(fact)


def notes_of_ranges(found: Mapping[str, Any], trained: Mapping[str, Any]) -> list[Note]:
    """Whether values mean what they meant in training.

    Args:
        found: facts of the data that are scored.
        trained: facts of the training data.
    """
    notes = []
    for fact in (name for name in found if name.endswith("value_range") and name in trained):
        side = fact.removesuffix("value_range").replace("_", " ")
        now, then = (None if facts[fact] is None else ValueRange(*facts[fact]) for facts in (found, trained))
        if now == then:
            notes += [] if now is None else [Note("Range", f"{side}{now}, as in training")]
        elif now is None:
            text = f"the {side}pictures have 8 bits; their 0 to 255 are mapped to {then}, the range in training"
            notes.append(Note(WARNING, text))
        elif then is None:
            text = f"the {side}pictures have more than 8 bits, {now}; those in training had 8, and 0 to 255"
            notes.append(Note(WARNING, text))
        else:
            notes.append(Note(WARNING, f"the {side}range is {now}, but was {then} in training"))
    return notes


def notes_of_training(paths: Sequence[str], trained: Sequence[Mapping[str, Any]]) -> list[Note]:
    """A warning for each checkpoint that was trained on other data than the first one.

    Args:
        paths: of the checkpoints.
        trained: facts of the training data of each.
    """
    others = [path for path, facts in zip(paths, trained, strict=True) if facts != trained[0]]
    text = "was trained on other data than the first checkpoint, and is scored against the data of that one"
    return [Note(WARNING, f"{path} {text}") for path in others]


def check_spec(model: SteppingModule, spec: Mapping[str, Any], trained: Mapping[str, Any], subject: str) -> None:
    """Compare the data that a model is scored against with those that it was trained on.

    Args:
        model: from a checkpoint.
        spec: facts of the data.
        trained: facts of the training data.
        subject: what the message calls the checkpoint.

    Raises:
        SettingError: they have another shape, other classes, or another direction of translation.
    """
    check_sequences(spec, trained, subject, OF_SEQUENCES)
    shape = [key for key in trained if key.endswith("channels") or key in ("direction", "domains", "scale")]
    shape += ["height"] if isinstance(model, FromNoise) and "height" in trained else []
    given, known = ({key: facts[key] for key in shape} for facts in (spec, trained))
    if given != known:
        only_size = [key for key in shape if given[key] != known[key]] == ["height"]
        sized = f"; choose dataset.resolution={known['height']}" if only_size else ""
        raise SettingError(f"dataset: has {_described(given)}, but {subject} was trained on {_described(known)}{sized}")
    if isinstance(model, FromNoise) and model.examples is not None:
        if spec.get("captions") is None:
            raise SettingError(f"dataset: has no captions, and {subject} was trained on some")
        if (differ := other_words(spec["captions"]["words"], trained["captions"]["words"])) is not None:
            raise SettingError(f"dataset: its captions {differ}, compared with those that {subject} was trained on")
    if isinstance(model, FromNoise) and spec["class_names"] != trained["class_names"] and not model.ignores_labels():
        raise SettingError(
            f"dataset: has the classes {listed(spec['class_names'], most=20) or 'none'}, but {subject} was trained on "
            f"{listed(trained['class_names'], most=20)}"
        )
    if isinstance(model, Translating):  # which takes other sizes than those that it was trained on, but not all
        model.check_size([spec["height"], spec["width"]])


def check_sequences(spec: Mapping[str, Any], trained: Mapping[str, Any], subject: str, facts: Sequence[str]) -> None:
    """Compare sequences with those that a model was trained on; other data have none of these facts.

    Args:
        spec: facts of the data.
        trained: facts of the training data.
        subject: what the message calls the checkpoint.
        facts: that must be the same, of `OF_SEQUENCES`.

    Raises:
        SettingError: one differs.
    """
    for fact in facts:
        here, there = spec.get(fact), trained.get(fact)
        if here != there:
            raise SettingError(
                f"dataset: has the {fact} {_in_words(here)}, but {subject} was trained on {_in_words(there)}; choose "
                "the data of its training"
            )


def _in_words(fact: Any) -> str:
    if not isinstance(fact, list):
        return f"{fact or 'none'}"
    return f"{listed([token or 'the end' for token in fact], most=8)} ({len(fact):,} tokens)"


def _described(facts: Mapping[str, Any]) -> str:
    plain = {key: listed(list(value), most=20) if isinstance(value, dict) else value for key, value in facts.items()}
    return ", ".join(f"{key} {value}" for key, value in plain.items())


def as_typed(note: Note) -> Note:
    """A note whose settings of the data are typed as those of a checkpoint are, with a + before them."""
    return note._replace(text=re.sub(r"(?<![\w.+])dataset\.source\.(?=\w+=)", "+dataset.source.", note.text))


def built(part: str, chosen: DictConfig) -> Any:
    """A data module or scores, from a configuration that nobody may have written by hand.

    Raises:
        SettingError: it cannot be built.
        FaultError: memory ran out.
    """
    try:
        return instantiate(chosen[part])
    except (SettingError, FaultError, MemoryError):
        raise
    except Exception as error:  # whatever settings that do not go together make the classes raise
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, SettingError | FaultError):
            cause = cause.__cause__
        if cause is not None or what_ran_out(error) is not None:
            raise
        raise SettingError(f"{part}: cannot be built: {' '.join(str(error).split()):.300}") from error


def _relocated(node: Any, old: str, new: str) -> Any:
    """`node` with every path below the folder `old` moved below `new`."""
    if isinstance(node, dict):
        return {key: _relocated(child, old, new) for key, child in node.items()}
    if isinstance(node, list):
        return [_relocated(child, old, new) for child in node]
    if isinstance(node, str) and (node == old or node.startswith(f"{old}/")):
        return new + node[len(old) :]
    return node
