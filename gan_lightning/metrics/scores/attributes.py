"""Whether a translation changed what it should, and nothing else."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor
from torchmetrics import MeanMetric

from gan_lightning.metrics.extractors.classifier import ClassifierExtractor


@final
class AttributeAgreement:
    """How often a classifier sees, in outputs and in the true targets, the attributes that the targets have.

    Args:
        classifier: prepared; it knows every attribute.
        truth: by name, the attributes (N,) of the true targets.
        changed: the attribute in which target and source differ.
    """

    def __init__(self, classifier: ClassifierExtractor, truth: Mapping[str, Tensor], changed: str) -> None:
        self.classifier = classifier
        self.truth, self.changed = truth, changed
        self.on_output = {name: MeanMetric() for name in truth}
        self.on_target = {name: MeanMetric() for name in truth}

    def reset(self, device: torch.device) -> None:
        """Forget all samples."""
        self.classifier.to(device)
        for metric in (*self.on_output.values(), *self.on_target.values()):
            metric.to(device).reset()

    @torch.no_grad()
    def update(self, number: Tensor, output: Tensor, target: Tensor) -> None:
        """Count outputs and true targets (B, C, H, W) uint8, whose positions in the split are `number` (B,)."""
        for metrics, image in ((self.on_output, output), (self.on_target, target)):
            for name, seen in self.classifier.attributes(image).items():
                metrics[name].update((seen == self.truth[name].to(seen.device)[number]).float())

    def compute(self) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
        """Scores by name, and for each attribute the share of outputs and of true targets in which it is seen.

        `changed`: share of outputs in which the changed attribute is seen; `kept`: the mean share over all
        others; `gap`: by how much the share falls short of the true targets' in the worst attribute.
        """
        table = {
            name: {"output": float(self.on_output[name].compute()), "target": float(self.on_target[name].compute())}
            for name in self.truth
        }
        others = [shares["output"] for name, shares in table.items() if name != self.changed]
        scores = {
            "changed": table[self.changed]["output"],
            "kept": sum(others) / len(others),
            "gap": max(shares["target"] - shares["output"] for shares in table.values()),
        }
        return scores, table
