"""What a run has left in its folder."""

import base64
import html
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from PIL import Image

from gan_lightning.errors import SettingError
from gan_lightning.files import expanded
from gan_lightning.loaded import TrainedModel, load
from gan_lightning.report.files import report
from gan_lightning.runs.found import Run, find_runs

if TYPE_CHECKING:
    import pandas as pd


@final
class RunResult:
    """A run of gan-train, as its folder describes it. `gan_lightning.train` returns it.

    Args:
        folder: of the run.

    Raises:
        SettingError: the folder holds no run, or several.
    """

    def __init__(self, folder: str | Path) -> None:
        found = find_runs(expanded(folder))
        if len(found) != 1:
            raise SettingError(f"{folder}: holds {len(found)} runs; name the folder of one")
        self._run: Run = found[0]

    def __repr__(self) -> str:
        best = "" if self.best is None else f", best {self.monitor} {self.best:.3f}"
        return f"RunResult({self.state}{best}, {self.folder})"

    def _repr_html_(self) -> str:
        """In a notebook: how it ended, its last scores and its newest samples."""
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{value:.4g}</td></tr>" for name, value in self.scores.items()
        )
        lines = [f"<p>{html.escape(repr(self))}</p>", f"<table>{rows}</table>" if rows else ""]
        if self.samples is not None:
            buffer = BytesIO()
            self.samples.save(buffer, "png")
            lines.append(f'<img src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">')
        return "".join(lines)

    @property
    def folder(self) -> Path:
        """Of the run, with everything that docs/experiments.md describes."""
        return self._run.folder

    @property
    def state(self) -> str:
        """How it ended: `finished`, `interrupted`, `failed`, `diverged`; or `running`, `incomplete`, `unknown`."""
        return self._run.state

    @property
    def problem(self) -> str:
        """What is wrong with the run, in a sentence; empty if all is well."""
        return self._run.problem

    @property
    def config(self) -> dict[str, Any]:
        """All settings, with the facts that were measured on the data (`spec`)."""
        return self._run.config

    @property
    def scores(self) -> dict[str, float]:
        """Of the last validation, by name; empty without scores."""
        if not self._run.scores:
            return {}
        line = self._run.scores[max(self._run.scores)]
        return {name: line[name] for name in line["higher_is_better"] if name in line}

    @property
    def monitor(self) -> str | None:
        """The score that chooses the best checkpoint; None without scores."""
        return None if self._run.status is None else self._run.status.monitor

    @property
    def best(self) -> float | None:
        """The best value of that score."""
        return None if self._run.status is None else self._run.status.best

    @property
    def history(self) -> "pd.DataFrame":
        """Losses, scores and all else that was logged: a column each, a row for each number of images seen. Of long
        runs, every so many rows."""
        import pandas as pd

        return pd.DataFrame(self._run.curves).sort_index().rename_axis("images_seen")

    @property
    def checkpoint(self) -> Path:
        """The best checkpoint; the newest one without scores.

        Raises:
            SettingError: the run has left none.
        """
        for name in ("best.ckpt", "last.ckpt"):
            if (self.folder / "checkpoints" / name).is_file():
                return self.folder / "checkpoints" / name
        raise SettingError(f"{self.folder}: has no checkpoint")

    @cached_property
    def model(self) -> TrainedModel:
        """The trained model, from the best checkpoint. Classes of your own in it are those that the run trusted."""
        return load(self.folder, self.config.get("trusted", ()))

    @property
    def samples(self) -> Image.Image | None:
        """The grid of the last validation; None if none was drawn."""
        if not self._run.samples:
            return None
        with Image.open(self._run.samples[max(self._run.samples)]) as picture:
            picture.load()
            return picture

    @property
    def diagnosis(self) -> str:
        """What the numbers show, and what to try, as Markdown."""
        file = self.folder / "diagnosis.md"
        return file.read_text("utf-8") if file.is_file() else ""

    def report(self, output: str | Path | None = None) -> Path:
        """Write a page with curves, scores and samples, and return its place.

        Args:
            output: a file *.html; by default report.html in the folder.

        Raises:
            SettingError: it cannot be written, or something else has this name.
        """
        page, *_ = report([str(self.folder)], self.folder / "report.html" if output is None else expanded(output))
        return page
