"""Checks that a class of the user's own fulfils its contract; an error says in one sentence what is missing."""

import inspect
from collections.abc import Mapping

from gan_lightning.errors import SettingError


def check_contract(setting: str, part: object, contract: type) -> None:
    """Refuse an object that does not keep a contract: a class with abstract methods and bare annotations.

    Args:
        setting: which setting chose it; begins the message.
        part: the object.
        contract: the class that it has to derive from.

    Raises:
        SettingError: its class does not derive from the contract, a method takes other arguments than the contract's,
            or an attribute that the contract annotates without a value is not set. The message says what is asked.
    """
    name = type(part).__name__
    package = ".".join(contract.__module__.split(".")[:2])
    asked = f"{package}.{contract.__name__} asks for {_asked(contract)}"
    if not isinstance(part, contract):
        raise SettingError(f"{setting}: {name} does not derive from {contract.__name__}; {asked}")
    for method in _methods(contract):
        given, wanted = (inspect.signature(getattr(owner, method)) for owner in (type(part), contract))
        try:
            given.bind(*wanted.parameters)
        except TypeError:
            raise SettingError(f"{setting}: {name} has {_shown(method, given)}; {asked}") from None
    missing = [attribute for attribute in _attributes(contract) if getattr(part, attribute, None) is None]
    if missing:
        raise SettingError(f"{setting}: {name} does not set {' and '.join(missing)}; {asked}")


def check_contracts(setting: str, parts: Mapping[str, object], contract: type) -> None:
    """The same for each of several parts by name.

    Raises:
        SettingError: also if they have no names.
    """
    if not isinstance(parts, Mapping):
        raise SettingError(
            f"{setting}: an option of this group holds parts by name, one level more than other groups, such as "
            f"mine: {{_target_: my_package.{type(parts).__name__}}}"
        )
    for name, part in parts.items():
        check_contract(f"{setting}.{name}", part, contract)


def _methods(contract: type) -> list[str]:
    abstract: frozenset[str] = getattr(contract, "__abstractmethods__", frozenset())
    return [name for owner in _own(contract) for name in vars(owner) if name in abstract]


def _attributes(contract: type) -> list[str]:
    return [name for owner in _own(contract) for name in inspect.get_annotations(owner) if not hasattr(contract, name)]


def _own(contract: type) -> list[type]:
    """The contract and what it inherits from within this package."""
    return [owner for owner in contract.__mro__ if owner.__module__.startswith("gan_lightning.")]


def _asked(contract: type) -> str:
    methods = [_shown(name, inspect.signature(getattr(contract, name))) for name in _methods(contract)]
    attributes = [f"the attribute {name}" for name in _attributes(contract)]
    *first, last = [*attributes, *methods]
    return f"{', '.join(first)} and {last}" if first else last


def _shown(method: str, signature: inspect.Signature) -> str:
    """A method as a user writes it, without `self` and without types."""
    own = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()][1:]
    name = "a call" if method == "__call__" else method
    return f"{name}({', '.join(map(str, own))})"
