"""Pictures of what a generator of points makes."""

from pathlib import Path
from typing import Any, final

import lightning.pytorch as L
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from gan_lightning.callbacks.samples import Pictures
from gan_lightning.compatibility import compare_kind
from gan_lightning.counting import evenly
from gan_lightning.data import PointKind, kind_named, read_png
from gan_lightning.ranges import Columns, Count, Many, PathText, within

EDGE = PointKind.edge
CELLS = 81  # of the discriminator's background, along each axis


@final
class Scatter(Pictures):
    """Points of the averaged generator over real ones, on a map of the discriminator's logits.

    Real points are grey, generated ones orange; the background is the logit, blue where the discriminator believes in
    real points and red where not, each picture with its own scale. If the discriminator uses labels, each place gets
    the label of the nearest mode. Without a discriminator of points the background is white. `training.png` shows
    pictures side by side, from noise to the end.

    Args:
        run_dir: folder of the run.
        points: how many real and how many generated ones are shown.
        strip_pictures: most pictures in `training.png`; more are thinned out evenly.

    Raises:
        SettingError: a count below one, or data that are not points.
    """

    def __init__(self, run_dir: PathText, points: Many, strip_pictures: Columns) -> None:
        super().__init__(run_dir)
        for name, value in (("points", points), ("strip_pictures", strip_pictures)):
            within(f"callbacks.samples.{name}", Count, value)
        self.points, self.strip_pictures = points, strip_pictures

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        draws = "callbacks=toy: draws points of the plane (dataset=toy_ring, dataset=toy_grid)"
        kind = kind_named(trainer.datamodule.spec().kind)  # type: ignore[attr-defined]
        compare_kind(draws, PointKind.name, kind, "callbacks")

    def draw(self, trainer: L.Trainer, pl_module: Any) -> Tensor:
        data: Any = trainer.datamodule  # type: ignore[attr-defined]
        real, fake = data.examples(self.points).image, pl_module.sample(self.points)
        figure = Figure(figsize=(4, 4.2), dpi=120)
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_axes((0.02, 0.02, 0.96, 0.91), aspect="equal", xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"{pl_module.images_seen:,} images seen", fontsize=11)
        if pl_module.critic is not None:
            logits, shown = _logits(pl_module, data.mixture).numpy(), (-EDGE, EDGE, -EDGE, EDGE)
            axes.imshow(logits, "RdBu", extent=shown, origin="lower", alpha=0.5, interpolation="bilinear")
        for points, size, colour in ((real, 16, "0.35"), (fake.float().cpu(), 5, "tab:orange")):
            x, y = points.flatten(1).T.numpy()
            axes.scatter(x, y, s=size, c=colour, linewidths=0)
        canvas.draw()
        return torch.from_numpy(np.array(canvas.buffer_rgba())[..., :3]).permute(2, 0, 1)

    def strip(self, files: list[Path], trainer: L.Trainer, pl_module: Any) -> Tensor:
        return torch.cat([read_png(files[i]) for i in evenly(len(files), self.strip_pictures)], 2)


@torch.no_grad()
def _logits(pl_module: Any, mixture: Any) -> Tensor:
    """The discriminator's score of every place, (CELLS, CELLS), rows from below."""
    along = torch.linspace(-EDGE, EDGE, CELLS)
    places = torch.cartesian_prod(along, along).flip(1)
    label = mixture.nearest(places)[1].to(pl_module.device)
    critic = pl_module.critic
    training = critic.training
    # What normalises must neither learn from these places nor depend on them.
    # In parts: minibatch layers compare the images of a batch, with as many numbers as there are pairs.
    parts = zip(places[:, :, None, None].to(pl_module.device).split(81), label.split(81), strict=True)
    critic.eval()
    score = torch.cat([critic(part, mode).score for part, mode in parts])
    critic.train(training)
    return score.float().cpu().view(CELLS, CELLS)
