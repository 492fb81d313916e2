"""Links between the pages of the documentation, and from them to the code, lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> list[str]:
    """The targets of links and pictures that are files of this repository or headings of a page."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(page))
    return [target for target in found if not re.match(r"https?:|mailto:", target)]


def headings(page: Path) -> set[str]:
    """The names under which GitHub knows the headings of a page."""
    titles = re.findall(r"^#+ (.*)", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in links(page):
        path, _, heading = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if heading:
            assert heading in headings(file), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_code_name_what_is_there(page):
    for text, path in re.findall(r"\[([^]]*`[^]]*)\]\(([^)\s#]+\.py)\)", prose(page)):
        code = (page.parent / path).read_text()
        for name in re.findall(r"`(\w+)`", text):
            assert re.search(rf"^\s*(class|def) {name}\b", code, re.MULTILINE), f"{name} is not in {path}"


def test_links_are_found():
    assert len(links(ROOT / "docs" / "models.md")) > 50
