"""The range of values of a set of picture files, and what a user should know about it."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gan_lightning.data.levels import ValueRange, Values, measure
from gan_lightning.data.notes import WARNING, Note
from gan_lightning.data.pictures import deep_values, notes_of_losses


def value_range_of(
    files: Sequence[Path],
    setting: str,
    chosen: ValueRange | None,
    channels: int,
    skip_broken: bool,
    values_of: Callable[[Path], Values | None] = deep_values,
) -> tuple[ValueRange | None, list[Note]]:
    """The values of black and white, None where all pictures have 8 bits; and notes of what becomes of the values.

    Args:
        files: of the whole data set, held-out pictures included.
        setting: that declares the range.
        chosen: what it declares; None if the range is to be measured.
        channels: of the images that are made of the pictures.
        skip_broken: pass over pictures with pixels that are NaN or infinite.
        values_of: the values of a file, or None where it has 8 bits.

    Raises:
        SettingError: no value lies inside the declared range; a pixel is NaN or infinite, unless `skip_broken`.
    """
    measured = measure(files, values_of, skip_broken)
    losses = notes_of_losses(files, setting)
    if measured is None:
        idle = [Note(WARNING, f"{setting} changes nothing: all pictures have 8 bits")] if chosen else []
        return None, [*idle, *losses]
    return chosen or measured.range, [*measured.notes(setting, chosen, channels), *losses]
