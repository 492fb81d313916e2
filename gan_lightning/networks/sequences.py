"""Networks that write sequences of tokens, one after the other."""

from abc import ABC, abstractmethod
from typing import Any, final

import torch
from torch import Tensor, nn

from gan_lightning.ranges import AtLeastZero, Few, Size, Whole, within
from gan_lightning.tokens import choose, in_float32, written


@final
class TokenEmbedding(nn.Embedding):
    """A vector for each token; of a distribution over tokens, the mean of their vectors.

    >>> embedding = TokenEmbedding(3, 5)
    >>> sharp = F.one_hot(torch.tensor([[2, 0]]), 3).float()
    >>> torch.equal(embedding(sharp), embedding(torch.tensor([[2, 0]])))
    True
    """

    def forward(self, token: Tensor) -> Tensor:
        """Tokens (...) long, or distributions (..., V) float, to vectors (..., E)."""
        return token @ self.weight[: token.shape[-1]] if token.is_floating_point() else super().forward(token)


class SequenceGenerator(nn.Module, ABC):
    """Writes sequences from left to right: the distribution of each token depends on those before it.

    Attributes:
        num_tokens: V, of the vocabulary. The number V itself stands before the first token.
        length: T, of every sequence.
        end: the token that ends a sequence and fills the places behind it; None if all have the full length.
    """

    num_tokens: int
    length: int
    end: int | None = None

    @abstractmethod
    def forward(self, token: Tensor) -> Tensor:
        """Logits (B, T, V) of each token of sequences (B, T), given those before it."""

    @abstractmethod
    def advance(self, before: Tensor, state: Any) -> tuple[Tensor, Any]:
        """Logits (B, V) of the next token, and the state after it was asked for.

        Args:
            before: the token before it (B,), V at the beginning; or distributions (B, V).
            state: what this returned before; None at the beginning.
        """

    def log_likelihood(self, token: Tensor) -> Tensor:
        """The logarithm (B, T) of the probability of each token given those before it; 0 behind the end."""
        found = in_float32(self(token)).log_softmax(-1).gather(2, token[..., None]).squeeze(2)
        return found * written(token, self.end)

    def write(self, quantile: Tensor, given: Tensor | None = None, kept: Tensor | None = None) -> Tensor:
        """Sequences (B, T), drawn token by token.

        Args:
            quantile: (B, T), uniform in [0, 1]; each number chooses a token (`choose`).
            given: sequences (B, T) that begin the new ones.
            kept: how many tokens (B,) of them each new one keeps.
        """
        before = torch.full((len(quantile),), self.num_tokens, device=quantile.device)
        state, tokens = None, []
        for place in range(self.length):
            logits, state = self.advance(before, state)
            token = choose(logits, quantile[:, place])
            if given is not None and kept is not None:
                token = torch.where(place < kept, given[:, place], token)
            if self.end is not None:
                token = torch.where(before == self.end, before, token)
            tokens.append(token)
            before = token
        return torch.stack(tokens, 1)


@final
class LSTMGenerator(SequenceGenerator):
    """An embedding, LSTM layers, and logits (SeqGAN, arXiv:1609.05473; ScratchGAN, arXiv:1905.09922).

    Args:
        num_tokens: V, of the vocabulary.
        length: T, of every sequence.
        end: the token that ends a sequence, or None.
        embedding: numbers of a token's vector.
        hidden: units of a layer.
        layers: of LSTM.
        std: standard deviation of all weights at the beginning (SeqGAN: 0.1); 0 leaves torch's own.

    Raises:
        SettingError: a number out of its range.
    """

    def __init__(
        self,
        num_tokens: Size,
        length: Few,
        end: Whole | None,
        embedding: Size,
        hidden: Size,
        layers: Few = 1,
        std: AtLeastZero = 0.0,
    ) -> None:
        super().__init__()
        self.num_tokens, self.length, self.end = num_tokens, length, end
        for name, value in {"embedding": embedding, "hidden": hidden}.items():
            within(f"network.sequence_generator.{name}", Size, value)
        within("network.sequence_generator.layers", Few, layers)
        within("network.sequence_generator.std", AtLeastZero, std)
        self.embedding = TokenEmbedding(num_tokens + 1, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers, batch_first=True)
        self.output = nn.Linear(hidden, num_tokens)
        if std:
            for parameter in self.parameters():
                nn.init.normal_(parameter, std=std)

    def forward(self, token: Tensor) -> Tensor:
        begin = torch.full_like(token[:, :1], self.num_tokens)
        logits: Tensor = self.output(self.lstm(self.embedding(torch.cat([begin, token[:, :-1]], 1)))[0])
        return logits

    def advance(self, before: Tensor, state: Any) -> tuple[Tensor, Any]:
        hidden, state = self.lstm(self.embedding(before)[:, None], state)
        return self.output(hidden[:, 0]), state
