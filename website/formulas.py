"""Formulas become MathML, which browsers draw by themselves: no script is loaded from anywhere.

A hook of MkDocs. The extension `pymdownx.arithmatex` marks formulas in a page.
"""

import html
import re
from collections.abc import Callable

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

IN_LINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
ON_ITS_OWN = re.compile(r'<div class="arithmatex">\\\[(.*?)\\\]</div>', re.DOTALL)


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put MathML in the place of every formula."""
    return ON_ITS_OWN.sub(_drawn("block"), IN_LINE.sub(_drawn("inline"), content))


def _drawn(display: str) -> Callable[[re.Match[str]], str]:
    return lambda match: convert(html.unescape(match[1]).strip(), display=display)
