"""What goes wrong by a setting, and what goes wrong while running."""


class SettingError(ValueError):
    """A setting that cannot work. The message names the setting, what was given and what is allowed.

    Raised before training wherever the fault can be known by then; the entry points print it as one
    sentence instead of a traceback.
    """


class FaultError(RuntimeError):
    """Something other than a setting ended a run. The message says what, and how to go on."""
