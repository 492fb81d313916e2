"""The bar of a notebook's cell: when there is one, and what it shows."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from gan_lightning.callbacks.notebook import NotebookBar, in_notebook


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        (None, False),
        (SimpleNamespace(config={"TerminalIPythonApp": {}}), False),
        (SimpleNamespace(config={"IPKernelApp": {}}), True),
    ],
)
def test_only_a_kernel_is_a_notebook(monkeypatch, shell, expected):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert in_notebook() == expected


def test_without_ipython_there_is_none(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()


def test_the_bar_is_displayed_once_and_then_changed_and_shows_text_as_text(monkeypatch):
    shown: list[tuple[str, str]] = []

    def display(made: str, display_id: bool) -> Any:
        assert display_id
        shown.append(("display", made))
        return SimpleNamespace(update=lambda new: shown.append(("update", new)))

    module = ModuleType("IPython.display")
    module.HTML, module.display = str, display
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    bar = NotebookBar()
    bar.show(0.25, ["25 %", "fid <b>3</b>"])
    bar.show(1.0, ["100 %"])
    (first, made), (second, changed) = shown
    assert (first, second) == ("display", "update")
    assert '<progress value="0.2500" max="1"' in made
    assert "fid &lt;b&gt;3&lt;/b&gt;" in made
    assert '<progress value="1.0000" max="1"' in changed
