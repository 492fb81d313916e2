"""The site, as `make docs` builds it: whole, and without anything from other servers."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

griffe = pytest.importorskip("griffe")
pytest.importorskip("mkdocs")

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "website"))

import reference  # noqa: E402


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """Built where a link to nowhere, a page outside the navigation or a missing docstring is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_pages_load_nothing_from_other_servers(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        for tag in re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", page.read_text()):
            assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", tag), f"{page}: {tag}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(.?https?:", sheet.read_text()), sheet


def test_formulas_need_no_script(site):
    page = (site / "lessons" / "01_game.html").read_text()
    assert "<math" in page
    assert not any("arithmatex" in page.read_text() for page in site.rglob("*.html"))


def test_links_to_code_lead_to_pages_that_show_it(site):
    assert 'href="files/gan_lightning/models/gan.py.html"' in (site / "models.html").read_text()
    assert "class" in (site / "files" / "gan_lightning" / "models" / "gan.py.html").read_text()
    assert 'href="files/ci/run.html"' in (site / "contributing.html").read_text()
    assert "data:image/png" in (site / "notebooks" / "01_divergences.html").read_text()


def test_reference_shows_what_packages_offer(site):
    page = (site / "reference" / "gan_lightning.losses.html").read_text()
    assert 'id="gan_lightning.losses.Hinge"' in page
    assert '<span class="gp">&gt;&gt;&gt; </span>' in page  # examples are code


@pytest.mark.parametrize("docstring", ["", '"""Says something."""'])
def test_a_name_without_a_docstring_is_noticed(docstring, tmp_path, caplog):
    (tmp_path / "offering.py").write_text(
        f'"""A module."""\n__all__ = ["f"]\n\n\ndef f():\n    {docstring}\n    return 1\n'
    )
    with caplog.at_level(logging.WARNING):
        assert "::: offering.f" in reference._page(griffe.load("offering", search_paths=[tmp_path]))
    assert ("offering.f has no docstring" in caplog.text) == (not docstring)


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "lessons").glob("[0-9]*.md")), ids=lambda page: page.stem)
def test_lessons_have_a_command_and_a_picture_made_by_one(page):
    text = page.read_text()
    assert re.search(r"^gan-train ", text, re.MULTILINE)
    (picture,) = re.findall(r"^!\[[^]]+\]\((\S+)\)", text, re.MULTILINE)
    assert (page.parent / picture).stat().st_size <= 150_000


def test_the_list_of_lessons_is_complete():
    lessons = ROOT / "docs" / "lessons"
    named = re.findall(r"\((\d\d_\w+\.md)\)", (lessons / "index.md").read_text())
    assert named == sorted(page.name for page in lessons.glob("[0-9]*.md"))
