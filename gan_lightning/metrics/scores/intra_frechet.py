"""The Frechet distance within each class."""

from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import GatheredScore
from gan_lightning.metrics.scores.frechet import enough_for_moments
from gan_lightning.metrics.scores.gaussians import Gaussian, frechet


@final
class IntraFrechet(GatheredScore):
    """Intra-FID (Miyato and Koyama 2018, arXiv:1802.05637): the mean over classes of the FID of samples that were asked
    to show a class to the real images of this class.

    It sees what FID does not: classes that are confused, and little variety within a class. Its bias is that of the
    samples of one class. `detail` has the distance of each class.
    """

    needs = "features"
    higher_is_better = False

    def lacks(self, real: RealSide) -> str | None:
        if real.asked is None:
            return (
                "needs one class of two or more as the condition of each sample, and the data give none; leave it out, "
                "or choose labelled data"
            )
        asked = real.asked[torch.arange(real.num_fake) % len(real.asked)]
        least = real.network.num_features + 1  # fewer do not span the features
        for side, labels in (("samples", asked), ("real images", real.images.labels.cpu())):
            fewest = int(labels.bincount(minlength=int(real.asked.max()) + 1)[real.asked.unique()].min())
            if fewest < least:
                take = f"num_fake={-(-least * len(asked) // fewest)} or more, or " if fewest and labels is asked else ""
                return f"needs {least} {side} of each class, and of one there are {fewest}; choose {take}fid alone"
        return None

    def enough(self, real: RealSide) -> int:
        classes = 1 if real.asked is None else len(real.asked.unique())
        return classes * enough_for_moments(real)

    def begin(self, real: RealSide) -> None:
        super().begin(real)
        assert real.asked is not None
        self.asked = real.asked
        features, labels = real.features_of(real.images).double(), real.images.labels.cpu()
        self.real = {int(label): Gaussian.of(features[labels == label]) for label in self.asked.unique()}
        self.names = [str(name) for name in real.images.class_names]

    def value(self, rows: Tensor) -> float:
        asked = self.asked[torch.arange(len(rows)) % len(self.asked)].to(rows.device)
        found = {label: frechet(real.to(rows), Gaussian.of(rows[asked == label])) for label, real in self.real.items()}
        self.detail = {"by_class": {self.names[label]: value for label, value in found.items()}}
        return sum(found.values()) / len(found)

    def protocol(self) -> dict[str, Any]:
        return {"intra_fid": {"classes": len(self.real), "asked": "as often as in the data"}}
