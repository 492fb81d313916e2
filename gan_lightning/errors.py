"""What goes wrong by a setting, and what goes wrong while running."""


class SettingError(ValueError):
    """A setting that cannot work. The message names the setting, what was given and what is allowed.

    Raised before training wherever the fault can be known by then; the entry points print it as one
    sentence instead of a traceback.
    """


def at_least_zero(setting: str, value: float) -> float:
    """The value of a setting that may not be negative.

    Raises:
        SettingError: it is, or is no number.
    """
    if not value >= 0:
        raise SettingError(f"{setting}={value}: must be at least 0")
    return value


def whole(setting: str, value: int, least: int = 1) -> int:
    """The value of a setting that counts something.

    Raises:
        SettingError: it is no whole number, or smaller than `least`.
    """
    if not isinstance(value, int) or value < least:
        raise SettingError(f"{setting}={value}: a whole number from {least}")
    return value


class FaultError(RuntimeError):
    """Something outside of the settings ended a run that was under way. The message says what, and how to go on."""
