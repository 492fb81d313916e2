"""What a model makes of noise, of latents, and of the way between two."""

from collections.abc import Callable

import torch
from torch import Tensor

from gan_lightning.errors import SettingError
from gan_lightning.models import ImagesFromNoise
from gan_lightning.ranges import Count, Few, Seed, within
from gan_lightning.sampling.walks import usual_path

Ask = Callable[[Tensor], Tensor]
"""The conditions (B, ...) of the samples with numbers (B,)."""


def images(
    model: ImagesFromNoise, n: int, ask: Ask, z: Tensor | None, w: Tensor | None, seed: int, truncation: float | None
) -> Tensor:
    """Images (n, C, H, W) in [-1, 1], of the seed's noise, of noise z (n, latent_dim) or of latents w (n, ...).

    Raises:
        SettingError: both z and w; one of another shape; truncation of w; numbers out of range.
    """
    number = torch.arange(within("n", Count, n))
    within("seed", Seed, seed)
    condition = ask(number)
    if z is None and w is None:
        return model.draw(number, condition, seed, truncation)
    if z is not None and w is not None:
        raise SettingError("z, w: w is what the generator makes of z; give one of them")
    if w is not None and truncation is not None:
        raise SettingError(f"truncation={truncation}: acts on the way from z to w, and w is given; leave one out")
    condition = condition.to(model.device)
    with torch.no_grad():
        if w is not None:
            _check("w", w, (n, *_shape_of_w(model, ask)))
            return model.synthesise(w.to(model.device), condition)
        assert z is not None
        _check("z", z, (n, model.latent_dim))
        return model.synthesise(model.latent_of(z.to(model.device), condition, truncation), condition)


def latents(model: ImagesFromNoise, n: int, ask: Ask, seed: int, truncation: float | None) -> Tensor:
    """w (n, ...) of the seed's samples.

    Raises:
        SettingError: numbers out of range.
    """
    number = torch.arange(within("n", Count, n))
    with torch.no_grad():
        return model.latent_at(number, ask(number).to(model.device), within("seed", Seed, seed), truncation)


def way(
    model: ImagesFromNoise, a: int | Tensor, b: int | Tensor, steps: int, ask: Ask, truncation: float | None
) -> Tensor:
    """Images (steps, C, H, W) in [-1, 1] from the first sample of seed a to that of seed b, or from one w to another.

    Raises:
        SettingError: fewer than two steps; latents of another shape; numbers out of range.
    """
    if within("steps", Few, steps) < 2:
        raise SettingError(f"steps={steps}: a way has two ends, so at least 2 pictures")
    ends = [_end(model, name, end, ask, truncation) for name, end in (("a", a), ("b", b))]
    path = usual_path(model)
    with torch.no_grad():
        w = torch.cat([path.between(ends[0], ends[1], i / (steps - 1)) for i in range(steps)])
        condition = ask(torch.zeros(steps, dtype=torch.long)).to(model.device)
        return model.synthesise(w, condition)


def _end(model: ImagesFromNoise, name: str, end: int | Tensor, ask: Ask, truncation: float | None) -> Tensor:
    """w (1, ...) of one end of a way."""
    if not isinstance(end, Tensor):
        return latents(model, 1, ask, within(name, Seed, end), truncation)
    shape = _shape_of_w(model, ask)
    w = end[None] if end.dim() == len(shape) else end
    _check(name, w, (1, *shape))
    return w.to(model.device)


def _shape_of_w(model: ImagesFromNoise, ask: Ask) -> tuple[int, ...]:
    """Of one w: some generators have one for each layer."""
    return tuple(latents(model, 1, ask, 0, None).shape[1:])


def _check(name: str, given: Tensor, expected: tuple[int, ...]) -> None:
    if tuple(given.shape) != expected:
        raise SettingError(f"{name}: has the shape {tuple(given.shape)}; this model takes {expected}")
