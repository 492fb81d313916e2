"""Rules about the course of a run: whether the players keep a balance, and whether it was long enough.

Each rule looks at the evidence and returns a finding, or None if it sees nothing.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median, stdev
from typing import Any

from gan_lightning.diagnosis import sources, thresholds
from gan_lightning.diagnosis.evidence import Evidence, is_of
from gan_lightning.diagnosis.findings import Finding, sentence


def diverged(run: Evidence) -> Finding | None:
    """A loss or score that has become NaN or infinite."""
    if run.state != "diverged":
        return None
    advice = (
        "`lr=2e-4`, or a tenth of the rate that the run had",
        "`model.optimisation.gradient_clip_norm=1`, a bound for each step",
        "`penalty=r1 critic_norm=none`, which keeps D's gradients small",
    )
    return Finding("the run diverged", f"{run.problem}.", advice, (sources.R1,))


def discriminator_won(run: Evidence) -> Finding | None:
    """A discriminator that knows every sample, while G does not improve."""
    real, fake, loss = (run.end(name) for name in ("logit_real", "logit_fake", "loss_discriminator"))
    if not (real and fake and loss) or _improved_late(run):
        return None
    logits = f"at the end, D's logits are {median(real):.2f} for real images and {median(fake):.2f} for samples"
    if run.loss in thresholds.LOGISTIC and median(fake) < thresholds.SURE_OF_FAKES:
        taken = 1 / (1 + math.exp(-max(median(fake), -700)))
        seen = f"{logits}, so that it takes {taken:.2%} of them for real"
    elif run.loss in thresholds.LOSS_OF_WINNER and median(loss) < thresholds.LOSS_OF_WINNER[run.loss]:
        seen = f"{logits}, and its loss is {median(loss):.3f}"
    else:
        return None
    seen += "; the scores hardly improved in the second half of the run" if _distances(run) else ""
    advice = (
        "`discriminator_lr=1e-4`, or a quarter of what it was",
        "`penalty=r1 critic_norm=none`: D's gradients stay useful where it is sure",
        "`augment=instance_noise`: real images and samples overlap",
        "`model=wgan_gp`, whose critic cannot be too good",
    )
    return Finding("the discriminator has won", sentence([seen]), advice, (sources.TOWARDS, sources.TTUR, sources.R1))


def oscillating(run: Evidence) -> Finding | None:
    """Scores or losses that get better and worse again, many times."""
    series = {
        name: (list(points.values()), 0.0)
        for name, points in run.history.items()
        if not any(is_of(name, kind) for kind in thresholds.AROUND_ZERO)
    }
    if run.loss in (*thresholds.LOGISTIC, *thresholds.LOSS_OF_WINNER):  # the losses of critics have no scale
        losses = ((name, run.end(name, share=1)) for name in ("loss_generator", "loss_discriminator"))
        series |= {name: _windows(values) for name, values in losses}
    seen = []
    for name, (whole, error) in series.items():
        values = whole[len(whole) // 4 :]  # a run begins with changes
        swings = _swings(values, error)
        if swings >= thresholds.FEWEST_SWINGS:
            seen.append(
                f"`{name}` went up or down {swings} times by more than {thresholds.SWING:.0%} of its median, "
                f"{median(values):.3f}, between {min(values):.3f} and {max(values):.3f}"
            )
    advice = (
        "a smaller `lr`, or `model.optimisation.schedule._target_=gan_lightning.models.LinearDecay`",
        "`penalty=r1 critic_norm=none`, with which GANs converge locally",
        "`model.optimisation.ema_decay=0.999`: samples come from an average of G over more steps",
        "`'model.optimisation.generator.betas=[0.0,0.99]'`, less momentum",
    )
    return Finding("training oscillates", sentence(seen), advice, (sources.R1, sources.AVERAGING)) if seen else None


def became_worse(run: Evidence) -> Finding | None:
    """A best score that was long before the end."""
    for name, points in _distances(run)[:1]:
        best = min(points, key=lambda seen: points[seen])
        end = list(points.values())[-1]
        if points[best] > 0 and end > thresholds.WORSE_THAN_BEST * points[best]:
            numbers = f"`{name}` was {points[best]:.3f} after {best:,} images and is {end:.3f} at the end"
            advice = (
                "the checkpoint `best.ckpt`, if it is from that time",
                "`augment=ada`, if D learns the training images by heart",
                "`model.optimisation.schedule._target_=gan_lightning.models.LinearDecay`",
            )
            return Finding("the run became worse", sentence([numbers]), advice, (sources.ADA,))
    return None


def not_finished(run: Evidence) -> Finding | None:
    """Scores that still improved at the end."""
    for name, points in _distances(run)[:1]:
        values = list(points.values())
        quarter = len(values) // 4
        if quarter and min(values[-quarter:]) < thresholds.STILL_IMPROVING * min(values[:-quarter]):
            before, after = min(values[:-quarter]), min(values[-quarter:])
            numbers = f"`{name}` fell from {before:.3f} to {after:.3f} in the last quarter of the run"
            larger = " and ".join(f"`{name}`" for name in _budgets(run.config))
            advice = (f"`resume=RUN` with a larger {larger}",)
            return Finding("the run still improves", sentence([numbers]), advice, ())
    return None


def _budgets(config: Mapping[str, Any]) -> list[str]:
    """What a run was to end by, of which the first one that is reached ends it; `max_images` where nobody knows."""
    trainer = config.get("trainer")
    epochs = trainer.get("max_epochs") if isinstance(trainer, Mapping) else None
    chosen = [name for name in ("max_images", "max_generator_steps", "max_time") if config.get(name) is not None]
    return [*chosen, *(["trainer.max_epochs"] if epochs not in (None, -1) else [])] or ["max_images"]


def _distances(run: Evidence) -> list[tuple[str, dict[int, float]]]:
    """Scores of which a lower value is better and 0 the best, over time."""
    names = [name for kind in ("fid", "reverse_kl", "l1", "swd") for name in run.last(kind)]
    return [(name, dict(run.history[name])) for name in names if len(run.history[name]) > 2]


def _improved_late(run: Evidence) -> bool:
    """Whether a distance was clearly lower in the second half of the run than in the first."""
    for _, points in _distances(run):
        values = list(points.values())
        half = len(values) // 2
        if min(values[half:]) < thresholds.STILL_IMPROVING * min(values[:half]):
            return True
    return False


def _windows(values: Sequence[float]) -> tuple[list[float], float]:
    """The means of consecutive parts of a curve, and their standard error; no means of a short curve."""
    size = max(thresholds.FEWEST_IN_WINDOW, len(values) // thresholds.WINDOWS)
    parts = [values[i : i + size] for i in range(0, len(values) - size + 1, size)]
    if not parts:
        return [], 0.0
    return [fmean(part) for part in parts], fmean(map(stdev, parts)) / math.sqrt(size)


def _swings(values: Sequence[float], error: float) -> int:
    """How often values went from a low to a high, or back, by much more than they vary from one to the next.

    Args:
        values: in the order of time.
        error: standard error of each.
    """
    if len(values) < thresholds.FEWEST_SWINGS or not median(values):  # what mostly is 0 has no scale
        return 0
    least = max(thresholds.SWING * abs(median(values)), thresholds.ERRORS * error)
    count, turn, direction = 0, values[0], 0.0
    for value in values[1:]:
        if direction and direction * (value - turn) >= 0:
            turn = value  # it goes on in the same direction
        elif abs(value - turn) > least:
            count, turn, direction = count + 1, value, value - turn
    return count
