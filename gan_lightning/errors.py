"""The one exception for what a user can put right."""


class SettingError(ValueError):
    """A setting that cannot work. The message names the setting, what was given and what is allowed.

    Raised before training wherever the fault can be known by then; the entry points print it as one
    sentence instead of a traceback.
    """
