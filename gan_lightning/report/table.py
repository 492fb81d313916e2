"""Runs as a table, and their scores over seeds."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from gan_lightning.errors import SettingError
from gan_lightning.runs import settings
from gan_lightning.runs.found import Run, find_runs, printable
from gan_lightning.runs.reading import is_number
from gan_lightning.runs.spreadsheet import measures

BEFORE = ["run", "group"]
"""Columns before the settings."""
AFTER = ["state", "problem", "protocol"]
"""Columns between settings and scores."""
SCORED_AT = "scored_at"
"""The first of the columns behind the scores."""
_TAKEN = {*BEFORE, *AFTER, SCORED_AT, "images_seen", "seconds", "images_per_second", "runs"}
_PREFIXES = ("last.", "best.", "parameters.")
"""Names that no setting of ours has, but one of a foreign file may, and how such names begin."""


def load_runs(*folders: str | Path) -> pd.DataFrame:
    """All runs in or below some folders, a row each.

    Columns:
        run: its folder below the one that was given.
        group: a number that runs share which differ in their seed only.
        the settings in which the runs differ, by their full dotted names (`model.optimisation.generator.lr`), `seed`
            last; `default` is a group that was not chosen.
        state: `finished`, `running`, `interrupted`, `failed`, `diverged` (a loss or score was not finite),
            `incomplete` (a file is missing or damaged) or `unknown` (no `status.json`).
        problem: a sentence, if something went wrong.
        protocol: how the scores were made, as JSON; scores of two protocols cannot be compared.
        last.SCORE: at the last validation.
        best.SCORE: at the validation whose monitored score was best, which `checkpoints/best.ckpt` is from.
        scored_at: images seen at the last validation.
        images_seen, seconds, images_per_second: of the whole run.
        parameters.PLAYER: how many the network of each player has, a column for every player of any of the runs.

    Raises:
        SettingError: a folder does not exist, or there is no run below any.
    """
    return table(find_runs(*folders))


def table(runs: Sequence[Run]) -> pd.DataFrame:
    """Runs, a row each, as `load_runs` describes."""
    differing = {
        name: values
        for name, values in settings.columns(runs).items()
        if name not in _TAKEN and not name.startswith(_PREFIXES)
    }
    scored = [_scores(run) for run in runs]
    names = list(dict.fromkeys(name for scores in scored for name in scores))
    frame = pd.DataFrame(
        {
            "run": [run.name for run in runs],
            "group": settings.groups(runs),
            # Whole numbers stay whole beside runs that lack the setting.
            **{name: pd.Series(values, dtype=object if None in values else None) for name, values in differing.items()},
            "state": [run.state for run in runs],
            "problem": [run.problem for run in runs],
            "protocol": [_protocol(run) for run in runs],
            **{name: [scores.get(name, math.nan) for scores in scored] for name in names},
        }
    )
    return pd.concat([frame, pd.DataFrame(_measures(runs), dtype=float)], axis=1)


def setting_columns(frame: pd.DataFrame) -> list[str]:
    """The names of a table's settings."""
    return list(frame.columns[len(BEFORE) : frame.columns.get_loc(AFTER[0])])


def score_columns(frame: pd.DataFrame) -> list[str]:
    """The names of a table's scores, `last.` ones before `best.` ones."""
    return list(frame.columns[frame.columns.get_loc(AFTER[-1]) + 1 : frame.columns.get_loc(SCORED_AT)])


def measure_columns(frame: pd.DataFrame) -> list[str]:
    """The names of what a table says of whole runs."""
    return list(frame.columns[frame.columns.get_loc(SCORED_AT) :])


def over_seeds(frame: pd.DataFrame) -> pd.DataFrame:
    """Mean, standard deviation and number over the runs that differ in their seed only, a row for each such group.

    Only runs that are through count: `finished`, or `unknown` but scored as late as the last of their group; and only
    scores that are finite. Runs of one group that were scored by different protocols are rows of their own.

    Columns: `group`; the settings but for the seed; `runs`, how many there are, also those that do not count;
    `protocol`; and for every score `SCORE.mean`, `SCORE.std` (of the sample, so with n - 1; NaN of a single run) and
    `SCORE.n`, of how many runs.

    Args:
        frame: what `load_runs` returned, or some rows of it.
    """
    shown = [name for name in setting_columns(frame) if name != "seed"]
    # A run without scores is listed with the others of its group.
    protocol = frame.protocol.where(frame.protocol != "")
    protocol = protocol.fillna(protocol.groupby(frame.group).transform("first")).fillna("")
    keys = [frame.group, protocol]
    finished = frame.state == "finished"  # maybe sooner than others, as with early stopping
    through = finished | (frame.state == "unknown")
    through &= finished | (frame.scored_at == frame.scored_at.where(through).groupby(keys, sort=False).transform("max"))

    parts = [frame[shown].groupby(keys, sort=False).first(), frame.groupby(keys, sort=False).size().rename("runs")]
    for name in score_columns(frame):
        counted = frame[name].where(through & (frame[name].abs() < math.inf)).groupby(keys, sort=False)
        parts += [counted.mean().rename(f"{name}.mean"), counted.std().rename(f"{name}.std")]
        parts += [counted.count().rename(f"{name}.n")]
    made = pd.concat(parts, axis=1).copy().reset_index()  # copied into one block, which pandas wants of many columns
    return made[["group", *shown, "runs", "protocol", *made.columns[len(shown) + 3 :]]]


