"""Small trained models that come with this package, so that commands can be tried before anything is trained."""

from pathlib import Path

# A wheel carries them inside the package; a checkout has them beside it.
_PACKAGED = Path(__file__).parents[1] / "shipped"
FOLDER = _PACKAGED if _PACKAGED.is_dir() else Path(__file__).parents[2] / "models"


def shipped_models() -> list[str]:
    """Their names, as `checkpoint=` takes them."""
    return sorted(path.parent.name for path in FOLDER.glob("*/model.ckpt"))


def shipped_model(path: str | Path) -> Path | None:
    """The folder of the model with this name; None if none has it."""
    return FOLDER / path if str(path) in shipped_models() else None
