"""Rules about samples: whether they are diverse, show all of the data, and are no copies.

Each rule looks at the evidence and returns a finding, or None if it sees nothing.
"""

from collections.abc import Sequence

from gan_lightning.counting import counted
from gan_lightning.diagnosis import sources, thresholds
from gan_lightning.diagnosis.evidence import Evidence
from gan_lightning.diagnosis.findings import Finding, sentence


def like_noise(run: Evidence) -> Finding | None:
    """Samples that score no better than noise, so that no other score of them means much."""
    seen = [
        f"`{name}` is {value:.3f}; noise, or real images with shuffled pixels, have {run.destroyed[name]:.3f}"
        for kind in ("fid", "swd")
        for name, value in run.last(kind).items()
        if name in run.destroyed and value >= run.destroyed[name]
    ]
    advice = (
        "a longer run, `max_images=160000` or more, if the scores still improve",
        "`lr=2e-4`, or the rates of the recipe without changes",
        "`real.png`: whether the data are what they should be",
    )
    return Finding("samples no better than noise", sentence(seen), advice, ()) if seen else None


def collapsed(run: Evidence) -> Finding | None:
    """Samples that are nearly the same image, or a few."""
    seen = []
    if run.alike is not None and run.alike.share >= thresholds.ALIKE:
        share, kinds = run.alike.share, counted(max(1, round(1 / run.alike.share)), "different image")
        pairs = f"of the pairs of the {run.alike.images} samples in the last grid look alike"
        seen.append(f"{share:.0%} {pairs}, as if there were about {kinds}")
    for value in run.last("modes").values():
        if run.num_modes is not None and 0 < value < thresholds.FEW_MODES * run.num_modes:
            seen.append(f"{value:.0f} of {run.num_modes} modes have samples")
    seen += _uncovered(run, thresholds.HARDLY_COVERED, thresholds.FEW_CLASSES)
    advice = (
        "`minibatch=standard_deviation` or `minibatch=discrimination`: D sees whether a batch is diverse",
        "`generator_penalty=mode_seeking`: G is punished if different noise gives the same image",
        "`penalty=r1 critic_norm=none` or `model=wgan_gp`: D changes less abruptly",
        "a `generator_lr` below the `discriminator_lr`",
    )
    papers = (sources.BIRTHDAY, sources.MINIBATCH, sources.MODE_SEEKING, sources.WGAN_GP)
    return Finding("mode collapse", sentence(seen), advice, papers) if seen else None


def dropped(run: Evidence) -> Finding | None:
    """Parts of the data that no sample resembles."""
    if collapsed(run) is not None:
        return None
    seen = []
    for value in run.last("modes").values():
        if run.num_modes is not None and value < run.num_modes:
            seen.append(f"{value:.0f} of {run.num_modes} modes have samples")
    seen += _uncovered(run, thresholds.LITTLE_COVERED, most_classes=1)
    advice = (
        "`minibatch=standard_deviation`: D sees whether a batch is diverse",
        "`generator_penalty=mode_seeking`: G is punished if different noise gives the same image",
        "a larger `dataset.batch_size`, which shows D more of the data at once",
        "`model=cgan`, where the data have classes: then none of them can be left out",
    )
    return Finding("dropped modes", sentence(seen), advice, (sources.MINIBATCH, sources.MODE_SEEKING)) if seen else None


def copied(run: Evidence) -> Finding | None:
    """Samples that are copies of training images."""
    seen = []
    for name, value in run.last("copied").items():
        real = run.real.get(name, 0.01)
        if value > max(thresholds.COPIED, 5 * real):
            seen.append(f"`{name}` is {value:.3f}, where {real:.3g} is that of held-out real images")
    seen += [
        f"`{name}` is {v:.3f}, where 1 is best" for name, v in run.last("nn_ratio").items() if v < thresholds.NEARER
    ]
    seen += [f"`{name}` is {v:.1f}, where 0 is best" for name, v in run.last("ct").items() if v < thresholds.COPYING_Z]
    for name, value, real in _beside_real(run, ("authenticity",)):
        if value < thresholds.FEWER_AUTHENTIC * real:
            seen.append(f"`{name}` is {value:.1f}; held-out real images have {real:.1f}")
    for name, value, real in _beside_real(run, ("fid", "swd")):
        if run.images_from_noise and value < thresholds.BETTER_THAN_REAL * run.perfect * real:
            seen.append(f"`{name}` is {value:.3f}, better than that of held-out real images, {real:.3f}")
    if seen and run.training_images is not None:
        seen.append(f"there are {counted(run.training_images, 'training image')}")
    advice = (
        "more training images, if there are any",
        "`augment=diffaugment` with `dataset.flip=true`: D cannot learn the images by heart",
        "`augment=ada`: the same, by as much as D needs",
        "`penalty=lecam`, a regulariser for few images",
        "a shorter run: copies appear late",
        "`gan-generate checkpoint=RUN show=neighbours`: see the nearest training images; scores alone prove nothing",
    )
    return (
        Finding("copies of training images", sentence(seen), advice, (sources.ADA, sources.DIFFAUGMENT, sources.LECAM))
        if seen
        else None
    )


def not_measured(run: Evidence) -> list[str]:
    """What the run has no numbers for, though `metrics=full` would give them."""
    if not run.images_from_noise:
        return []
    kinds = {
        "dropped modes": ("recall", "coverage", "classes_reached"),
        "copies of training images": ("copied", "nn_ratio", "ct", "authenticity"),
    }
    return [what for what, names in kinds.items() if not any(run.last(name) for name in names)]


def _uncovered(run: Evidence, least: float, most_classes: float) -> list[str]:
    """What scores say of parts of the data that no sample shows; nothing of samples that are like noise.

    Args:
        run: the numbers.
        least: share of the recall and coverage of real images, below which they count.
        most_classes: share of the classes that a classifier sees in real images, up to which they count.
    """
    if like_noise(run) is not None:
        return []
    names = run.detail.get("classes_reached_dropped")
    missing = list(map(str, names)) if isinstance(names, list) else []
    seen = [
        f"samples show {value:.0f} classes, and real images {real:.0f}; missing are {', '.join(missing[:10])}"
        for _, value, real in _beside_real(run, ("classes_reached",))
        if value < real and value <= most_classes * real
    ]
    return seen + [
        f"`{name}` is {value:.3f}; real images have {real:.3f}"
        for name, value, real in _beside_real(run, ("recall", "coverage"))
        if value < least * real
    ]


def _beside_real(run: Evidence, kinds: Sequence[str]) -> list[tuple[str, float, float]]:
    found = [(name, value) for kind in kinds for name, value in run.last(kind).items()]
    return [(name, value, run.real[name]) for name, value in found if run.real.get(name, 0) > 0]
