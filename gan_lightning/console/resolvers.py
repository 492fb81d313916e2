"""The functions that configurations call, as in `${jittered:...}`. Importing this package makes them known."""

import hashlib
import json
import os
from datetime import datetime
from math import prod
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig, ListConfig, OmegaConf

from gan_lightning.console.config import CONF, SWEEP_PLAN
from gan_lightning.console.folder import shared_name
from gan_lightning.errors import SettingError
from gan_lightning.processor import computes_in_bfloat16, gpu_computes_in_bfloat16, gpus


def _images_unless_budget(usual: int, images: int | None, steps: int | None, epochs: int | None) -> int | None:
    """The budget in images: the given one, or the usual one where neither steps nor epochs end the run."""
    return usual if images is None and steps is None and epochs in (None, -1) else images


def _command_line() -> list[str]:
    """The overrides of this job, and the user's own configurations, as they would be typed."""
    if not HydraConfig.initialized():
        return []
    hydra = HydraConfig.get()
    flags = {"command-line": "--config-dir", "main": "--config-path"}
    sources = [source for source in hydra.runtime.config_sources if source.provider in flags and source.path != CONF]
    own = [part for source in sources for part in (flags[source.provider], source.path)]
    name = str(hydra.job.config_name)
    return [*own, *(["--config-name", name] if name != "train" else []), *hydra.overrides.task]


def _folder(most: int, text: str) -> str:
    """A folder's name for any text, another one for another text, of at most so many bytes.

    What is cut, or has a slash as in loss=f_gan/kl, ends with a hash of the whole.
    """
    name = text.replace("/", "_")
    if name == text and len(text.encode()) <= most:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{name.encode()[: most - 9].decode(errors='ignore')}-{digest}"


def _started() -> str:
    """What names a run's folder: the time, or the name under which torchrun or SLURM started all its processes."""
    return shared_name() or f"{datetime.now():%H-%M-%S}"


def _sweep_dir() -> Path | None:
    """The sweep's folder; None for a single run."""
    if not HydraConfig.initialized() or HydraConfig.get().mode != RunMode.MULTIRUN:
        return None
    # From the job's folder: hydra.sweep.dir holds the time, which in another process of the job is a later one.
    hydra = HydraConfig.get()
    job, below = Path(hydra.runtime.output_dir), Path(hydra.sweep.subdir)
    return Path(*job.parts[: len(job.parts) - len(below.parts)])


def _sweep() -> str | None:
    sweep_dir = _sweep_dir()
    return None if sweep_dir is None else sweep_dir.name


def _title(run_dir: str) -> str:
    """What people call a run: the settings that a sweep varies, with its values, or the name of its folder."""
    return (",".join(varied()) or Path(run_dir).name)[:128]  # what Weights & Biases takes


def varied() -> list[str]:
    """The overrides that a sweep varies, with this job's values; none for a single run."""
    sweep_dir = _sweep_dir()
    if sweep_dir is None:
        return []
    swept = json.loads((sweep_dir / SWEEP_PLAN).read_text())["swept"]
    return [given for given in HydraConfig.get().overrides.task if given.partition("=")[0].lstrip("+~") in swept]


def choices(*groups: str) -> list[str]:
    """The options that Hydra chose of some groups, as `group=option`; none where no Hydra runs."""
    chosen = HydraConfig.get().runtime.choices if HydraConfig.initialized() else {}
    return [f"{group}={chosen[group]}" for group in groups if chosen.get(group) is not None]


def _precision(accelerator: Any) -> str:
    """bfloat16 for a run on a GPU that has instructions for it, otherwise float32."""
    on_gpu = accelerator in ("auto", "gpu", "cuda") and gpu_computes_in_bfloat16()
    return "bf16-mixed" if on_gpu else "32-true"


