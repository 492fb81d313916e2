"""What gan-evaluate found, for the terminal, for a paper and for programs.

All functions take the lines of `scores.jsonl` by what was scored. The lines of one call of gan-evaluate have the same
scores, protocol and references.
"""

import json
from collections.abc import Mapping
from typing import Any

from gan_lightning.metrics.judgement import WITHOUT_A_BEST, caveats, score_table
from gan_lightning.metrics.references import COPY, NOISE, REAL, SHUFFLED
from gan_lightning.nested import in_json, leaves

Lines = Mapping[str, Mapping[str, Any]]
_REFERENCES = {
    REAL: "held-out real images: what perfect samples would score",
    COPY: "the sources, unchanged",
    SHUFFLED: "real images with shuffled pixels",
    NOISE: "noise",
}


def as_text(lines: Lines) -> str:
    """A table, what may be concluded from it, and how it was measured."""
    first = next(iter(lines.values()))
    heads = {"model": next(iter(lines))} if len(lines) == 1 else {str(i): name for i, name in enumerate(lines, 1)}
    text = [score_table({head: _values(lines[name]) for head, name in heads.items()}, first["references"])]
    text += [f"{head}: {name}" for head, name in heads.items()] if len(lines) > 1 else []
    text += [f"- {sentence}" for sentence in _caveats(lines)]
    return "\n".join([*text, f"Protocol: {_protocol(first)}"])


def as_markdown(lines: Lines) -> str:
    """A row for each thing that was scored and for each reference, a column for each score; then words and protocol."""
    first = next(iter(lines.values()))
    better = first["higher_is_better"]
    heads = [f"{name} {_sign(name, higher)}" for name, higher in better.items()]
    rows = [["", *heads], ["---"] * (1 + len(better))]
    rows += [[f"`{name}`", *_cells(line, better)] for name, line in lines.items()]
    rows += [[_REFERENCES[name], *_cells(found, better)] for name, found in first["references"].items()]
    table = [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    words = [f"- {sentence}" for sentence in _caveats(lines)]
    signs = "↑: higher is better, ↓: lower is better, ≈: best where it is that of real images."
    notes = [signs, "", f"Protocol: {_protocol(first)}"]
    return "\n".join([*table, "", *words, *([""] if words else []), *notes, ""])


def as_json(lines: Lines) -> str:
    """A list with an object for each thing that was scored: `scored`, its name, and all that its line holds.

    A score that is not a number is null.
    """
    return json.dumps(in_json([{"scored": name, **line} for name, line in lines.items()]), indent=1) + "\n"


def _sign(score: str, higher: bool) -> str:
    return "≈" if score.startswith(WITHOUT_A_BEST) else "↑" if higher else "↓"


def _values(line: Mapping[str, Any]) -> dict[str, float]:
    return {name: line[name] for name in line["higher_is_better"]}


def _cells(found: Mapping[str, Any], names: Mapping[str, bool]) -> list[str]:
    return [f"{found[name]:.4g}" if name in found else "-" for name in names]


def _caveats(lines: Lines) -> list[str]:
    """Every sentence once; of several models, which one it is about."""
    sentences: dict[str, None] = {}
    for name, line in lines.items():
        known = line["references"], line["higher_is_better"]
        for sentence in caveats(_values(line), *known, translated="num_outputs" in line["protocol"]):
            about = f"{name}: " if len(lines) > 1 and "this model" in sentence else ""
            sentences[about + sentence] = None
    return list(sentences)


def _protocol(line: Mapping[str, Any]) -> str:
    """`name value, name value`; what is null is left out."""
    facts = {".".join(path): value for path, value in leaves(line["protocol"])}
    return ", ".join(f"{name} {value}" for name, value in facts.items() if value is not None)
