"""Sequences of tokens: numbers of words or letters, (B, T) long, all of one length.

A vocabulary may have a token that ends a sequence. It fills every place behind the end too, so that all sequences are
equally long.
"""

import torch
from torch import Tensor


def written(token: Tensor, end: int | None) -> Tensor:
    """Which places of sequences (B, T) were chosen: all up to the first end, that one included. (B, T) bool.

    >>> written(torch.tensor([[3, 5, 0, 0], [4, 2, 1, 3]]), end=0)
    tensor([[ True,  True,  True, False],
            [ True,  True,  True,  True]])
    """
    if end is None:
        return torch.ones_like(token, dtype=torch.bool)
    ends = (token == end).long()
    return ends.cumsum(1) - ends == 0


def in_float32(logits: Tensor) -> Tensor:
    """Logits that are at least float32: in bfloat16, sums of many small probabilities would no longer grow."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def choose(logits: Tensor, quantile: Tensor) -> Tensor:
    """The token (B,) at a quantile (B,) in [0, 1] of each distribution softmax(logits), logits (B, V).

    Uniform quantiles make tokens that have these probabilities.

    >>> choose(torch.tensor([[0.2, 0.3, 0.5]]).log().expand(3, 3), torch.tensor([0.1, 0.4, 0.9]))
    tensor([0, 1, 2])
    """
    below = in_float32(logits).softmax(1).cumsum(1)
    return (below < quantile[:, None] * below[:, -1:]).sum(1).clamp(max=logits.shape[1] - 1)


def words(sequence: list[int], end: int | None) -> list[int]:
    """The tokens of one sequence without its end and what follows.

    >>> words([3, 5, 0, 0], end=0)
    [3, 5]
    """
    return sequence[: sequence.index(end)] if end is not None and end in sequence else sequence