def _jittered(size: Any) -> Any:
    """The side, or [height, width], from which windows of `size` are cut: 286 for 256, as in Pix2Pix and CycleGAN.

    Anything but a size is left as it is: the data refuse it by the name of their own setting.
    """
    sides = list(size) if isinstance(size, ListConfig) else [size]
    if not all(isinstance(side, int) and not isinstance(side, bool) for side in sides):
        return size
    larger = [(2 * 286 * side + 256) // (2 * 256) for side in sides]  # rounded, halves upwards
    return larger if isinstance(size, ListConfig) else larger[0]


def _images_per_update(*, _root_: DictConfig) -> int | None:
    """The images of one update: a batch of each process, times the batches that are accumulated; None if the data set
    has no setting for its batches. What is out of its range is left out, and refused by its own name."""
    trainer = _root_.trainer
    if isinstance(trainer.devices, ListConfig):
        processes = len(trainer.devices)
    elif trainer.devices in ("auto", -1, "-1"):
        processes = 1 if trainer.accelerator == "cpu" else max(1, gpus())
    else:
        processes = trainer.devices
    batch, accumulated = (
        OmegaConf.select(_root_, name) for name in ("dataset.batch_size", "model.optimisation.accumulate")
    )
    factors = (batch, processes, trainer.num_nodes, accumulated)
    return None if batch is None else prod(factor for factor in factors if isinstance(factor, int) and factor > 0)


def _half_life(images: float, per_update: int | None) -> float:
    """The decay of an average, for each update, that forgets half within so many images."""
    return float(0.5 ** (_known(per_update) / images))


def _r1_gamma(side: int, per_update: int | None) -> float:
    """The weight of R1 that StyleGAN2-ADA's code (arXiv:2006.06676) takes for new data of so many pixels a side, and
    for updates of so many images, over all GPUs."""
    return 0.0002 * side**2 / _known(per_update)


def _known(per_update: int | None) -> int:
    if per_update is None:
        raise SettingError(
            "images_per_update=null: this data set has no setting batch_size; give the images of an update, over all "
            "processes, which this recipe needs"
        )
    return per_update


def _first_of(*values: Any) -> Any:
    """The first value that is not null."""
    return next((value for value in values if value is not None), None)


def _for_model(setting: str, values: DictConfig) -> Any:
    """The value that a setting has for the chosen model, in a sweep over models."""
    model = HydraConfig.get().runtime.choices["model"]
    if model not in values:
        known = ", ".join(values)
        raise SettingError(f"model={model}: the sweep has no {setting} for it; give {setting}, or use one of {known}")
    return values[model]


def _environment(name: str, default: Any) -> Any:
    """A variable of the environment, or a default where it is missing or empty."""
    value = os.environ.get(name) or default
    if value == "???":  # which a configuration cannot hold: it means a missing value there
        raise SettingError(f"{name}=???: cannot be used as a name here; set another one")
    return value


def _environment_words(name: str) -> list[str]:
    """The words of a variable of the environment that commas separate."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


OmegaConf.register_new_resolver("images_unless_budget", _images_unless_budget, replace=True)
# Lightning counts batches across epochs where this is null, and takes a share of an epoch's batches only otherwise.
OmegaConf.register_new_resolver(
    "epochs_between_validations", lambda interval: 1 if isinstance(interval, float) else None, replace=True
)
OmegaConf.register_new_resolver(
    "fast_precision", lambda: "bf16-mixed" if computes_in_bfloat16() else "32-true", replace=True
)
OmegaConf.register_new_resolver("precision", _precision, replace=True)
OmegaConf.register_new_resolver("images_per_update", _images_per_update, replace=True)
OmegaConf.register_new_resolver("half_life", _half_life, replace=True)
OmegaConf.register_new_resolver("r1_gamma", _r1_gamma, replace=True)
OmegaConf.register_new_resolver("first_of", _first_of, replace=True)
OmegaConf.register_new_resolver("for_model", _for_model, replace=True)
OmegaConf.register_new_resolver("environment", _environment, replace=True)
OmegaConf.register_new_resolver("environment_words", _environment_words, replace=True)
OmegaConf.register_new_resolver("jittered", _jittered, replace=True)
OmegaConf.register_new_resolver("folder", _folder, replace=True)
OmegaConf.register_new_resolver("command_line", _command_line, replace=True)
OmegaConf.register_new_resolver("sweep", _sweep, replace=True)
OmegaConf.register_new_resolver("title", _title, replace=True)
OmegaConf.register_new_resolver("choices", choices, replace=True)
OmegaConf.register_new_resolver("started", _started, replace=True, use_cache=True)
