"""Directions of the latent space that change images most, found without any data."""

from typing import final

import numpy as np
import torch
from torch import Tensor, nn

from gan_lightning.errors import SettingError
from gan_lightning.models import FromNoise
from gan_lightning.ranges import Columns, Count, Positive, Whole, within
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import BATCH, Show, refuse_too_large, save
from gan_lightning.sampling.task import Task


def semantic_directions(weights: Tensor) -> tuple[Tensor, Tensor]:
    """Unit vectors (L, L), one a row, and how much each changes A n (L,), the largest first (SeFa, arXiv:2007.06600).

    They are the eigenvectors of A^T A, the solution of max |A n| among orthogonal unit vectors n (equation 5).

    Args:
        weights: A (M, L), of all layers that read the latent.

    >>> directions, lengths = semantic_directions(torch.tensor([[0.0, 2.0], [1.0, 0.0]]))
    >>> directions.abs().round().tolist(), lengths.round().tolist()
    ([[0.0, 1.0], [1.0, 0.0]], [2.0, 1.0])
    """
    weights = weights.double()
    values, vectors = torch.linalg.eigh(weights.T @ weights)
    return vectors.T.flip(0).float(), values.clamp_min(0).sqrt().flip(0).float()


@torch.no_grad()
def reading_weights(model: FromNoise, w: Tensor, condition: Tensor) -> Tensor:
    """The weights (M, L) of all layers of a model whose input begins with w, while it makes an image of w (1, L), or of
    one w for all layers (1, layers, L).

    A convolution reads w as the channels of a map. Layers that come later are not asked.

    Raises:
        SettingError: there is none.
    """
    found: list[Tensor] = []
    one = w.flatten(0, -2)[:1]

    def note(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        flat = given[0].flatten(1)
        if flat.shape[1] >= one.shape[1] and torch.equal(flat[:, : one.shape[1]].to(w.dtype), one):
            weight: Tensor = module.weight  # type: ignore[assignment]
            first = 0 if isinstance(module, nn.ConvTranspose2d) else 1  # where its inputs are counted
            found.append(weight.movedim(first, -1).flatten(0, -2)[:, : one.shape[1]])

    layers = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    try:
        model.synthesise(w, condition)
    finally:
        for hook in hooks:
            hook.remove()
    if not found:
        raise SettingError("show=directions: this generator has no linear layer that reads its latent directly")
    return torch.cat(found).cpu()


@final
class Directions(Show):
    """A sample moved along each of the directions that change it most: a row for each, the strongest above.

    `directions.csv` holds the unit vectors, one a line.

    Args:
        count: directions.
        extent: how far the sample is moved to either side.
        sample: its number.
    """

    ignores = ("n",)
    files = ("directions.csv",)

    def __init__(self, count: Columns, extent: Positive, sample: Whole = 0) -> None:
        self.count = within("show.count", Count, count)
        self.extent = within("show.extent", Positive, extent)
        self.sample = within("show.sample", Whole, sample)

    def show(self, task: Task, sampler: Sampler) -> str:
        model = task.model("show=directions")
        w, condition = task.latent(torch.tensor([self.sample]), "show=directions")
        if w.dim() not in (2, 3):
            raise SettingError("show=directions: needs a generator whose w is one vector for each image or each layer")
        if self.count > w.shape[-1]:
            raise SettingError(f"show.count={self.count}: the latent has {w.shape[-1]} numbers, and so many directions")
        setting = f"show.count={self.count} columns={task.columns}"
        refuse_too_large(task, self.count * task.columns, setting, "choose fewer directions or columns")
        directions, _ = semantic_directions(reading_weights(model, w, condition))
        steps = torch.linspace(-self.extent, self.extent, task.columns)
        moves = (steps[None, :, None] * directions[: self.count, None]).flatten(0, 1).to(w)
        moves = moves if w.dim() == 2 else moves[:, None]  # of all layers
        repeated = condition.repeat(len(moves), *[1] * (condition.dim() - 1))
        parts = zip((w + moves).split(BATCH), repeated.split(BATCH), strict=True)
        with torch.no_grad():
            samples = torch.cat([model.synthesise(*part).float().cpu() for part in parts])
        picture = save(samples, task, task.columns)
        np.savetxt(task.folder / "directions.csv", directions[: self.count].numpy(), delimiter=",", fmt="%.6g")
        return f"{self.count} directions of sample {self.sample}, a row each, in {picture}"
