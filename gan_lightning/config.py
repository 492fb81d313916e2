"""Configurations: where they lie, how they are checked, and which classes they may name."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from gan_lightning.errors import SettingError

# A wheel carries the configurations inside the package; a checkout has them beside it.
_PACKAGED = Path(__file__).parent / "conf"
CONF = str(_PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[1] / "conf")

DEFAULT_EPOCHS = 16
OmegaConf.register_new_resolver(
    "epochs_unless_budget",
    lambda steps, images: DEFAULT_EPOCHS if steps is None and images is None else -1,
    replace=True,
)

# A configuration inside a checkpoint is code as soon as it is instantiated. These are all it may name.
_OWN = ("losses", "models", "networks", "data", "metrics")
_FOREIGN = frozenset(
    {
        *(f"torch.optim.{name}" for name in ("Adam", "AdamW", "RMSprop", "SGD")),
        *(f"torchvision.datasets.{name}" for name in ("CIFAR10", "CelebA", "MNIST")),
    }
)


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as resolved plain containers, fit for a checkpoint and for loggers."""
    container = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def refuse_untrusted(config: Any, trusted: Sequence[str]) -> None:
    """Check a configuration from a checkpoint before any part of it is instantiated.

    Allowed targets are what the packages `gan_lightning.losses`, `.models`, `.networks`, `.data` and
    `.metrics` list in their `__all__`, a short list of torch and torchvision classes, and anything below
    the packages in `trusted`.

    Raises:
        SettingError: another target, or an interpolation (a saved configuration is resolved).
    """
    for value in _leaves(config):
        if "${" in value:
            raise SettingError(f"the checkpoint's configuration holds {value!r}, which only a foreign one would")
    for target in _targets(config):
        package, _, name = target.rpartition(".")
        own = package in {f"gan_lightning.{room}" for room in _OWN} and name in import_module(package).__all__
        yours = any(target.startswith(f"{root}.") for root in trusted)
        if not (own or yours or target in _FOREIGN):
            raise SettingError(
                f"the checkpoint's configuration names {target}, which is not one of this package's classes; "
                f"if you trust its origin, allow it with trusted=[{target.split('.')[0]}]"
            )


def _targets(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "_target_" in node:
            yield str(node["_target_"])
        for child in node.values():
            yield from _targets(child)
    elif isinstance(node, list):
        for child in node:
            yield from _targets(child)


def _leaves(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield str(key)
            yield from _leaves(child)
    elif isinstance(node, list):
        for child in node:
            yield from _leaves(child)
    elif isinstance(node, str):
        yield node
