"""A bar in the output of a notebook's cell, which changes in place."""

import html
import sys
from collections.abc import Sequence
from typing import Any, final


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this process: only such a process has imported IPython and has its shell."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


@final
class NotebookBar:
    """Shown from its first change on; its last state stays."""

    def __init__(self) -> None:
        self.handle: Any = None

    def show(self, share: float, lines: Sequence[str]) -> None:
        """Change what is shown.

        Args:
            share: of the bar that is full, from 0 to 1.
            lines: of text beside and below it.
        """
        from IPython.display import HTML, display

        first, *others = map(html.escape, lines)
        bar = f'<progress value="{share:.4f}" max="1" style="width: 40%; vertical-align: middle"></progress>'
        made = HTML(f"<div>{bar} {first}</div>{''.join(f'<div><small>{line}</small></div>' for line in others)}")
        if self.handle is None:
            self.handle = display(made, display_id=True)
        else:
            self.handle.update(made)
