"""The card beside a model that is handed on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from handed_on import recorded

from gan_lightning.handover import SafetensorsFormat
from gan_lightning.handover.exporting import export


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    export(replace(recorded("cgan"), licence="cc-by-4.0"), SafetensorsFormat(), tmp_path / "out")
    return tmp_path / "out"


def test_the_card_says_what_a_stranger_has_to_know(exported):
    text = (exported / "README.md").read_text()
    front, body = text.removeprefix("---\n").split("\n---\n", 1)
    assert 'license: "cc-by-4.0"' in front.splitlines()
    assert "pipeline_tag: unconditional-image-generation" in front
    for part in ("## Use", "## Data", "## Training", "## Scores", "## Limits", "## Licence", "samples.png"):
        assert part in body
    assert "images seen: 64" in body
    assert "training pictures: 64" in body
    assert "None were computed" in body
    assert "It was trained on 64 pictures, which it may repeat" in body
    code = body.split("```python\n")[1].split("```")[0].replace("THIS_FOLDER", str(exported))
    names: dict[str, Any] = {}
    exec(code, names)
    assert len(names["pictures"]) == 16
