"""Standing statistics of batch norm, gathered for sampling (BigGAN, arXiv:1809.11096)."""

from typing import Any

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from gan_lightning.errors import SettingError
from gan_lightning.models.contracts import FromNoise
from gan_lightning.ranges import Few, within

BATCH = 256
"""Images of a pass."""
FIRST = 2**60
"""The number of the first of these images; no sample, and no image of a sampler, has such a number."""


@torch.no_grad()
def renew_statistics(model: FromNoise, passes: Few, seed: int = 0, truncation: float | None = None) -> None:
    """Replace the running statistics of the generator's batch norms by means over so many batches of its own images.

    Running statistics belong to the noise of training, and to weights that an average has left behind. Truncated noise,
    or averaged weights, have others. In these passes each batch norm uses the statistics of its batch, as in training.
    Everything else, such as spectral norm, is as in evaluation. Conditions take turns as in samples.

    Args:
        model: whose samples are wanted; it is changed in place.
        passes: batches of 256 images (the code of BigGAN's author: 16).
        seed: of the noise.
        truncation: of the noise, as in the samples that are wanted.

    Raises:
        SettingError: the generator has no batch norm; or from `latent_at`.
    """
    within("standing_statistics", Few, passes)
    found: dict[Any, list[torch.Tensor]] = {}

    def observe(norm: Any, given: tuple[torch.Tensor, ...]) -> None:
        x = given[0]
        axes, numbers = [0, *range(2, x.dim())], x.numel() // x.shape[1]
        variance = x.var(axes, correction=0)
        norm.running_mean.copy_(x.mean(axes))  # in evaluation, what it normalises with
        norm.running_var.copy_(variance)
        unbiased = variance * numbers / max(1, numbers - 1)  # which running statistics hold
        found.setdefault(norm, []).append(torch.stack([norm.running_mean, unbiased]))

    norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.running_mean is not None]
    hooks = [norm.register_forward_pre_hook(observe) for norm in norms]
    try:
        for number in (FIRST + torch.arange(passes * BATCH)).split(BATCH):
            condition = model.conditions(number).to(model.device)
            model.synthesise(model.latent_at(number, condition, seed, truncation), condition)
    finally:
        for hook in hooks:
            hook.remove()
    if not found:
        raise SettingError(
            f"standing_statistics={passes}: this model's generator has no batch norm, whose statistics these are; "
            "leave it out"
        )
    for norm, held in found.items():
        mean, variance = torch.stack(held).mean(0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
