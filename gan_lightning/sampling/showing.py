"""What is shown of a generator: the contract, and the usual way, single samples."""

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, final

import torch
from torch import Tensor

from gan_lightning.counting import counted, per_second
from gan_lightning.data import ImageKind, SampleKind, SequenceKind, save_png
from gan_lightning.data.progress import progress
from gan_lightning.errors import SettingError
from gan_lightning.sampling.samplers import Plain, Sampler
from gan_lightning.sampling.task import Task

BATCH = 256
MOST_PIXELS = 80_000_000
"""Of the picture that shows samples side by side: image libraries refuse larger ones."""


class Show(ABC):
    """One thing that can be shown of a generator. Subclasses check everything before they generate anything.

    Attributes:
        uses_sampler: whether single samples are drawn, so that a sampler can choose them.
        uses_source: whether it starts from a picture of the user's.
        of_sequences: whether samples may be sequences, which change by whole tokens.
        ignores: settings of gan-generate that change nothing in it, and are refused.
        files: what is written beside the files of a kind of samples.
    """

    uses_sampler: ClassVar[bool] = False
    uses_source: ClassVar[bool] = False
    of_sequences: ClassVar[bool] = False
    ignores: ClassVar[tuple[str, ...]] = ()
    files: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def show(self, task: Task, sampler: Sampler) -> str:
        """Write files into the folder of the task, and say in a sentence what and where.

        Raises:
            SettingError: this cannot be shown of the model, or a setting cannot work.
        """


def refuse_unused(show: Show, kind: SampleKind, settings: Mapping[str, Any]) -> None:
    """Refuse settings that change nothing.

    Args:
        show: what is shown.
        kind: of the samples; only images have columns.
        settings: of gan-generate, by name; None where a user chose nothing.

    Raises:
        SettingError: it names the setting.
    """
    for name in (*show.ignores, *(() if isinstance(kind, ImageKind) else ("columns",))):
        if settings[name] is not None:
            raise SettingError(f"{name}={settings[name]}: changes nothing in what is shown here; leave {name} out")


def run(show: Show, task: Task, sampler: Sampler) -> str:
    """Show something in a folder that holds nothing of an earlier command.

    Raises:
        SettingError: the folder holds something or cannot be written; a sampler is chosen for what draws no single
            samples, or a source for what starts from noise.
    """
    kinds = [name for kind in SampleKind.__subclasses__() for name in (kind.files, kind.picture)]
    others = [name for one in Show.__subclasses__() for name in one.files]
    if any((task.folder / name).exists() for name in (*kinds, *others)):
        raise SettingError(
            f"output={task.folder}: already holds pictures, which are not replaced; choose another folder"
        )
    there = next(path for path in (task.folder.absolute(), *task.folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise SettingError(f"output={task.folder}: cannot be written; choose another folder")
    if isinstance(task.kind, SequenceKind) and not show.of_sequences:
        raise SettingError("show: this checkpoint writes sequences, which have show=samples alone; leave show out")
    if not show.uses_sampler and not isinstance(sampler, Plain):
        raise SettingError(
            "sampler: chooses single samples, which only show=samples, show=neighbours and "
            "show=neighbours_by_features draw; leave sampler out"
        )
    if task.source is not None and not show.uses_source:
        raise SettingError(
            f"source={task.source}: this checkpoint makes images from noise; leave source out, or choose "
            "show=projection"
        )
    return show.show(task, sampler)


def save(samples: Tensor, task: Task, columns: int) -> Path:
    """Write samples (N, C, H, W) and the picture of all; the result is the picture's place."""
    task.folder.mkdir(parents=True, exist_ok=True)
    samples = samples.cpu()
    task.kind.save(samples, 0, task.folder, task.spec.get("value_range"))
    picture = task.folder / task.kind.picture
    save_png(task.kind.draw(samples, columns), picture)
    return picture


@final
class Samples(Show):
    """`n` single samples in files of their kind, and one picture of them."""

    uses_sampler = True
    of_sequences = True

    def show(self, task: Task, sampler: Sampler) -> str:
        sampler.begin(task)
        shown, sentence = drawn(task, sampler)
        picture = task.folder / task.kind.picture
        save_png(task.draw(shown), picture)
        some = "" if len(shown) == task.n else f"the first {len(shown):,} "
        return f"{sentence}, {some}side by side in {picture}{_then(sampler.report())}"


def drawn(task: Task, sampler: Sampler) -> tuple[Tensor, str]:
    """Draw and save all samples, batch by batch; the first ones, as many as a picture can show, and a sentence."""
    task.folder.mkdir(parents=True, exist_ok=True)
    kept: list[Tensor] = []
    started = time.perf_counter()
    for number in progress(torch.arange(task.n).split(BATCH), "Generating"):
        samples = sampler.draw(number).cpu()
        task.kind.save(samples, int(number[0]), task.folder, task.spec.get("value_range"))
        if int(number[0]) < most_shown(samples, task.columns):
            kept.append(samples)
    seconds = time.perf_counter() - started
    shown = torch.cat(kept)
    shown = shown[: most_shown(shown, task.columns)]
    name = task.kind.name.removesuffix("s")
    return (
        shown,
        f"{counted(task.n, name)} in {task.folder / task.kind.files}, {per_second(task.n, seconds, task.kind.name)}",
    )


def most_shown(samples: Tensor, columns: int) -> int:
    """How many of samples (N, C, H, W) one picture can show, in whole rows."""
    pixels = max(64, samples.shape[-2]) * max(64, samples.shape[-1])
    return max(1, MOST_PIXELS // (pixels * columns)) * columns


def refuse_too_large(task: Task, count: int, setting: str, instead: str) -> None:
    """Refuse, before anything is generated, so many images side by side that image libraries refuse the picture.

    Raises:
        SettingError: there are too many.
    """
    pixels = count * max(64, task.spec["height"]) * max(64, task.spec["width"])
    if pixels > MOST_PIXELS:
        raise SettingError(
            f"{setting}: {count:,} images side by side have {pixels:,} pixels, and at most {MOST_PIXELS:,} are drawn; "
            f"{instead}"
        )


def _then(report: str) -> str:
    return f"; {report}" if report else ""
