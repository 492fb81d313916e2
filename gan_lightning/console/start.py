"""The first lines of a run: what is trained, on which data, where and for how long."""

import textwrap
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning.pytorch as L
import torch
from lightning.pytorch.callbacks import Timer
from torch import nn

from gan_lightning.counting import counted, limited
from gan_lightning.data import Note
from gan_lightning.metrics import Scores
from gan_lightning.models import SteppingModule, networks_of

WIDTH = 80
_INDENT = 11


def start_block(
    data: Any,
    model: SteppingModule,
    trainer: L.Trainer,
    recipe: Sequence[str],
    interval: str,
    scores: Scores,
    run_dir: Path,
) -> str:
    """Data, model, networks, device, budget, scores and folder of a run, in lines of at most 80 columns.

    Args:
        data: the data module.
        model: what is trained.
        trainer: that will train it.
        recipe: the options that were chosen, such as `model=dcgan`.
        interval: what lies between two validations, such as `1,008 images`.
        scores: of every validation.
        run_dir: where everything is written.
    """
    notes = [
        *data.summary(),
        Note("Model", f"{type(model).__name__}{': ' if recipe else ''}{', '.join(recipe)}"),
        Note("Networks", "; ".join(_network(*named) for named in networks_of(model.players).items())),
        Note("Device", _device(trainer)),
        Note("Budget", _budget(data, model, trainer)),
        Note("Validation", f"after every {interval}, and at the end"),
        Note("Scores", _scores(scores)),
        Note("Folder", str(run_dir)),
    ]
    return "\n".join(lines(notes))


def lines(notes: Iterable[Note]) -> list[str]:
    """Notes under their headings, wrapped; a heading that repeats the one before is left out."""
    wrapped = []
    before = ""
    for note in notes:
        heading = "" if note.heading == before else note.heading
        before = note.heading
        wrapped += textwrap.wrap(
            note.text,
            WIDTH,
            initial_indent=f"{heading:{_INDENT}}",
            subsequent_indent=" " * _INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return wrapped


def _network(name: str, network: nn.Module) -> str:
    parts = list(network.values()) if isinstance(network, nn.ModuleDict) else [network]
    kind = type(parts[0])
    several = f" x {len(parts)}" if len(parts) > 1 else ""
    count = sum(parameter.numel() for parameter in network.parameters())
    return f"{name} {kind.__module__.rpartition('.')[2]}.{kind.__name__}{several}, {count:,} parameters"


def _device(trainer: L.Trainer) -> str:
    gpu = trainer.strategy.root_device.type == "cuda"
    name = torch.cuda.get_device_name(trainer.strategy.root_device) if gpu else "CPU"
    processes = "1 process" if trainer.world_size == 1 else f"{trainer.world_size} processes"
    threads = "" if gpu else f" of {torch.get_num_threads()} thread{'s' * (torch.get_num_threads() > 1)}"
    return f"{name}, {processes}{threads}, precision {trainer.precision}"


def _budget(data: Any, model: SteppingModule, trainer: L.Trainer) -> str:
    """The budget that ends the run first, in images, updates of the generator, and epochs."""
    spec = data.spec()
    size = max(count for name in ("size", "a_size", "b_size") if (count := getattr(spec, name, 0)))
    batch = data.batch_size * trainer.world_size
    per_window = batch * model.optimisation.accumulate
    before, per_update = per_window * model.windows_before_rounds, per_window * model.windows_per_round
    limits = []
    if trainer.max_epochs not in (None, -1):
        batches = limited(max(size // batch, 1), trainer.limit_train_batches)
        limits.append(trainer.max_epochs * batches * batch)
    if model.optimisation.max_generator_steps is not None:
        limits.append(before + model.optimisation.max_generator_steps * per_update)
    if model.optimisation.max_images is not None:
        limits.append(model.optimisation.max_images)
    timers = [callback for callback in trainer.callbacks if isinstance(callback, Timer)]  # type: ignore[attr-defined]
    remaining = timers[0].time_remaining() if timers else None
    time = "" if remaining is None else f"; at most {timedelta(seconds=round(remaining))} of training"
    if not limits:
        return f"no number of images{time or '; the run goes on until you stop it'}"
    images = min(limits)
    # A run that ends in the first phases has an update in each of their windows, and no round.
    counted_from, of = (before, per_update) if images > before else (0, per_window)
    updates = -(-(images - counted_from) // of)
    rounds = f"{images / size:.3g}"
    text = (
        f"{counted(images, 'image')}, {counted(updates, 'update')} of {of:,}, "
        f"{rounds} epoch{'' if rounds == '1' else 's'} over the data{time}"
    )
    return f"{text}; {counted(model.images_seen, 'image is', 'images are')} done already" if model.images_seen else text


def _scores(scores: Scores) -> str:
    """What a validation computes, and which score chooses the best checkpoint."""
    if scores.monitor is None:
        return ", ".join(scores.names) or "none"
    best = "lowest" if scores.mode == "min" else "highest"
    return f"{', '.join(scores.names)}; best.ckpt has the {best} {scores.monitor}"
