"""The examples in docs/architecture.md of how to add a part: one package and a folder of configurations."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def _option(text: str) -> str:
    """The option that a block of YAML configures, which its first line names."""
    header = re.match(r"# MY_CONF/(.*)\.yaml\n", text)
    assert header is not None, f"{PAGE} has a block of YAML that does not begin with the name of its file: {text}"
    return header[1]


PACKAGE = "\n\n".join(_blocks("python"))
"""The text of mine.py."""
OPTIONS = {_option(text): text for text in _blocks("yaml")}
"""The text of each configuration, by its option, such as `loss/mine`."""


def write_options(folder: Path) -> None:
    """Make a folder what the page calls MY_CONF."""
    for option, text in OPTIONS.items():
        file = folder / f"{option}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
