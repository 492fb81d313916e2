"""Links from the pages to files of the repository lead to pages that show these files; so the site needs no other.

A hook of MkDocs. `CONTRIBUTING.md` and `CHANGELOG.md` become pages, notebooks are shown with their results, and any
other file or folder that a page links to is shown as it is.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = ("CONTRIBUTING.md", "CHANGELOG.md")
LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".cff": "yaml", ".toml": "toml"}
FENCED = re.compile(r"(^```.*?^```)", re.MULTILINE | re.DOTALL)
HIDDEN = re.compile(r"(?<![^/])\.")
"""The dot of a name with which MkDocs would leave a file out."""
LINK = re.compile(r"\]\(([^)\s]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for every file of the repository that a page links to, and for what these pages link to in turn."""
    pages = {f"docs/{file.src_uri}": Path(config.docs_dir, file.src_uri) for file in files.documentation_pages()}
    waiting = [*pages, *PAGES, *(f"notebooks/{notebook.name}" for notebook in (ROOT / "notebooks").glob("*.ipynb"))]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        markdown = pages[path].read_text() if path in pages else _shown(path)
        for target in _outside(markdown, path):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
        if path not in pages:
            content = _relinked(markdown, path)
            files.append(File.generated(config, _uri(path), content=content, inclusion=InclusionLevel.NOT_IN_NAV))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead the links of a page in `docs` that leave this folder to the pages that show their targets."""
    return markdown if page.file.generated_by else _relinked(markdown, f"docs/{page.file.src_uri}")


def _uri(path: str) -> str:
    """The page of the site that shows a file of the repository, relative to the folder `docs`."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if path in PAGES:
        return path.lower()
    if path == "README.md":
        return "index.md"
    if path.endswith(".ipynb"):
        return path.replace(".ipynb", ".md")
    return f"files/{re.sub(HIDDEN, '', path)}.md"


def _targets(markdown: str, change: Callable[[str], str]) -> str:
    """A page whose links outside of its blocks of code are changed."""
    parts = FENCED.split(markdown)
    parts[::2] = (LINK.sub(lambda match: f"]({change(match[1])})", part) for part in parts[::2])
    return "".join(parts)


def _relinked(markdown: str, path: str) -> str:
    """The page that shows `path`, with links that are right on the site."""

    def change(target: str) -> str:
        file, hash_sign, heading = target.partition("#")
        if not file or ":" in file:
            return target
        to = _uri(normpath(f"{path}/../{file}"))
        return relpath(to, f"{_uri(path)}/..") + hash_sign + heading

    return _targets(markdown, change)


def _outside(markdown: str, path: str) -> list[str]:
    """What a page links to outside the folder `docs`, by paths from the root of the repository."""
    found: list[str] = []

    def note(target: str) -> str:
        file = target.partition("#")[0]
        to = normpath(f"{path}/../{file}")
        if file and ":" not in file and not to.startswith("docs/") and to != "README.md":
            found.append(to)
        return target

    _targets(markdown, note)
    return found


def _shown(path: str) -> str:
    """The Markdown of a page that shows a file or a folder."""
    file = ROOT / path
    if path in PAGES:
        return file.read_text()
    if file.is_dir():
        names = sorted(item.name for item in file.iterdir() if not item.name.startswith((".", "__")))
        return f"# {path}\n\n" + "\n".join(f"- [`{name}`]({file.name}/{name})" for name in names) + "\n"
    if file.suffix == ".ipynb":
        return "\n\n".join(_cell(cell) for cell in json.loads(file.read_text())["cells"]) + "\n"
    try:
        text = file.read_text()
    except UnicodeDecodeError:  # such as a picture or a checkpoint
        return f"# {path}\n\nA file of {file.stat().st_size:,} bytes that is not text.\n"
    return f"# {path}\n\n````{LANGUAGES.get(file.suffix, 'text')}\n{text.rstrip()}\n````\n"


def _cell(cell: dict) -> str:
    """A cell of a notebook, with its results."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    parts = [f"```python\n{source}\n```"]
    for output in cell["outputs"]:
        data = output.get("data", {})
        if "image/png" in data:
            parts.append(f"![Picture](data:image/png;base64,{''.join(data['image/png']).strip()})")
        elif "text/html" in data:
            parts.append("".join(data["text/html"]))
        else:
            parts.append(f"```text\n{''.join(output.get('text') or data['text/plain']).rstrip()}\n```")
    return "\n\n".join(parts)
