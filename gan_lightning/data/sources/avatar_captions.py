"""Cartoon faces with captions whose every word can be checked."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from random import Random
from typing import final

import torch

from gan_lightning.data.captions import NOT_SAID, Asked, Captions, combined, values_of
from gan_lightning.data.contracts import Source
from gan_lightning.data.images import TensorImages
from gan_lightning.data.notes import Note
from gan_lightning.data.sources.avatars import count_of_split, counts_of_splits, drawn_faces
from gan_lightning.data.sources.face_grammar import VALUES, caption, options, vocabulary
from gan_lightning.data.sources.faces import Faces
from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.ranges import Few, Many, PathText, within
from gan_lightning.vocabulary import Vocabulary

STYLE = "pixel-art"
LONGEST = 20
"""Most words of a caption; the grammar's own have fewer."""
DRAWN = {"glassesProbability": 60, "beardProbability": 35, "hatProbability": 0, "accessoriesProbability": 0}
"""More glasses and beards than in faces of other data sets, and nothing that hides the hair."""


@final
class AvatarCaptions(Source):
    """Faces of DiceBear's style `pixel-art` on white, RGB, with several captions each. The label, which scores use, is
    the colour of the hair.

    The grammar is `gan_lightning.data.sources.face_grammar`. Faces with a combination of options that is held out are
    left out of the training images, and stay in the test images.

    Args:
        cache_dir: drawn once, then read from here.
        held_out: combinations that training never shows: by option (`hair`, `hair_color`, `clothing_color`, `glasses`,
            `beard`, `mouth`), the value that has to come together with the others.
        wordings: captions of each face.
        num_train, num_test: faces drawn for each split.

    Raises:
        SettingError: an unknown split, option or value; a count below 1; no face is left.
    """

    def __init__(
        self,
        cache_dir: PathText,
        held_out: Sequence[Mapping[str, str]],
        wordings: Few,
        num_train: Many,
        num_test: Many,
    ) -> None:
        self.cache_dir = expanded(cache_dir)
        self.held_out = [dict(combination) for combination in held_out]
        self.wordings = within("dataset.source.wordings", Few, wordings)
        self.counts = counts_of_splits(num_train, num_test)
        for combination in self.held_out:
            for name, value in combination.items():
                if name not in VALUES:
                    raise SettingError(f"dataset.source.held_out: {name} is not an option; allowed are {_of(VALUES)}")
                if value not in VALUES[name]:
                    allowed = _of(VALUES[name])
                    raise SettingError(f"dataset.source.held_out: {name}={value}; allowed values are {allowed}")
            if not combination:
                raise SettingError("dataset.source.held_out: an empty combination would hold every face out")
        self.faces = Faces(STYLE, "dataset.source.style")
        self.options = options(self.faces.classes)
        self.vocabulary = Vocabulary(vocabulary(), LONGEST)

    def load(self, split: str, resolution: int) -> TensorImages:
        count = count_of_split(self.counts, split)
        size = (resolution, resolution)
        drawn = drawn_faces(self.faces, self.cache_dir, STYLE, f"captions-{split}", DRAWN, count, size)
        attributes = drawn["attributes"]
        values = values_of(self.options, attributes)
        unseen = combined(self.options, values, self.held_out)
        kept = (~unseen if split == "train" else torch.ones_like(unseen)).nonzero().flatten()
        if not len(kept):
            raise SettingError("dataset.source.held_out: every training face is held out; give fewer combinations")
        varied = {
            name: given[kept] for name, given in attributes.items() if not name.startswith(("hat", "accessories"))
        }
        left_out = f"{count - len(kept):,} faces with {self._combinations()}, which only the test images show"
        notes = [Note("Held out", left_out)] if len(kept) < count else []
        images = TensorImages(
            drawn["images"][kept], varied, "hair_color", self.faces.classes["hair_color"], None, notes
        )
        captions = self._captions(split, values[kept], unseen[kept])
        images.captions = captions
        described = images.fingerprint.encode() + captions.words.numpy().tobytes() + unseen[kept].numpy().tobytes()
        images.fingerprint = hashlib.sha256(described).hexdigest()[:16]
        return images

    def _captions(self, split: str, values: torch.Tensor, unseen: torch.Tensor) -> Captions:
        sentences: list[str] = []
        said = values.clone()
        for i, row in enumerate(values.tolist()):
            face = {option.attribute: option.values[value] for option, value in zip(self.options, row, strict=True)}
            for wording in range(self.wordings):
                sentence, says = caption(face, Random(zlib.crc32(f"{split}-{i}-{wording}".encode())))
                sentences.append(sentence)
                if wording == 0:
                    left_out = [k for k, option in enumerate(self.options) if option.attribute not in says]
                    said[i, left_out] = NOT_SAID
        words = self.vocabulary.encode(sentences).view(len(values), self.wordings, -1)
        return Captions(self.vocabulary, words, Asked(self.options, said, unseen), self.held_out)

    def _combinations(self) -> str:
        return ", or ".join(" and ".join(f"{name} {value}" for name, value in c.items()) for c in self.held_out)


def _of(names: Mapping[str, object]) -> str:
    return ", ".join(names)
