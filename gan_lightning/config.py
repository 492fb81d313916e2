"""Configurations: where they lie, how they are checked, and which classes they may name."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from hydra.utils import get_class
from omegaconf import DictConfig, ListConfig, OmegaConf

from gan_lightning.errors import SettingError
from gan_lightning.runs.folder import shared_name

# A wheel carries the configurations inside the package; a checkout has them beside it.
_PACKAGED = Path(__file__).parent / "conf"
CONF = str(_PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "conf")

OWN_CONFIGURATION = ("--config-dir", "--config-path", "--config-name")
"""Flags in a run's `command`, each followed by its value: whose configuration was composed."""

MOST_BYTES = 10_000_000
"""A larger file cannot be the configuration of a run, and is not read."""

SWEEP_PLAN = "sweep.json"
"""In the folder of a sweep, what its jobs need to know: how many they are, and the names of the swept settings."""


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


def _jittered(size: Any) -> Any:
    """The side, or [height, width], from which windows of `size` are cut: 286 for 256, as in Pix2Pix and CycleGAN.

    Anything but a size is left as it is: the data refuse it by the name of their own setting.
    """
    sides = list(size) if isinstance(size, ListConfig) else [size]
    if not all(isinstance(side, int) and not isinstance(side, bool) for side in sides):
        return size
    larger = [(2 * 286 * side + 256) // (2 * 256) for side in sides]  # rounded, halves upwards
    return larger if isinstance(size, ListConfig) else larger[0]


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
OmegaConf.register_new_resolver("environment", _environment, replace=True)
OmegaConf.register_new_resolver("environment_words", _environment_words, replace=True)
OmegaConf.register_new_resolver("jittered", _jittered, replace=True)
OmegaConf.register_new_resolver("folder", _folder, replace=True)
OmegaConf.register_new_resolver("command_line", _command_line, replace=True)
OmegaConf.register_new_resolver("sweep", _sweep, replace=True)
OmegaConf.register_new_resolver("title", _title, replace=True)
OmegaConf.register_new_resolver("choices", choices, replace=True)
OmegaConf.register_new_resolver("started", _started, replace=True, use_cache=True)


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as resolved plain containers, fit for a checkpoint and for loggers."""
    container = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """Quotes text that begins like a number: OmegaConf would read 1e3 as one, which for YAML 1.1 is text."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="'" if re.match(r"[-+.\d]", text) else None
    ),
)


def to_yaml(config: Mapping[str, Any]) -> bytes:
    """Plain data as a YAML file that gives the same back, whatever names of classes it holds."""
    return yaml.dump(dict(config), Dumper=_Dumper, sort_keys=False, allow_unicode=True).encode()


def from_yaml(file: Path) -> dict[str, Any]:
    """What `to_yaml` wrote, as it is: text such as `${x}` or `???` has no meaning in it.

    Raises:
        SettingError: the file cannot be read, or holds something else.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise SettingError(
                f"{file}: is larger than {MOST_BYTES:,} bytes, so it cannot be the configuration of a run"
            )
        content = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise SettingError(f"{file}: cannot be read as the configuration of a run") from error
    if not isinstance(content, dict):
        raise SettingError(f"{file}: holds no configuration of a run")
    return content


def class_of(part: str, config: Mapping[str, Any]) -> type:
    """The class that a part of a configuration names.

    Raises:
        SettingError: there is none of that name.
    """
    target = config[part]["_target_"]
    try:
        return get_class(target)
    except (ImportError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise SettingError(f"{part}._target_={target}: cannot be imported ({reason})") from error


def check_kinds(step: Any, config: Mapping[str, Any]) -> None:
    """A step, the data and the scores of a configuration must speak of the same kind of batch.

    Args:
        step: a model or its class.
        config: with the parts `dataset` and `metrics`.

    Raises:
        SettingError: they do not.
    """
    data: Any = class_of("dataset", config)
    scores: Any = class_of("metrics", config)
    _declares("model", step, "takes", "gan_lightning.models.stepping.SteppingModule")
    _declares("dataset", data, "delivers", "gan_lightning.data.ImageData")
    _declares("metrics", scores, "serves", "gan_lightning.metrics")
    kind = step.takes.__name__
    if data.delivers is not step.takes:
        raise SettingError(
            f"dataset: delivers {data.delivers.__name__} batches, but the model's step takes {kind} ones (Labelled: "
            "images from noise, Paired: as for pix2pix, Unpaired: as for cyclegan); choose another dataset or model"
        )
    if step.takes not in scores.serves:
        served = " and ".join(served.__name__ for served in scores.serves)
        raise SettingError(
            f"metrics: {scores.__name__} scores models of {served} batches, but the model's step takes {kind} ones; "
            "choose metrics=none or one of that kind"
        )


def _declares(part: str, owner: Any, attribute: str, example: str) -> None:
    if getattr(owner, attribute, None) is None:
        name = getattr(owner, "__name__", type(owner).__name__)
        raise SettingError(
            f"{part}: {name} does not set {attribute}, the kind of batch (Labelled, Paired or Unpaired of "
            f"gan_lightning.batch); see {example}"
        )
