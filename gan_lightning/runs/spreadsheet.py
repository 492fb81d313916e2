"""Tables that a spreadsheet opens."""

from typing import Any

_FORMULA = ("=", "+", "-", "@")


def harmless(cell: Any) -> Any:
    """A cell of a CSV file that no spreadsheet takes for a formula: such text gets an apostrophe before it.

    Numbers, also those that are written as text, stay as they are. A carriage return, which would begin a new row in
    some programs, becomes a line feed, which is quoted.
    """
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r", "\n")
    if not cell.startswith(("\t", "\n")) and not cell.lstrip().startswith(_FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
