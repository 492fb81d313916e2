"""Text of models of sequences, and what a trained model does in words."""

from collections.abc import Mapping
from typing import Any

from gan_lightning.data import ImageKind, PointKind, SequenceKind, kind_of
from gan_lightning.errors import SettingError
from gan_lightning.models import ImagesFromNoise


def texts(model: ImagesFromNoise, spec: Mapping[str, Any], n: int, seed: int) -> list[str]:
    """What a model of sequences writes.

    Args:
        model: of the checkpoint.
        spec: facts of its training data.
        n: how many texts.
        seed: of the noise.

    Raises:
        SettingError: the model makes something else.
    """
    kind = kind_of(spec) if spec.get("kind") == SequenceKind.name else None
    if not isinstance(kind, SequenceKind):
        raise SettingError("texts: this model makes no sequences; call sample or translate")
    return kind.texts(model.sample(n, seed=seed))


def refuse_without_pictures(spec: Mapping[str, Any], method: str) -> None:
    """Refuse a method that needs pictures.

    Args:
        spec: facts of the training data.
        method: what was called.

    Raises:
        SettingError: the model makes something else.
    """
    made = spec.get("kind", ImageKind.name)
    if made != ImageKind.name:
        other = "texts" if made == SequenceKind.name else "images"
        raise SettingError(f"{method}: this model makes {made}, no pictures; call {other}")


def made_from_noise(spec: Mapping[str, Any]) -> str:
    """What a model makes of noise, in words."""
    if spec["kind"] == SequenceKind.name:
        return f"sequences of {spec['length']} tokens"
    if spec["kind"] == PointKind.name:
        return "points in the plane"
    return f"images of {spec['height']} x {spec['width']} pixels"