def markdown(frame: pd.DataFrame, scores: Sequence[str]) -> str:
    """The means over seeds as a Markdown table, with a line below it for each protocol.

    Args:
        frame: what `load_runs` returned.
        scores: which to show, such as `last.fid_classifier`; all of the last ones if there are none.

    Raises:
        SettingError: no such score.
    """
    known = score_columns(frame)
    for name in scores:
        if name not in known:
            raise SettingError(f"--scores {name}: these runs have {', '.join(known) or 'no scores'}")
    scores = list(scores) or [name for name in known if name.startswith("last.")]
    means = over_seeds(frame)
    shown = [name for name in setting_columns(frame) if name != "seed"]
    letters = protocol_letters(means.protocol)
    head = [*settings.shortened(shown).values(), "runs", *scores]
    lines = [_row(head), _row(["---"] * len(head))]
    for row in means.to_dict("records"):
        mark = f" [{letters[row['protocol']]}]" if row["protocol"] and len(letters) > 1 else ""
        cells = [f"`{row[name]}`" for name in shown] + [str(row["runs"])]
        lines.append(_row(cells + [_mean(row, name) + mark for name in scores]))
    notes = [
        f"{f'[{letter}] ' if len(letters) > 1 else 'Protocol: '}{protocol_text(protocol)}"
        for protocol, letter in letters.items()
    ]
    if len(letters) > 1:
        notes.append("Scores of different protocols cannot be compared.")
    return "\n".join([*lines, "", *(f"{note}  " for note in notes)]).rstrip()


def protocol_letters(protocols: Sequence[str]) -> dict[str, str]:
    """A letter, or more than one after z, for each protocol that occurs, in that order."""
    found = dict.fromkeys(protocol for protocol in protocols if protocol)
    return {protocol: chr(97 + i % 26) * (i // 26 + 1) for i, protocol in enumerate(found)}


def protocol_text(protocol: str) -> str:
    """A protocol's JSON for people."""
    return printable(_listed(json.loads(protocol), _with_parts))


def _with_parts(value: Any) -> str:
    return f"({_listed(value, str)})" if isinstance(value, dict) else str(value)


def _listed(facts: Mapping[str, Any], words: Callable[[Any], str]) -> str:
    """Facts as `name value, name value`; what is null is left out."""
    return ", ".join(f"{name} {words(value)}" for name, value in facts.items() if value is not None)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(printable(cell).replace('|', '&#124;') for cell in cells)} |"


def _mean(row: dict[str, Any], name: str) -> str:
    mean, std, n = (row[f"{name}.{what}"] for what in ("mean", "std", "n"))
    if not n:
        return "-"
    size = math.floor(math.log10(abs(mean))) if mean and math.isfinite(mean) else 0
    form = f".{max(0, 2 - size)}f" if -6 < size < 9 else ".3g"
    text = f"{mean:{form}}" + (f" ± {std:{form}}" if n > 1 else "")
    return text if n == row["runs"] else f"{text} ({n} of {row['runs']})"


def _protocol(run: Run) -> str:
    return json.dumps(list(run.scores.values())[-1].get("protocol", {}), sort_keys=True) if run.scores else ""


def _scores(run: Run) -> dict[str, float]:
    """Scores of the last validation, and of the one that was best by the monitored score."""
    if not run.scores:
        return {}
    lines = list(run.scores.values())
    names = [name for name in lines[-1] if name != "images_seen" and is_number(lines[-1][name])]
    found = {f"last.{name}": float(lines[-1][name]) for name in names}
    monitor, mode = monitored(run)
    alike = [
        line
        for line in lines
        if line.get("protocol") == lines[-1].get("protocol")
        and is_number(line.get(monitor))
        and math.isfinite(line[monitor])
    ]
    if alike:
        best = (max if mode == "max" else min)(alike, key=lambda line: line[monitor])
        found |= {f"best.{name}": float(best[name]) for name in names if is_number(best.get(name))}
    return found


def monitored(run: Run) -> tuple[str, str]:
    """The score that chose `best.ckpt`, and whether `min` or `max` is best; an empty name if none did."""
    callbacks = run.config.get("callbacks")
    best = callbacks.get("best") if isinstance(callbacks, dict) else None
    return (str(best.get("monitor", "")), str(best.get("mode", "min"))) if isinstance(best, dict) else ("", "min")


def _measures(runs: Sequence[Run]) -> dict[str, list[Any]]:
    made = measures([run.status for run in runs])
    for i, run in enumerate(runs):
        if run.status is None:  # the log knows it as well
            made["images_seen"][i] = max((max(points) for points in run.curves.values()), default=None)
    return {SCORED_AT: [max(run.scores, default=None) for run in runs], **made}
