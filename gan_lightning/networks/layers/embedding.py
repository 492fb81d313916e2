"""What the data know of an image, its condition, as the vector c that networks use.

Each network has one `Embedder`; `gan_lightning.networks.layers.conditioning` has the places where c may enter.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.networks.layers.initialisation import ORTHOGONAL, Initialisation
from gan_lightning.ranges import Classes, Size


class Embedder(nn.Module, ABC):
    """Conditions to vectors c. Attribute `features`: the length C of c."""

    features: int

    @abstractmethod
    def forward(self, condition: Tensor) -> Tensor:
        """Conditions of B images, as the data deliver them, to c (B, C)."""


@final
class NoCondition(Embedder):
    """Nothing is used: c has no numbers."""

    features = 0

    def forward(self, condition: Tensor) -> Tensor:
        return condition.new_empty(condition.shape[0], 0)


@final
class OneHot(Embedder):
    """Of a class a vector that is one at its place and otherwise zero; of several attributes, one after the other.

    Args:
        num_classes: of the data, at least 2: the number of classes for conditions (B,), or the number of each of A
            attributes for conditions (B, A).

    Raises:
        SettingError: there are fewer.

    >>> OneHot(3)(torch.tensor([2, 0]))
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    >>> OneHot([3, 2])(torch.tensor([[2, 0]]))
    tensor([[0., 0., 1., 1., 0.]])
    """

    def __init__(self, num_classes: Classes | Sequence[Classes]) -> None:
        super().__init__()
        self.sizes = [num_classes] if isinstance(num_classes, int) else [*num_classes]
        if not self.sizes or min(self.sizes) < 2:
            raise SettingError(
                f"conditioning needs class labels, and the data set has {num_classes} classes; "
                "use conditioning=none or a labelled data set (a folder with one subfolder per class)"
            )
        self.features = sum(self.sizes)

    def forward(self, condition: Tensor) -> Tensor:
        columns = condition.reshape(condition.shape[0], -1).unbind(1)
        # Not F.one_hot, which reads the classes in Python.
        one_hot = [
            column[:, None] == torch.arange(size, device=column.device)
            for column, size in zip(columns, self.sizes, strict=True)
        ]
        return torch.cat(one_hot, 1).to(torch.get_default_dtype())


class Embedding(nn.Module):
    """c (B, C) to vectors (B, features), linearly and without a bias: of a class, a row of the weights.

    Args:
        condition: C, the length of c.
        features: of the vectors.
    """

    def __init__(self, condition: int, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(condition, features))

    def forward(self, c: Tensor) -> Tensor:
        weight = self.weight
        return c.to(weight.dtype) @ weight


@final
class SharedEmbedding(Embedder):
    """Learned vectors of what another embedder makes, one for all layers of a network (BigGAN, arXiv:1809.11096,
    section 3). Without conditions there are none.

    Args:
        of: the other embedder.
        features: length of the vectors (BigGAN: 128).
        initialise: draws their weights.
    """

    def __init__(self, of: Embedder, features: Size = 128, initialise: Initialisation = ORTHOGONAL) -> None:
        super().__init__()
        self.of = of
        self.features = features if of.features else 0
        if of.features:
            self.embedding = Embedding(of.features, features)
            initialise(self.embedding.weight, 1.0)

    def forward(self, condition: Tensor) -> Tensor:
        c: Tensor = self.of(condition)
        return self.embedding(c) if self.features else c
