"""The latent whose image is nearest to a given picture."""

from typing import NamedTuple, final

import numpy as np
import torch
from torch import Tensor

from gan_lightning.compatibility import compare_kind
from gan_lightning.data import ImageKind, ValueRange, quantise, read_picture, save_png
from gan_lightning.data.contracts import scaled
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError
from gan_lightning.models import FromNoise
from gan_lightning.models.prior import NORMAL
from gan_lightning.ranges import AtLeastZero, Columns, Count, Many, Positive, within
from gan_lightning.sampling.samplers import Sampler
from gan_lightning.sampling.showing import Show
from gan_lightning.sampling.task import Task


class Projected(NamedTuple):
    """The best of several searches: standard normal numbers u (L,), the condition (...), the image (C, H, W), and its
    mean squared error."""

    u: Tensor
    condition: Tensor
    image: Tensor
    error: float


def project(
    model: FromNoise, picture: Tensor, u: Tensor, condition: Tensor, steps: int, lr: float, typical: float
) -> Projected:
    """Search with Adam for noise whose image is a given one.

    Args:
        model: whose generator makes the images.
        picture: (C, H, W) in [-1, 1].
        u: where the searches start: standard normal numbers (B, L), which the prior makes noise of.
        condition: of each (B, ...).
        steps: of Adam.
        lr: of Adam; it falls to zero along a half cosine.
        typical: weight of |u|^2 / L, which keeps the noise where the generator was trained.
    """
    u = u.to(model.device).clone().requires_grad_()
    target, condition = picture.to(model.device)[None], condition.to(model.device)
    optimizer = torch.optim.Adam([u], lr=lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def errors() -> tuple[Tensor, Tensor]:
        image = model.synthesise(model.map(model.prior(u), condition), condition)
        return image, (image - target).square().flatten(1).mean(1)

    with torch.enable_grad():
        for _ in progress(range(steps), "Projecting"):
            loss = (errors()[1] + typical * u.square().mean(1)).sum()
            (u.grad,) = torch.autograd.grad(loss, u)
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        image, error = errors()
    best = int(error.argmin())
    return Projected(u.detach()[best].cpu(), condition[best].cpu(), image[best].float().cpu(), float(error[best]))


@final
class Projection(Show):
    """A picture of the user's beside the nearest image that the generator makes (as in StyleGAN2, arXiv:1912.04958,
    appendix D, but for the mean squared error of pixels in place of LPIPS, whose weights would have to be downloaded).

    `projection.png` shows both; `latent.csv` holds the noise. Several searches start at the noise of the samples 0, 1
    ... under their conditions, and the best one counts.

    Args:
        starts: searches.
        steps: of each.
        lr: learning rate of Adam.
        typical: how much unusual noise counts beside the error.
    """

    uses_source = True
    ignores = ("n", "columns")
    files = ("projection.png", "latent.csv")

    def __init__(self, starts: Columns, steps: Many, lr: Positive, typical: AtLeastZero) -> None:
        self.starts, self.steps = within("show.starts", Count, starts), within("show.steps", Count, steps)
        self.lr, self.typical = within("show.lr", Positive, lr), within("show.typical", AtLeastZero, typical)

    def show(self, task: Task, sampler: Sampler) -> str:
        model = task.model("show=projection")
        compare_kind("show=projection: looks for an image", ImageKind.name, task.kind, "show")
        if task.truncation is not None:
            raise SettingError(f"truncation={task.truncation}: show=projection looks for the noise; leave it out")
        if task.source is None:
            raise SettingError("source: show=projection needs a picture to look for: source=FILE")
        if not task.source.is_file():
            what = "is a folder" if task.source.is_dir() else "does not exist"
            raise SettingError(f"source={task.source}: {what}; show=projection needs one picture: source=FILE")
        trained = task.spec.get("value_range")
        values = None if trained is None else ValueRange(*trained)
        pixels = read_picture(task.source, task.spec["channels"], values)
        size = (task.spec["height"], task.spec["width"])
        if tuple(pixels.shape[1:]) != size:
            raise SettingError(
                f"source={task.source}: has {pixels.shape[1]} x {pixels.shape[2]} pixels (height x width), but this "
                f"checkpoint makes images of {size[0]} x {size[1]}; resize it"
            )
        number = torch.arange(self.starts)
        u = NORMAL.sample(task.seed, number, model.latent_dim)
        found = project(model, scaled(pixels), u, task.conditions(number), self.steps, self.lr, self.typical)
        task.folder.mkdir(parents=True, exist_ok=True)
        picture = task.folder / "projection.png"
        save_png(task.kind.draw(torch.stack([scaled(pixels), found.image]), 2), picture)
        noise = model.prior(found.u[None])[0]
        np.savetxt(task.folder / "latent.csv", noise.numpy()[None], delimiter=",", fmt="%.8g")
        error = float((quantise(found.image).float() - pixels.float()).square().mean().sqrt())
        return (
            f"{task.source} and the nearest image that was found, side by side in {picture}; they differ by "
            f"{error:.1f} of 255 (root of the mean squared difference)"
        )
