"""A page for each package, with everything that it offers to others: its `__all__`, from the docstrings.

A hook of MkDocs. A name without a docstring is a warning, with which `make docs` fails.
"""

import logging
from functools import cache
from pathlib import Path

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[1]
log = logging.getLogger("mkdocs.hooks.reference")


@cache
def _packages() -> list[griffe.Module]:
    """The package itself and those of its packages that say what they offer."""
    package = griffe.load("gan_lightning", search_paths=[ROOT])
    return [package, *(found for _, found in sorted(package.modules.items()) if found.exports)]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name the pages of the reference in the navigation."""
    config.nav.append({"Reference": ["reference/index.md", *({found.path: _uri(found)} for found in _packages())]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the reference, and one that lists them."""
    lines = ["# Reference", "", "What each package offers to code of yours.", ""]
    for found in _packages():
        lines.append(f"- [`{found.path}`]({found.path}.md): {_first_line(found)}")
        files.append(File.generated(config, _uri(found), content=_page(found)))
    files.append(File.generated(config, "reference/index.md", content="\n".join(lines) + "\n"))
    return files


def _uri(package: griffe.Module) -> str:
    return f"reference/{package.path}.md"


def _page(package: griffe.Module) -> str:
    lines = [f"# {package.path}", "", package.docstring.value if package.docstring else "", ""]
    for name in sorted(map(str, package.exports or [])):
        if not package[name].has_docstring:
            log.warning("%s.%s has no docstring", package.path, name)
        lines.append(f"::: {package.path}.{name}")
    return "\n".join(lines) + "\n"


def _first_line(package: griffe.Module) -> str:
    if package.docstring is None:
        log.warning("%s has no docstring", package.path)
        return ""
    return package.docstring.value.splitlines()[0]
