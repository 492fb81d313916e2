"""What scores can tell: beside those of real and destroyed images, and in words."""

from collections.abc import Mapping

from gan_lightning.metrics.references import COPY, NOISE, REAL, SHUFFLED, References

_HEADINGS = {REAL: "real", COPY: "unchanged", SHUFFLED: "shuffled", NOISE: "noise"}
_DESTROYED = {SHUFFLED: "real images with shuffled pixels score", NOISE: "noise scores"}
_ALARMS = ("nn_ratio_", "copied_", "authenticity_", "ct_")
"""Scores that only detect copies. Their best value says nothing about quality: noise reaches it too."""
_LOW_WITHOUT_COPIES = ("class_kl", "mifid_")
"""Samples that were asked for classes show them evenly; copies raise MiFID."""
WITHOUT_A_BEST = (*_ALARMS, "ms_ssim", "ppl_")
"""Scores that only give the alarm: no value of them is better than that of real images."""


def score_table(models: Mapping[str, Mapping[str, float]], found: References) -> str:
    """The scores of some models, a line for each score, beside what images score that no model made.

    Args:
        models: by the name that heads a column, the scores by name.
        found: the same scores of real and of destroyed images.
    """
    columns = {**models, **{_HEADINGS[name]: found[name] for name in _HEADINGS if name in found}}
    rows = [["", *columns]] if len(columns) > 1 else []
    for score in next(iter(models.values())):
        cells = [f"{scores[score]:.4f}" if score in scores else "-" for scores in columns.values()]
        rows.append([score, *cells])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for name, *cells in rows:
        aligned = [f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True)]
        lines.append("  ".join([f"{name:{widths[0]}}", *aligned]))
    return "\n".join(lines)


def why_uninformative(score: str, found: References, higher_is_better: bool) -> str | None:
    """Why a score hardly tells real images from destroyed ones, as a sentence; None if it tells them apart.

    A Frechet distance does not if shuffled pixels or noise score within five times of what real images do, or if one of
    the two scores ten times better than the other: then its features see colours alone, for instance, where these tell
    the classes apart. Other scores of which a higher value is better do not if shuffled pixels or noise score 80 % of
    what real images do; where a lower one is better, if one of them scores within twice of that.
    """
    destroyed = {name: found[name][score] for name in _DESTROYED if score in found.get(name, {})}
    if not destroyed:
        return None
    real = found.get(REAL, {}).get(score)
    lowest, highest = min(destroyed.values()), max(destroyed.values())
    if score.startswith("fid_"):
        blind = lowest <= 5 * (real or 0) or lowest < 0.1 * highest  # `real` is None for too few held-out images
    elif higher_is_better:
        blind = real is not None and highest > 0.8 * real
    else:
        blind = real is not None and lowest <= 2 * real
    if not blind:
        return None
    name = _best(destroyed, higher_is_better)
    compared = "" if real is None else f", real images {real:.3f}"
    why = (
        "the images are too few, or hardly more than noise"
        if score.startswith("swd")
        else "its features see little but what distinguishes the classes, or there are too few images"
    )
    return f"{score} says little about these data: {_DESTROYED[name]} {destroyed[name]:.3f}{compared}; {why}"


def caveats(
    values: Mapping[str, float], found: References, higher_is_better: Mapping[str, bool], translated: bool = False
) -> list[str]:
    """What a reader may conclude from the scores of a model, and what not; a sentence for each score that needs one.

    Args:
        values: by the name of each score.
        found: the same scores of real and of destroyed images.
        higher_is_better: of each score.
        translated: whether the model translates held-out pictures, whose translations may resemble other held-out ones.
    """
    sentences = []
    for score, value in values.items():
        if score == "ms_ssim":  # noise is as diverse as can be
            continue
        destroyed = {name: found[name][score] for name in _DESTROYED if score in found.get(name, {})}
        higher = higher_is_better[score]
        little = why_uninformative(score, found, higher)
        if little is not None:
            sentences.append(f"{little}; look at the pictures")
            continue
        name = _best(destroyed, higher) if destroyed else None
        real = found.get(REAL, {}).get(score)
        if score.startswith(_ALARMS):
            copies = None if real is None else why_copies(score, value, real)
            sentences += [] if copies is None else [copies]
        elif name is not None and _better(destroyed[name], value, higher):
            guesses = score.startswith("class_accuracy")
            sentences.append(
                f"{score}: {_DESTROYED[name]} better ({destroyed[name]:.3f}) than this model ({value:.3f}), "
                + (
                    "which guesses the class if it takes no labels"
                    if guesses
                    else "whose images are still far from real ones"
                )
            )
        elif (
            real is not None
            and not higher
            and value < real
            and not score.startswith(_LOW_WITHOUT_COPIES)
            and not translated
        ):
            sentences.append(
                f"{score}: this model ({value:.3f}) scores better than other real images do ({real:.3f}), which may "
                "mean that it repeats training images, or that fewer real images were held out than it made"
            )
    return sentences


def why_copies(score: str, value: float, real: float) -> str | None:
    """Why a score tells of copies of training images, as a sentence; None if it tells of none, or of something else.

    Args:
        score: its name.
        value: of the model.
        real: of held-out images.
    """
    copies = {
        "nn_ratio_": value < 0.5 * real,
        "copied_": value > max(0.1, 5 * real),
        "authenticity_": value < 0.5 * real,
        "ct_": value < min(-3, real - 3),
    }
    if not any(alarm and score.startswith(stem) for stem, alarm in copies.items()):
        return None
    return (
        f"{score}: samples are nearer to training images ({value:.3f}) than held-out images are ({real:.3f}); the "
        "model repeats training images"
    )


def _best(destroyed: Mapping[str, float], higher_is_better: bool) -> str:
    return (max if higher_is_better else min)(destroyed, key=lambda name: destroyed[name])


def _better(one: float, other: float, higher_is_better: bool) -> bool:
    return one > other if higher_is_better else one < other
