"""One page that shows runs side by side, and needs nothing but itself."""

import html
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from gan_lightning.counting import evenly
from gan_lightning.diagnosis import Finding, diagnosed
from gan_lightning.report.held_out import held_out
from gan_lightning.report.pictures import Pictures
from gan_lightning.report.table import (
    measure_columns,
    monitored,
    over_seeds,
    protocol_letters,
    protocol_text,
    score_columns,
    setting_columns,
    table,
)
from gan_lightning.runs import settings
from gan_lightning.runs.found import Run, printable

POINTS = 200
"""Of a curve; longer ones are thinned out evenly."""
SCRIPTS = ("report.js", "tables.js", "curves.js", "diagnosis.js", "samples.js", "held_out.js")
MARK = b"<!-- written by gan-report -->"
"""On the first line of a page."""


def page(runs: Sequence[Run], title: str) -> str:
    """The page's HTML, with style, scripts, data and pictures inside."""
    assets = files("gan_lightning.report") / "assets"
    return Template((assets / "page.html").read_text()).substitute(
        title=html.escape(title),
        style=(assets / "page.css").read_text(),
        data=_embedded(contents(runs, title)),
        script="\n".join((assets / name).read_text() for name in SCRIPTS),
    )


def contents(runs: Sequence[Run], title: str) -> dict[str, Any]:
    """Everything the page shows, as plain data."""
    frame = table(runs)
    names, scores, measures = setting_columns(frame), score_columns(frame), measure_columns(frame)
    letters = protocol_letters(frame.protocol)
    indices = {protocol: i for i, protocol in enumerate(letters)}
    means = over_seeds(frame)
    pictures = Pictures()
    snapshots = pictures.of(runs)
    translated = held_out(runs)
    scored = {name.partition(".")[2] for name in scores}
    return {
        "title": title,
        "common": settings.in_common(runs),
        "settings": [{"name": name, "short": short} for name, short in settings.shortened(names).items()],
        "scores": scores,
        "measures": measures,
        "monitor": next((name for name, _ in map(monitored, runs) if name), None),
        "curves": _ordered({name for run in runs for name in run.curves}, scored),
        "protocols": [{"letter": letter, "text": protocol_text(protocol)} for protocol, letter in letters.items()],
        "runs": [
            {
                "name": str(number) if "=" in run.name else run.name,  # a sweep's job has its settings as its name
                "folder": printable(str(run.folder)),
                "group": row["group"],
                "settings": [row[name] for name in names],
                "state": run.state,
                "problem": run.problem,
                "diagnosis": [_as_plain(finding) for finding in diagnosed(run)],
                "protocol": indices.get(row["protocol"]),
                "scores": {name: row[name] for name in scores},
                "measures": {name: row[name] for name in measures},
                "curves": {name: _thinned(points) for name, points in run.curves.items()},
                "snapshots": shots,
                "grids": len(run.samples),
                "held_out": [{"seen": seen, "names": names, "pictures": shown} for seen, names, shown in moments],
            }
            for number, (run, row, shots, moments) in enumerate(
                zip(runs, frame.to_dict("records"), snapshots, translated, strict=True)
            )
        ],
        "groups": [
            {
                "group": row["group"],
                "settings": [row.get(name) for name in names],
                "runs": row["runs"],
                "protocol": indices.get(row["protocol"]),
                "scores": {name: [row[f"{name}.{what}"] for what in ("mean", "std", "n")] for name in scores},
            }
            for row in means.to_dict("records")
        ],
        "pictures": pictures.uris,
        "left_out": pictures.left_out,
    }


def _as_plain(finding: Finding) -> dict[str, Any]:
    return {
        "name": finding.name,
        "numbers": printable(finding.numbers),
        "advice": finding.advice,
        "by": finding.sources,
    }


def _ordered(names: Iterable[str], scored: set[str]) -> dict[str, list[str]]:
    """Curves by kind, for a menu."""
    kinds: dict[str, list[str]] = {"Scores": [], "Losses": [], "Other": []}
    for name in sorted(names):
        kinds["Scores" if name in scored else "Losses" if name.startswith("loss_") else "Other"].append(name)
    return kinds


def _thinned(points: Mapping[float, float]) -> list[tuple[float, float]]:
    """Evenly, with the last point, and the first one that is not a number."""
    items = list(points.items())
    kept = set(evenly(len(items), POINTS))
    kept.update([i for i, (_, value) in enumerate(items) if not math.isfinite(value)][:1])
    return [items[i] for i in sorted(kept)]


def _embedded(data: Any) -> str:
    """JSON that stays inside its script element, whatever text is in it."""
    text = json.dumps(_plain(data), allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _plain(node: Any) -> Any:
    """Anything but a number becomes null, and numbers lose the digits that nobody sees."""
    if isinstance(node, Mapping):
        return {str(key): _plain(child) for key, child in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(child) for child in node]
    if isinstance(node, float):
        if not math.isfinite(node):
            return None
        return int(node) if node.is_integer() and abs(node) < 1e15 else float(f"{node:.6g}")
    return node
