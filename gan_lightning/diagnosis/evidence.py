"""The numbers of a run that a diagnosis looks at."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from gan_lightning.diagnosis.alike import Alike, alike
from gan_lightning.runs.found import Run
from gan_lightning.runs.reading import is_number


@final
@dataclass(frozen=True)
class Evidence:
    """What a run's folder tells, as numbers.

    Attributes:
        state, problem: as of `Run`.
        curves: what was logged while training, by name and images seen.
        history: each score by images seen, in the order of time.
        higher_is_better: of each score.
        real: the same scores of held-out real images.
        destroyed: of noise and of real images with shuffled pixels, the better value of each score.
        detail: what is behind the last scores, as `samples_at_mode`.
        training_images: how many there are; None if unknown.
        loss: the name of the class of the adversarial loss; empty if unknown.
        images_from_noise: whether samples are these, and neither translations, points nor sequences.
        num_modes: of a toy mixture; None for other data.
        alike: pairs of samples in the last grid that look alike; None without such a grid.
        perfect: how far perfect samples would be from the real images, by how far the held-out ones are. Below 1 where
            fewer were held out than samples are scored: distances of few images are larger.
        config: of the run, which says what advice it could follow.
    """

    state: str
    problem: str
    curves: Mapping[str, Mapping[float, float]]
    history: Mapping[str, Mapping[int, float]]
    higher_is_better: Mapping[str, bool]
    real: Mapping[str, float]
    destroyed: Mapping[str, float]
    detail: Mapping[str, Any]
    training_images: int | None
    loss: str
    images_from_noise: bool
    num_modes: int | None
    alike: Alike | None
    perfect: float = 1.0
    config: Mapping[str, Any] = field(default_factory=dict)

    def last(self, kind: str) -> dict[str, float]:
        """The last values of all scores of a kind: of `fid`, those of `fid_classifier` and `fid_inception`."""
        return {name: list(points.values())[-1] for name, points in self.history.items() if is_of(name, kind)}

    def end(self, curve: str, share: float = 0.25) -> list[float]:
        """The finite values in the last part of a curve; none if it was not logged."""
        points = [value for value in self.curves.get(curve, {}).values() if math.isfinite(value)]
        return points[math.floor(len(points) * (1 - share)) :]


def is_of(score: str, kind: str) -> bool:
    """Whether a score is of a kind: `fid_classifier` and `fid_classifier_a2b` are of `fid`."""
    return score == kind or score.startswith(f"{kind}_")


def evidence(run: Run) -> Evidence:
    """The numbers in a run's folder, as far as they can be read; whatever is damaged counts as not there."""
    lines = list(run.scores.values())
    last = lines[-1] if lines else {}
    better = {name: higher for name, higher in _mapping(last, "higher_is_better").items() if isinstance(higher, bool)}
    history = {
        name: {seen: float(line[name]) for seen, line in run.scores.items() if _is_finite(line.get(name))}
        for name in better
    }
    callbacks, spec = (_mapping(run.config, part) for part in ("callbacks", "spec"))
    samples = _mapping(callbacks, "samples")
    columns, size = samples.get("columns"), spec.get("size")
    is_grid = str(samples.get("_target_")).endswith(".SampleGrid") and run.samples
    references = _mapping(last, "references")
    destroyed = [_numbers(references, name) for name in ("shuffled", "noise")]
    modes = _mapping(last, "protocol").get("num_modes")
    return Evidence(
        state=run.state,
        problem=run.problem,
        curves=run.curves,
        history={name: points for name, points in history.items() if points},
        higher_is_better=better,
        real=_numbers(references, "real"),
        destroyed={
            name: max(values) if better[name] else min(values)
            for name in better
            if (values := [found[name] for found in destroyed if name in found])
        },
        detail={name: value for name, value in last.items() if name not in better},
        training_images=size if isinstance(size, int) else None,
        loss=str(_mapping(run.config, "loss").get("_target_", "")).rpartition(".")[2],
        images_from_noise="num_classes" in spec and spec.get("kind", "images") == "images",
        num_modes=modes if isinstance(modes, int) else None,
        alike=alike(run.folder, run.samples[max(run.samples)], columns)
        if is_grid and isinstance(columns, int)
        else None,
        perfect=_perfect(_numbers(last, "protocol"), _numbers(last, "reference_images")),
        config=run.config,
    )


def _perfect(protocol: Mapping[str, float], compared: Mapping[str, float]) -> float:
    """See `Evidence`; a Frechet distance of N images to M others has a bias proportional to 1/N + 1/M."""
    counts = [protocol.get("num_fake", 0), protocol.get("num_real", 0)]
    counts += [compared.get("scored", 0), compared.get("against", 0)]
    if min(counts) <= 0:  # of an earlier version
        return 1.0
    fake, real, scored, against = (1 / count for count in counts)
    return min(1.0, (fake + real) / (scored + against))


def _mapping(node: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = node.get(key)
    return found if isinstance(found, dict) else {}


def _numbers(node: Mapping[str, Any], key: str) -> dict[str, float]:
    return {name: float(value) for name, value in _mapping(node, key).items() if _is_finite(value)}


def _is_finite(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)
