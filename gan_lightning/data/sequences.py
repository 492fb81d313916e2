"""The Lightning data module of sequences of tokens, and where they come from."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

import lightning.pytorch as L
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from gan_lightning.batch import Query, Sequences
from gan_lightning.contracts import check_contract
from gan_lightning.data.contracts import Draw
from gan_lightning.data.loader import loader
from gan_lightning.data.notes import Note
from gan_lightning.data.queries import queries
from gan_lightning.data.sampler import EpochBatches, place
from gan_lightning.data.sequence_kind import SequenceKind
from gan_lightning.errors import SettingError
from gan_lightning.ranges import Batch, Count, Many, Seed, within


@dataclass(frozen=True)
class SequenceSpec:
    """Measured facts of a data set of sequences.

    Attributes:
        num_tokens: of the vocabulary.
        length: T, places of every sequence.
        end: the token that ends a sequence, or None if all have the full length.
        vocabulary: the text of each token.
        separator: what stands between two tokens of a text.
        size: number of training sequences.
        fingerprint: changes when any training sequence does.
        kind: of the samples.
    """

    num_tokens: int
    length: int
    end: int | None
    vocabulary: list[str]
    separator: str
    size: int
    fingerprint: str
    kind: str = SequenceKind.name
    num_classes: int = 0
    class_names: list[str] = field(default_factory=list)


OF_SEQUENCES = ("vocabulary", "length", "end")
"""Facts that two sets of sequences have to share for one model to be of both; other data have none of them."""


class SequenceSource(ABC):
    """Where sequences come from.

    Attributes:
        vocabulary: the text of each token.
        separator: what stands between two tokens of a text.
        end: the token that ends a sequence and fills the places behind its end, or None if all have the full length.
        length: T, places of every sequence, its end included.
    """

    vocabulary: Sequence[str]
    separator: str
    length: int
    end: int | None = None

    @abstractmethod
    def load(self, split: str) -> Tensor:
        """The sequences (N, T) of `train` or `test`.

        Raises:
            SettingError: they cannot be had, or one is longer than the limit or holds an unknown token.
        """

    def log_likelihood(self, token: Tensor) -> Tensor | None:
        """The logarithm (B,) of the probability of each sequence (B, T), where it is known exactly; otherwise None."""
        return None

    def is_valid(self, token: Tensor) -> Tensor | None:
        """Which sequences (B, T) are of the language, (B,) bool, where that can be decided; otherwise None."""
        return None

    def encode(self, sequences: Sequence[Sequence[str]]) -> Tensor:
        """Sequences of texts of tokens as numbers (N, T), their ends added.

        Raises:
            SettingError: one holds an unknown token, or is longer than the limit.
        """
        numbers = {text: number for number, text in enumerate(self.vocabulary)}
        rows = []
        for sequence in sequences:
            text = self.separator.join(sequence)
            unknown = [part for part in sequence if part not in numbers]
            if unknown:
                known = ", ".join(self.vocabulary[:20])
                raise SettingError(
                    f"dataset.source: the sequence {text!r} holds {unknown[0]!r}, which the vocabulary lacks: {known}"
                )
            if len(sequence) > self.length:
                raise SettingError(
                    f"dataset.source.length={self.length}: the sequence {text!r} has {len(sequence)} tokens; "
                    f"choose dataset.source.length={len(sequence)} or more, or leave the sequence out"
                )
            end = [] if self.end is None else [self.end] * (self.length - len(sequence))
            rows.append([*(numbers[part] for part in sequence), *end])
        return torch.tensor(rows)


@final
class TokenRows(Dataset[Sequences]):
    """Sequences (N, T), fetched a batch at a time."""

    def __init__(self, token: Tensor) -> None:
        self.token = token

    def __getitem__(self, draw: Draw) -> Sequences:
        return Sequences(self.token[draw.positions])


@final
class SequenceData(L.LightningDataModule):
    """Training batches of sequences, and queries for generated ones.

    Args:
        source: where the sequences come from.
        batch_size: sequences per step and process.
        num_fake: how many generated sequences validation asks for, over all processes.
        seed: of the order.
        evaluation_batch_size: sequences per step of validation.

    Raises:
        SettingError: a count below one, or sequences that cannot be had.
    """

    delivers = Sequences

    def __init__(
        self, source: SequenceSource, batch_size: Batch, num_fake: Many, seed: Seed, evaluation_batch_size: Batch = 500
    ) -> None:
        super().__init__()
        check_contract("dataset.source", source, SequenceSource)
        for name, value in {"batch_size": batch_size, "evaluation_batch_size": evaluation_batch_size}.items():
            within(f"dataset.{name}", Count, value)
        self.source, self.batch_size, self.num_fake, self.seed = source, batch_size, num_fake, seed
        self.evaluation_batch_size = evaluation_batch_size
        self.token, self.held_out = source.load("train"), source.load("test")

    def spec(self) -> SequenceSpec:
        """Measured facts of the training sequences."""
        source = self.source
        content = self.token.numpy().tobytes() + repr([*source.vocabulary]).encode()
        fingerprint = hashlib.sha256(content).hexdigest()[:16]
        size, vocabulary = len(self.token), [*source.vocabulary]
        return SequenceSpec(len(vocabulary), source.length, source.end, vocabulary, source.separator, size, fingerprint)

    def read(self) -> dict[str, list[Any]]:
        """Number and fingerprint of the training sequences; processes compare them."""
        spec = self.spec()
        return {"train": [spec.size, spec.fingerprint]}

    def summary(self) -> list[Note]:
        """What a user should know of the data before training begins."""
        source = self.source
        sizes = f"{len(self.token):,} for training, {len(self.held_out):,} held out"
        shape = f"of {source.length} tokens{'' if source.end is None else ' at most'} out of {len(source.vocabulary):,}"
        return [Note("Data", f"{type(source).__name__}: sequences {shape}; {sizes}")]

    def train_dataloader(self) -> DataLoader[Sequences]:
        batches = EpochBatches(len(self.token), self.batch_size, self.seed, place(self.trainer))
        return loader(TokenRows(self.token), batches, num_workers=0)

    def val_dataloader(self) -> DataLoader[Query]:
        """This process's exact share of the queries 0 ... num_fake - 1."""
        none = torch.zeros(1, dtype=torch.long)
        return queries(none, self.num_fake, self.evaluation_batch_size, place(self.trainer))
