"""The page `diagnosis.md` of a run: what its numbers show, what to try, and the papers that say so."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from gan_lightning.counting import counted
from gan_lightning.diagnosis.advice import possible
from gan_lightning.diagnosis.evidence import Evidence, evidence
from gan_lightning.diagnosis.findings import Finding
from gan_lightning.diagnosis.samples import collapsed, copied, dropped, like_noise, not_measured
from gan_lightning.diagnosis.training import became_worse, discriminator_won, diverged, not_finished, oscillating
from gan_lightning.errors import FaultError
from gan_lightning.files import write_whole
from gan_lightning.runs.found import Run, find_runs

log = logging.getLogger(__name__)

FILE = "diagnosis.md"
RULES: Sequence[Callable[[Evidence], Finding | None]] = (
    diverged,
    like_noise,
    collapsed,
    dropped,
    copied,
    discriminator_won,
    oscillating,
    became_worse,
    not_finished,
)
"""The most serious first."""
_PICTURES = ("curves.png", "training.png")


def diagnosed(run: Run) -> list[Finding]:
    """What the numbers of a run show, the most serious first; nothing where all that was measured is well."""
    return _findings(evidence(run))


def write_diagnosis(run_dir: Path) -> list[Finding]:
    """Write the page into the folder of a run that has ended, and return what it says. An earlier page is replaced.

    If the file cannot be written, a warning says so: a run that is good stays good.
    """
    (run,) = find_runs(run_dir)
    numbers = evidence(run)
    found = _findings(numbers)
    try:
        write_whole(run_dir / FILE, _page(run, numbers, found).encode(errors="replace"))
    except FaultError as error:
        log.warning("%s", error)
    return found


def _findings(numbers: Evidence) -> list[Finding]:
    found = [finding for rule in RULES if (finding := rule(numbers)) is not None]
    return [finding._replace(advice=possible(finding.advice, numbers.config)) for finding in found]


def _page(run: Run, numbers: Evidence, found: Sequence[Finding]) -> str:
    last = f"samples/{run.samples[max(run.samples)].name}" if run.samples else ""
    pictures = [name for name in (*_PICTURES, last) if name and (run.folder / name).is_file()]
    measured = numbers.curves or numbers.history or numbers.alike
    well = "nothing conspicuous" if measured else "nothing was measured"
    parts = [f"# Diagnosis: {', '.join(finding.name for finding in found) or well}", _scope(numbers)]
    parts += [_section(finding) for finding in found]
    missing = not_measured(numbers)
    if missing:
        parts.append(
            f"## Not measured\n\nThis run has no numbers for: {', '.join(missing)}. `metrics=full` in a run, or "
            "`gan-evaluate checkpoint=RUN metrics=full`, measures them."
        )
    parts += [f"![{name}]({name})" for name in pictures]
    return "\n\n".join(parts) + "\n"


def _scope(numbers: Evidence) -> str:
    """What the page is made of."""
    scores = ", ".join(f"{name} {list(points.values())[-1]:.4g}" for name, points in numbers.history.items())
    looked = [counted(len(numbers.curves), "curve") + " of the log", f"scores ({scores or 'none'})"]
    looked += [f"{numbers.alike.images} samples of the last grid"] if numbers.alike is not None else []
    return (
        f"From {', '.join(looked)}. A finding is a suspicion, not a proof: look at its numbers and at the pictures. "
        "The thresholds are in `gan_lightning/diagnosis/thresholds.py`."
    )


def _section(finding: Finding) -> str:
    lines = [f"## {finding.name[:1].upper()}{finding.name[1:]}", "", finding.numbers]
    if finding.advice:
        lines += ["", "Worth trying:", "", *(f"- {advice}" for advice in finding.advice)]
    lines += ["", *(f"Source: {source}  " for source in finding.sources)] if finding.sources else []
    return "\n".join(lines).rstrip()
