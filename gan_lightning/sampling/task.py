"""What gan-generate is asked for: a checkpoint's model, and the settings that all ways of sampling share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_lightning.data import SampleKind, captioned_rows
from gan_lightning.errors import SettingError
from gan_lightning.metrics import Extractor
from gan_lightning.models import Ensemble, FromNoise


@dataclass(frozen=True)
class Task:
    """One command of gan-generate for models that make samples from noise.

    Attributes:
        ensemble: the models of one or more checkpoints, on their device.
        kind: of the samples.
        spec: facts of the training data, as the checkpoint holds them.
        folder: of everything that is written.
        n: how many samples.
        wanted: the conditions (K, ...) that samples have in turn; None: all that there are.
        seed: of the noise.
        truncation: of the noise or of w; None for none.
        columns: of a picture.
        source: a picture file of the user's; None where none is given.
        captions: words for each condition in `wanted`; empty where they are no captions.
        data: reads the training data of the (first) checkpoint.
        extractor: makes the extractor of the checkpoint's scores ready, given the data; None if they have none.
    """

    ensemble: Ensemble
    kind: SampleKind
    spec: Mapping[str, Any]
    folder: Path
    n: int
    wanted: Tensor | None
    seed: int
    truncation: float | None
    columns: int
    source: Path | None
    data: Callable[[], Any]
    extractor: Callable[[Any], Extractor | None]
    captions: Sequence[str] = ()

    def conditions(self, number: Tensor) -> Tensor:
        """Of the samples with these numbers (B,); each condition once from every model."""
        if self.wanted is None:
            return self.ensemble.conditions(number)
        return self.wanted[number // len(self.ensemble.members) % len(self.wanted)]

    def draw(self, samples: Tensor) -> Tensor:
        """The first samples (N, C, H, W), from number 0 on, as one picture (3, H', W') uint8; under captions, those of
        each caption side by side below it."""
        if not self.captions:
            return self.kind.draw(samples, self.columns)
        turn = torch.arange(len(samples)) // len(self.ensemble.members) % len(self.captions)
        rows = [(caption, samples[turn == i]) for i, caption in enumerate(self.captions) if (turn == i).any()]
        return torch.cat(captioned_rows(rows, self.columns), 1)

    def model(self, what: str) -> FromNoise:
        """The only model.

        Args:
            what: needs one, as a user chooses it.

        Raises:
            SettingError: there are several.
        """
        if len(self.ensemble.members) > 1:
            raise SettingError(f"checkpoint: {what} works with one checkpoint, and several are given; choose one")
        return self.ensemble.members[0]

    def latent(self, number: Tensor, what: str) -> tuple[Tensor, Tensor]:
        """w (B, ...) of the only model's samples with these numbers, and their conditions, on its device."""
        model, condition = self.model(what), self.conditions(number)
        condition = condition.to(model.device)
        with torch.no_grad():
            return model.latent_at(number, condition, self.seed, self.truncation), condition
