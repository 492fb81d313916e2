"""Scores of sequences of tokens."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.batch import Generated
from gan_lightning.compatibility import compare_kind
from gan_lightning.data import SequenceData, SequenceKind, kind_named
from gan_lightning.errors import SettingError
from gan_lightning.metrics.contracts import Scores
from gan_lightning.metrics.gathered import Rows
from gan_lightning.metrics.references import REAL
from gan_lightning.metrics.scores.ngrams import ngram_distance, self_bleu
from gan_lightning.ranges import Few, Many, within
from gan_lightning.tokens import words, written

ORDERS = (1, 2, 3)
"""Lengths of the n-grams whose frequencies are compared."""


@final
class SequenceScores(Scores):
    """Quality and diversity of sequences, which have to be read together: a generator that always writes its best
    sequence has excellent quality.

    - `nll_oracle`: where the data know the true distribution, -log p of samples under it, in nats per token. Low means
      likely samples, however alike they are (SeqGAN, arXiv:1609.05473).
    - `nll_test`: -log p of held-out sequences under the generator, in nats per token. Low means that the generator
      misses none.
    - `validity`: where the data can decide it, the share of samples that belong to the language.
    - `self_bleu`: how alike samples are among themselves (`self_bleu`); it is compared with that of real sequences.
    - `ngram_1` to `ngram_3`: the distance of n-gram frequencies to those of held-out sequences (`ngram_distance`).

    Args:
        num_fake: generated sequences per validation, over all processes.
        monitor: the score that chooses the best checkpoint; None takes `nll_oracle` where there is one, otherwise
            `ngram_2`.
        bleu_order: the longest n-grams of `self_bleu`.

    Raises:
        SettingError: a number out of its range, or fewer than two samples.
    """

    serves = (Generated,)

    def __init__(self, num_fake: Many, monitor: str | None = None, bleu_order: Few = 3) -> None:
        self.num_fake = within("metrics.num_fake", Many, num_fake)
        if num_fake < 2:
            raise SettingError(f"metrics.num_fake={num_fake}: samples are compared among themselves; take 2 or more")
        self.bleu_order, self.wanted = within("metrics.bleu_order", Few, bleu_order), monitor

    def prepare(self, data: SequenceData) -> bool:
        reads = "metrics=sequences: scores sequences (dataset=oracle, dataset=expressions, dataset=names)"
        compare_kind(reads, SequenceKind.name, kind_named(data.spec().kind), "metrics")
        self.source, self.held_out = data.source, data.held_out
        self.known = self._texts(self.held_out)
        found = self._scores(data.token[: self.num_fake])
        self.references = {REAL: found}
        self.higher_is_better = {name: name == "validity" for name in [*found, "nll_test"]}
        if self.wanted is not None and self.wanted not in self.higher_is_better:
            raise SettingError(f"metrics.monitor={self.wanted}: with these data there are {', '.join(self.names)}")
        self.monitor = self.wanted or ("nll_oracle" if "nll_oracle" in found else "ngram_2")
        self.samples = Rows(self.source.length, torch.long)
        self.protocol = {
            "num_fake": self.num_fake,
            "num_held_out": len(self.held_out),
            "bleu_order": self.bleu_order,
            "units": "nats per token, the end of a sequence among them",
            "source": type(self.source).__name__,
        }
        return True

    def reset(self, device: torch.device) -> None:
        self.samples.to(device).reset()

    def update(self, samples: Generated) -> None:
        self.samples.update(samples.number, samples.image)

    def sample_from(self, model: Any) -> None:
        total, count = model.nll(self.held_out.to(model.device))
        self.nll_test = float(total) / int(count)

    def compute(self) -> dict[str, float]:
        return {**self._scores(self.samples.compute().cpu()), "nll_test": self.nll_test}

    def _scores(self, token: Tensor) -> dict[str, float]:
        """All that can be said of sequences (N, T) alone."""
        found: dict[str, float] = {}
        likelihood, valid = self.source.log_likelihood(token), self.source.is_valid(token)
        if likelihood is not None:
            found["nll_oracle"] = float(-likelihood.sum() / written(token, self.source.end).sum())
        if valid is not None:
            found["validity"] = float(valid.double().mean())
        texts = self._texts(token)
        for n in ORDERS:
            found[f"ngram_{n}"] = ngram_distance(texts, self.known, n)
        return {**found, "self_bleu": self_bleu(texts, self.bleu_order)}

    def _texts(self, token: Tensor) -> list[list[int]]:
        return [words(row, self.source.end) for row in token.tolist()]
