"""Scores of images against one real side, from one pass over the images."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, final

import torch
from torch import Tensor

from gan_lightning.data import Draw, Images, loader
from gan_lightning.metrics.contracts import quantise
from gan_lightning.metrics.real_side import BATCH, RealSide, Shared
from gan_lightning.metrics.score import Sampler, SamplerScore, Score


@final
class ImageScores:
    """Several scores that share the pass of an extractor.

    Args:
        scores: by name, not begun; those that need an extractor are left out if the real side has none.
        real: what the images are compared with.
    """

    def __init__(self, scores: Mapping[str, Score], real: RealSide) -> None:
        self.extractor, self.num_workers = real.extractor, real.num_workers
        real = replace(real, shared=Shared())
        usable = {name: score for name, score in scores.items() if real.extractor or score.needs == "pixels"}
        if all(score.needs == "pixels" for score in usable.values()):
            self.extractor = None
        self.scores = {name: deepcopy(score) for name, score in usable.items()}
        for score in self.scores.values():
            score.begin(real)
        self.full_names = {name: full_name(name, score, real.extractor) for name, score in usable.items()}

    def higher_is_better(self) -> dict[str, bool]:
        """By the full name of each score."""
        return {self.full_names[name]: score.higher_is_better for name, score in self.scores.items()}

    def protocol(self) -> dict[str, Any]:
        """Everything that has to be said with the numbers."""
        facts: dict[str, Any] = {}
        if self.extractor is not None:
            facts = {"extractor": self.extractor.name, "weights_sha256": self.extractor.weights_hash()}
            facts["resize"] = self.extractor.resize
        for score in self.scores.values():
            facts |= score.protocol()
        return facts

    def reset(self, device: torch.device) -> None:
        """Forget all images."""
        # Metal has no float64, which sums of features need.
        precise = torch.device("cpu") if device.type == "mps" else device
        if self.extractor is not None:
            self.extractor.to(device)
        for score in self.scores.values():
            score.reset(device if score.needs == "pixels" else precise)

    @torch.no_grad()
    def update(self, number: Tensor, image: Tensor) -> None:
        """Count images (B, C, H, W) uint8 by their numbers (B,)."""
        given = {"pixels": image}
        if self.extractor is not None:
            given |= self.extractor(image)._asdict()
        for score in self.scores.values():
            score.update(number, given[score.needs])

    def sample_from(self, sampler: Sampler) -> None:
        """Let scores of the generator itself make samples of their own."""
        for score in self.scores.values():
            if isinstance(score, SamplerScore):
                score.sample_from(sampler)

    def compute(self) -> dict[str, float]:
        """The scores by full name, over the images of all processes, or of this one if the real side says so."""
        return {self.full_names[name]: score.compute() for name, score in self.scores.items()}

    def detail(self) -> dict[str, Any]:
        """What is behind the last numbers: `swd_by_level`."""
        return {f"{name}_{key}": value for name, score in self.scores.items() for key, value in score.detail.items()}

    def of(self, images: Images, change: Callable[[Tensor], Tensor]) -> dict[str, float]:
        """The scores of a data set's images (B, C, H, W) uint8 after some change, in this process."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.reset(device)
        numbers = torch.arange(len(images)).split(BATCH)
        draws = [Draw(part.tolist(), 0) for part in numbers]
        for number, (image, _) in zip(numbers, loader(images, draws, self.num_workers), strict=True):
            self.update(number, change(quantise(image)).to(device))
        return self.compute()


def full_name(name: str, score: Score, extractor: Any) -> str:
    """What a score is called in logs: with the extractor's name behind it if it uses one."""
    return name if score.needs == "pixels" else f"{name}_{extractor.name}"
