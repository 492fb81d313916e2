"""CITATION.cff says the same as the package's own metadata, and the changelog knows the version."""

import re
from importlib.metadata import metadata
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_citation_is_complete_and_agrees_with_the_package():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    package = metadata("gan-lightning")
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "type"} <= set(citation)
    assert citation["type"] == "software"
    assert citation["version"] == package["Version"]
    assert citation["license"] == package["License-Expression"]
    assert citation["abstract"] == package["Summary"]
    assert ", ".join(author["name"] for author in citation["authors"]) == package["Author"]
    assert set(citation["keywords"]) == set(package["Keywords"].split(","))


def test_changelog_has_the_version_of_the_package():
    titles = re.findall(r"^## \[([^]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert metadata("gan-lightning")["Version"] in titles
