"""Samples that are sequences of tokens: kept as text, and shown as a picture of lines."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, final

import matplotlib
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from gan_lightning.data.kinds import SampleKind
from gan_lightning.tokens import words

FONT = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSansMono.ttf")
SIZE, MARGIN = 14, 8
"""Pixels of the letters, and around the text."""
LEAST_WIDTH = 160
"""Pixels of the text."""
MOST_LINES, MOST_LETTERS = 1_000, 200
"""Of a picture; the file of text has all."""


@final
class SequenceKind(SampleKind):
    """Sequences (N, T) of tokens, a line of text each.

    Args:
        vocabulary: the text of each token.
        separator: what stands between two tokens of a text.
        end: the token that ends a sequence, or None.
    """

    name = "sequences"
    files = "sequences.txt"
    picture = "sequences.png"
    options = MappingProxyType(
        {"callbacks": "callbacks=sequences", "metrics": "metrics=sequences or metrics=none", "show": "show=samples"}
    )

    def __init__(self, vocabulary: Sequence[str] = (), separator: str = " ", end: int | None = None) -> None:
        self.vocabulary, self.separator, self.end = vocabulary, separator, end

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> "SequenceKind":
        return cls(spec["vocabulary"], spec["separator"], spec["end"])

    def texts(self, samples: Tensor) -> list[str]:
        """Each sequence (N, T) as a line of text, without its end."""
        rows = (words(row, self.end) for row in samples.tolist())
        return [self.separator.join(self.vocabulary[token] for token in row) for row in rows]

    def draw(self, samples: Tensor, columns: int) -> Tensor:
        # As wide as the longest text may be, so that all pictures of a run are of one size.
        longest = max(map(len, self.vocabulary)) + len(self.separator)
        letters = min(MOST_LETTERS, samples.shape[1] * longest)
        font = ImageFont.truetype(str(FONT), SIZE)
        width, height = letters * int(font.getlength("0") + 1), SIZE + SIZE // 3
        lines = self.texts(samples[:MOST_LINES])
        picture = Image.new("RGB", (max(width, LEAST_WIDTH) + 2 * MARGIN, len(lines) * height + 2 * MARGIN), "white")
        pen = ImageDraw.Draw(picture)
        for number, line in enumerate(lines):
            pen.text((MARGIN, MARGIN + number * height), line[:letters], fill="black", font=font)
        return torch.from_numpy(np.array(picture)).permute(2, 0, 1)

    def quantise(self, samples: Tensor) -> Tensor:
        return samples

    def save(self, samples: Tensor, first: int, folder: Path, value_range: Sequence[float] | None) -> None:
        with (folder / self.files).open("a" if first else "w", encoding="utf-8") as file:
            file.writelines(f"{text}\n" for text in self.texts(samples))
