"""SeqGAN's test bed: a recurrent network with random weights makes the real sequences, and knows their probability."""

from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.data.sequences import SequenceSource
from gan_lightning.ranges import Few, Many, Positive, Seed, Size, within
from gan_lightning.tokens import choose


@final
class RandomLSTM(SequenceSource):
    """Sequences drawn from an LSTM whose weights are normal numbers, and never change (arXiv:1609.05473, section 5).

    Since the distribution is known, so is the exact likelihood of whatever a generator makes.

    Args:
        vocabulary_size: tokens. The paper: 5,000.
        length: of every sequence. The paper: 20.
        size: training sequences; a tenth as many are held out. The paper: 10,000.
        hidden: units of the LSTM, and numbers of an embedding. The paper: 32.
        std: standard deviation of the weights. The paper: 1.
        seed: of weights and sequences. Runs with other seeds have the same data.

    Raises:
        SettingError: a number out of its range.
    """

    separator = " "
    end = None

    def __init__(
        self, vocabulary_size: Size, length: Few, size: Many, hidden: Size = 32, std: Positive = 1.0, seed: Seed = 0
    ) -> None:
        for name, kind, value in (
            ("vocabulary_size", Size, vocabulary_size),
            ("length", Few, length),
            ("size", Many, size),
            ("hidden", Size, hidden),
            ("std", Positive, std),
            ("seed", Seed, seed),
        ):
            within(f"dataset.source.{name}", kind, value)
        self.vocabulary, self.length, self.size, self.seed = [*map(str, range(vocabulary_size))], length, size, seed
        with torch.random.fork_rng(devices=[]):
            self.embedding = nn.Embedding(vocabulary_size + 1, hidden)  # the last one begins a sequence
            self.cell, self.output = nn.LSTMCell(hidden, hidden), nn.Linear(hidden, vocabulary_size)
        random = torch.Generator().manual_seed(seed)
        for layer in (self.embedding, self.cell, self.output):
            for weight in layer.requires_grad_(False).parameters():
                weight.copy_(std * torch.randn(weight.shape, generator=random))

    def load(self, split: str) -> Tensor:
        count = self.size if split == "train" else max(1, self.size // 10)
        random = torch.Generator().manual_seed(self.seed + (1 if split == "train" else 2))
        quantile = torch.rand(count, self.length, generator=random)
        begin = torch.full((count,), len(self.vocabulary))
        state, token, rows = None, begin, []
        for place in range(self.length):
            state = self.cell(self.embedding(token), state)
            token = choose(self.output(state[0]), quantile[:, place])
            rows.append(token)
        return torch.stack(rows, 1)

    def log_likelihood(self, token: Tensor) -> Tensor:
        before = torch.cat([torch.full_like(token[:, :1], len(self.vocabulary)), token[:, :-1]], 1)
        state, total = None, torch.zeros(len(token))
        for place in range(token.shape[1]):
            state = self.cell(self.embedding(before[:, place]), state)
            total += self.output(state[0]).log_softmax(1).gather(1, token[:, place : place + 1]).squeeze(1)
        return total
