"""The scores of one direction of a translation."""

from collections.abc import Mapping
from typing import Any, final

import torch
from torch import Tensor
from torchmetrics import MeanAbsoluteError, MeanMetric, Metric, MetricCollection
from torchmetrics.image import PeakSignalNoiseRatio, StructuralSimilarityIndexMeasure

from gan_lightning.batch import Translation
from gan_lightning.bicubic import enlarged
from gan_lightning.metrics.contracts import quantise, without_alpha
from gan_lightning.metrics.image_scores import ImageScores
from gan_lightning.metrics.scores.attributes import AttributeAgreement
from gan_lightning.metrics.scores.fidelity import PairScore


@final
class DirectionScores:
    """What `TranslationScores` computes for one direction.

    Args:
        same_channels: whether sources and outputs have as many channels, so that `copy_l1` can be computed.
        truth: whether the true targets are known.
        back: whether every sample is also translated back.
        lpips: of this direction alone; None for no LPIPS.
        images: scores of all outputs against the real pictures.
        agreement: of the outputs' attributes with those of the true targets; None for none.
        pairs: by name, scores of each output against its own target, for which a border of `scale` pixels is left out.
        scale: how many times higher and wider outputs are than sources.
    """

    def __init__(
        self,
        same_channels: bool,
        truth: bool,
        back: bool,
        lpips: Metric | None,
        images: ImageScores,
        agreement: AttributeAgreement | None,
        pairs: Mapping[str, PairScore],
        scale: int,
    ) -> None:
        self.pairs, self.scale = pairs, scale
        copied = [f"copy_{name}" for name in pairs] if same_channels else []
        self.means = {name: MeanMetric() for name in [*pairs, *copied]}
        self.images, self.agreement, self.lpips = images, agreement, lpips
        pixels: dict[str, Metric | MetricCollection] = {
            "l1": MeanAbsoluteError(),
            "psnr": PeakSignalNoiseRatio(data_range=(-1.0, 1.0)),
            "ssim": StructuralSimilarityIndexMeasure(data_range=(-1.0, 1.0)),
        }
        self.pixels = MetricCollection(pixels, compute_groups=False) if truth else None
        self.copy = MeanAbsoluteError() if truth and same_channels else None
        self.cycle = MeanAbsoluteError() if back else None

    def higher_is_better(self) -> dict[str, bool]:
        """By the name of each score, without a suffix."""
        single = {"lpips": self.lpips, "copy_l1": self.copy, "cycle_l1": self.cycle}
        names = [] if self.pixels is None else ["l1", "psnr", "ssim"]
        names += [name for name, metric in single.items() if metric is not None]
        images = self.images.higher_is_better()
        # `swd` comes behind what is known of single pictures: the progress bar shows the first two scores.
        fid = {name: higher for name, higher in images.items() if name != "swd"}
        agreement = {} if self.agreement is None else {"changed": True, "kept": True, "gap": False}
        pairs = dict.fromkeys(self.means, True)
        known = {name: name in ("psnr", "ssim") for name in names}
        return {**fid, **pairs, **known, "swd": images["swd"], **agreement}

    def reset(self, device: torch.device) -> None:
        """Forget all samples."""
        for metric in (self.pixels, self.lpips, self.copy, self.cycle, *self.means.values()):
            if metric is not None:
                metric.to(device).reset()
        if self.agreement is not None:
            self.agreement.reset(device)
        self.images.reset(device)

    @torch.no_grad()
    def update(self, sample: Translation) -> None:
        """Count a batch of translations."""
        output = _as_read(sample.output)
        self.images.update(sample.number, quantise(sample.output))
        if self.cycle is not None:
            assert sample.back is not None
            self.cycle.update(_as_read(sample.back), sample.source)
        if sample.target is None:
            return
        if self.pixels is not None:
            self.pixels.update(output, sample.target)
        if self.lpips is not None:
            self.lpips.update(without_alpha(output), without_alpha(sample.target))
        if self.copy is not None:
            self.copy.update(enlarged(sample.source, self.scale), sample.target)
        self._update_pairs(sample.output, sample.target, "")
        if self.copy is not None:
            self._update_pairs(enlarged(sample.source, self.scale), sample.target, "copy_")
        if self.agreement is not None:
            self.agreement.update(sample.number, quantise(sample.output), quantise(sample.target))

    def _update_pairs(self, image: Tensor, target: Tensor, prefix: str) -> None:
        border = 0 if self.scale == 1 else self.scale
        for name, score in self.pairs.items():
            found = score(quantise(image), quantise(target), border)
            # Metal has no float64.
            self.means[f"{prefix}{name}"].update(found.float() if found.device.type == "mps" else found)

    def compute(self) -> tuple[dict[str, float], dict[str, Any]]:
        """The scores by name, and the shares in which each attribute is seen (see `AttributeAgreement`)."""
        values = {} if self.pixels is None else {name: float(v) for name, v in self.pixels.compute().items()}
        for name, metric in (("lpips", self.lpips), ("copy_l1", self.copy), ("cycle_l1", self.cycle)):
            if metric is not None:
                values[name] = float(metric.compute())
        values.update({name: float(mean.compute()) for name, mean in self.means.items()})
        values.update(self.images.compute())
        table: dict[str, Any] = {}
        if self.agreement is not None:
            agreement, table = self.agreement.compute()
            values.update(agreement)
        return values, table


def _as_read(image: Tensor) -> Tensor:
    """Pictures in [-1, 1] as they would be read back from a file of 8 bits, channel after channel in memory, as
    torchmetrics needs them.
    """
    return (quantise(image).float() / 127.5 - 1).contiguous()
