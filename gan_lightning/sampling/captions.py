"""The captions that samples should show, as a user gives them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.models import Ensemble
from gan_lightning.vocabulary import Vocabulary


def given_captions(caption: str | Sequence[str] | None, file: str | None) -> list[str]:
    """Sentences of the command line, or the lines of a text file; empty lines of a file are passed over.

    Raises:
        SettingError: both are given; the file cannot be read, or has no line.
    """
    if file is None:
        return [] if caption is None else [caption] if isinstance(caption, str) else list(caption)
    if caption is not None:
        raise SettingError(f"captions={file}: caption={caption} says it already; leave one of them out")
    path = expanded(file)
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise SettingError(f"captions={file}: cannot be read ({reason})") from error
    captions = [line.strip() for line in lines if line.strip()]
    if not captions:
        raise SettingError(f"captions={file}: has no captions; write one in each line")
    return captions


def asked(
    caption: str | Sequence[str] | None, file: str | None, model: Ensemble, spec: Mapping[str, Any]
) -> tuple[list[str], Tensor | None]:
    """Captions for samples, and the same as numbers of words (K, length) for the model; by default examples from the
    data. A model that reads no captions has none.

    Args:
        caption, file: of the command line.
        model: of checkpoints.
        spec: of their data.

    Raises:
        SettingError: as `given_captions`; the model reads none; a caption has no words, too many, or words that
            training never showed.
    """
    captions, known, examples = given_captions(caption, file), spec.get("captions"), model.members[0].examples
    if known is None or examples is None:
        if captions:
            raise SettingError(f"caption={captions[0]}: this checkpoint's model reads no captions; leave caption out")
        return [], None
    vocabulary = Vocabulary(known["words"], known["length"])
    captions = captions or [vocabulary.decode(example) for example in examples]
    return captions, vocabulary.encode(captions)
