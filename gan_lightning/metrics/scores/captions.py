"""Whether samples show what their captions say."""

from typing import Any, final

import torch
from torch import Tensor
from torchmetrics import Metric

from gan_lightning.data import NOT_SAID
from gan_lightning.metrics.extractors.classifier import ClassifierExtractor
from gan_lightning.metrics.real_side import RealSide
from gan_lightning.metrics.score import Score


@final
class Agreement(Metric):
    """How often each of A options is asked for, and how often it is then seen; sums, which do not grow with samples.

    Args:
        options: A.
        alone: whether `compute` counts the samples of this process only.

    >>> agreement = Agreement(options=2)
    >>> agreement.update(torch.tensor([[0, 1], [2, -1]]), torch.tensor([[0, 0], [2, 1]]))
    >>> agreement.compute()
    tensor([[2, 1],
            [2, 0]])
    """

    full_state_update = False
    counts: Tensor

    def __init__(self, options: int, alone: bool = False) -> None:
        super().__init__(sync_on_compute=not alone)
        self.add_state("counts", torch.zeros(2, options, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, said: Tensor, seen: Tensor) -> None:
        """Count samples by the values (B, A) that captions say, or `NOT_SAID`, and by those (B, A) that are seen."""
        asked = said != NOT_SAID
        self.counts += torch.stack([asked.sum(0), ((said == seen) & asked).sum(0)]).to(self.counts.device)

    def compute(self) -> Tensor:
        """The numbers (2, A) of samples that were asked for each option, and of those that show it."""
        return self.counts


@final
class CaptionAccuracy(Score):
    """The share of samples in which a classifier sees what their caption says, as the mean over all options.

    A sample counts for the options that its caption names and for no others. Of real held-out images it is the
    classifier's own accuracy: `detail` has it by option beside that of the samples.

    Args:
        unseen: look at captions of combinations that training never shows, instead of those that it does.
    """

    needs = "features"
    higher_is_better = True

    def __init__(self, unseen: bool) -> None:
        self.unseen = unseen

    def lacks(self, real: RealSide) -> str | None:
        if real.captions is None:
            return "needs captions, and nobody wrote any for these images; choose dataset=avatars_captions"
        if not isinstance(real.extractor, ClassifierExtractor):
            return "needs a network that knows the options of captions; choose extractor=classifier"
        if not bool((real.captions.unseen[: real.num_fake] == self.unseen).any()):
            which = "never shows" if self.unseen else "shows"
            return f"needs captions of combinations that training {which}, and there are none; leave it out"
        return None

    def begin(self, real: RealSide) -> None:
        assert real.captions is not None
        assert isinstance(real.network, ClassifierExtractor)
        self.asked, self.classifier = real.captions, real.network
        self.names = [option.attribute for option in self.asked.options]
        self.counts = Agreement(len(self.names), real.alone)
        self.own: list[float] = []
        if real.held is not None and real.held.captions is not None:
            shown = real.held.captions.shown_in(real.held.attributes)
            features = real.features_of(real.held).to(next(self.classifier.parameters()).device)
            self.own = (self._seen(features) == shown.said)[shown.unseen == self.unseen].float().mean(0).tolist()

    def reset(self, device: torch.device) -> None:
        self.counts.to(device).reset()
        # torchmetrics computes nothing on a process that has never counted, and the others would wait for it.
        nothing = torch.zeros(0, len(self.names), dtype=torch.long)
        self.counts.update(nothing, nothing)

    def update(self, number: Tensor, values: Tensor) -> None:
        asked = self.asked.at(number.cpu() % len(self.asked.unseen))
        chosen = asked.unseen == self.unseen
        self.counts.update(asked.said[chosen], self._seen(values)[chosen])

    def compute(self) -> float:
        every, right = self.counts.compute().cpu().double()
        shares = right / every
        there = every > 0
        by_option = {name: float(share) for name, share, said in zip(self.names, shares, there, strict=True) if said}
        self.detail = {"by_option": by_option, "real": dict(zip(self.names, self.own, strict=False))}
        return float(shares[there].mean())

    def _seen(self, features: Tensor) -> Tensor:
        """The values (B, A) of all options that the classifier sees in images with these features."""
        columns = []
        for option in self.asked.options:
            head: Any = self.classifier.head(option.attribute)
            columns.append(torch.tensor(option.of_class)[head(features.to(head.weight.dtype)).argmax(1).cpu()])
        return torch.stack(columns, 1)
