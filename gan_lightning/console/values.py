"""Whether a plain value is what a type says, and what that type takes in words."""

import types
from collections.abc import Mapping, Sequence
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from annotated_types import Interval, Len
from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, core_schema

from gan_lightning.ranges import IsPath, Ramp, limits


class Wording(NamedTuple):
    """The words for what a type takes, where those that follow from it would not help."""

    text: str


class Meaning(NamedTuple):
    """What a setting is for, as `--help` shows it."""

    text: str


class OrPart(NamedTuple):
    """Marks a plain setting that may also be a part with a `_target_`, such as a ramp."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        part = {"_target_": core_schema.typed_dict_field(core_schema.str_schema())}
        return core_schema.union_schema(
            [handler(source), core_schema.typed_dict_schema(part, extra_behavior="allow")],
        )


_PLAIN = (int, float, bool, str, type(None))
# No text counts as a boolean or a number, no boolean as a number; NaN and infinity are none.
_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


def is_plain(kind: Any) -> bool:
    """Whether a type is of numbers, text, booleans, and lists and mappings of them, and not of objects to be built."""
    origin = get_origin(kind)
    if origin is Annotated:
        return is_plain(get_args(kind)[0])
    if origin in (Union, types.UnionType, Sequence, list, Mapping):
        return all(is_plain(part) for part in get_args(kind))
    return kind is Any or kind in _PLAIN or origin is Literal


def fits(kind: Any, value: object) -> bool:
    """Whether a value is of a plain type."""
    try:
        _adapter(kind).validate_python(_in_utf8(value))
    except ValidationError:
        return False
    return True


def _in_utf8(value: object) -> object:
    """The same with ? for what is not UTF-8, as the names of files may not be; pydantic takes no such text."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return list(map(_in_utf8, value)) if isinstance(value, list) else value


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind, config=_STRICT)


def marked(kind: Any) -> Any:
    """A type of a signature in which a number may be a `Ramp`, as that of the number marked with `OrPart`."""
    parts = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else ()
    if Ramp not in parts or len(parts) == 1:
        return kind
    others: Any = reduce(or_, (part for part in parts if part is not Ramp))
    return Annotated[others, OrPart()]


def may_be_part(kind: Any) -> bool:
    """Whether a plain setting may also be a part with a `_target_`."""
    return get_origin(kind) is Annotated and any(isinstance(one, OrPart) for one in get_args(kind))


def words(kind: Any, given: object = None) -> str:
    """What a type takes, as in `a whole number from 1, or null`.

    Args:
        kind: the type.
        given: a value that is not of it. Limits of the arithmetic are named only if it exceeds one.
    """
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _ranged(parts[0], parts[1:], given)
    if origin in (Union, types.UnionType):
        options = [words(part, given) for part in parts if part is not type(None)]
        return ", or ".join([*options, "null"] if type(None) in parts else options)
    if origin is Literal:
        *first, last = map(_literal, parts)
        return f"{', '.join(first)} or {last}" if first else last
    if origin in (Sequence, list):
        return "a list" if parts[0] is Any else f"a list, each of it {words(parts[0])}"
    named = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Any: "anything"}
    return named.get(kind, "settings below it")


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _ranged(base: Any, extras: Sequence[Any], given: object) -> str:
    wordings = [extra.text for extra in extras if isinstance(extra, Wording)]
    if wordings:
        return wordings[0]
    if any(isinstance(extra, IsPath) for extra in extras):
        return "a path"
    length = next((extra for extra in extras if isinstance(extra, Len)), None)
    if length is not None:
        many = "1 or more" if length.max_length is None else str(length.max_length)
        return f"a list of {many}, each of it {words(get_args(base)[0])}"
    bounds = next((extra for extra in extras if isinstance(extra, Interval)), None)
    if bounds is None:
        return words(base, given)
    return limits(base, bounds, given)


def shown(value: object) -> str:
    """A value as it would be typed."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        items = ",".join(shown(item) or "''" for item in value)
        return f"[{items}]"
    if isinstance(value, dict):
        text = f"{{{','.join(f'{key}:{shown(part)}' for key, part in value.items())}}}"
        return text if len(text) <= 80 else f"{text[:77]}..."
    return str(value)
