"""The examples in docs/architecture.md of how to add a part: one package and a folder of configurations."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


PACKAGE = "\n\n".join(_blocks("python"))
"""The text of mine.py."""
OPTIONS = {re.match("# MY_CONF/(.*).yaml\n", text)[1]: text for text in _blocks("yaml")}  # type: ignore[index]
"""The text of each configuration, by its option, such as `loss/mine`."""


def write_options(folder: Path) -> None:
    """Make a folder what the page calls MY_CONF."""
    for option, text in OPTIONS.items():
        file = folder / f"{option}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
