"""What a class or function takes, read from its source: importing it would import torch, which takes seconds.

The outline of a class is a class of the same name, with the same bases, signature, annotations and docstring, but
without a body. Of this package, of Lightning and of torch every class has one. Names of the standard library are
imported. Of other classes nothing is known: they take anything, and no plain value.
"""

import ast
import builtins
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, final, get_origin

_READ = ("gan_lightning", "lightning", "torch")
_IMPORTED = (*sys.stdlib_module_names, "annotated_types", "pydantic", "gan_lightning.ranges")
"""Modules that are imported quickly, and whose objects mean something in an annotation."""


class _Outline(type):
    """The type of outlines: an attribute or an item of a class of which nothing is known is another such class."""

    __signature__: Signature

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _unknown(name)

    def __getitem__(cls, _: object) -> Any:
        return cls


def _unknown(name: str) -> _Outline:
    anything = [Parameter("args", Parameter.VAR_POSITIONAL), Parameter("kwargs", Parameter.VAR_KEYWORD)]
    return _Outline(name, (), {"__signature__": Signature(anything)})


def outline(target: str) -> Callable[..., Any]:
    """The outline of the class or function that a dotted name names.

    Raises:
        LookupError: there is none in the sources.
    """
    module, _, name = target.rpartition(".")
    if _file(module) is None or not callable(found := _found(module, name)):
        raise LookupError(target)
    return found


def outlines(package: str) -> list[Callable[..., Any]]:
    """The outlines of everything in a package's `__all__` that can be called."""
    names = ast.literal_eval(_bindings(package)["__all__"].value)
    return [made for made in (_found(package, name) for name in names) if callable(made)]


@cache
def _file(module: str) -> Path | None:
    """The source of a module that is not imported for that, as `importlib` would import the packages above it."""
    top, *below = module.split(".")
    spec = find_spec(top) if top in _READ else None
    for folder in spec.submodule_search_locations or () if spec is not None else ():
        path = Path(folder, *below)
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                return file
    return None


@cache
def _bindings(module: str) -> dict[str, Any]:
    """What stands behind each name at the top of a module: its last statement there."""
    file = _file(module)
    assert file is not None
    return dict(_bound(ast.parse(file.read_bytes()).body))


def _bound(body: list[ast.stmt]) -> Iterator[tuple[str, Any]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], (node, alias)
        elif isinstance(node, ast.If | ast.Try):
            yield from _bound(node.body)


@cache
def _found(module: str, name: str) -> Any:
    """What a name at the top of a module stands for.

    Raises:
        LookupError: the module has no such name.
    """
    if module.partition(".")[0] in _IMPORTED or module in _IMPORTED:
        return getattr(import_module(module), name)
    if _file(module) is None:
        return _unknown(name)
    bound = _bindings(module).get(name)
    if bound is None:
        inner = f"{module}.{name}"
        if name not in vars(builtins) and _file(inner) is None:
            raise LookupError(inner)
        return vars(builtins).get(name) or _Module(inner)
    if isinstance(bound, tuple):
        return _imported(*bound)
    if isinstance(bound, ast.ClassDef):
        return _class(module, bound)
    if isinstance(bound, ast.FunctionDef):
        return _function(module, bound)
    return _value(module, bound.value)


def _imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> Any:
    if isinstance(node, ast.Import):
        return _module(alias.name if alias.asname else alias.name.partition(".")[0])
    inner = f"{node.module}.{alias.name}"
    return _module(inner) if _file(inner) is not None else _found(str(node.module), alias.name)


def _module(name: str) -> Any:
    if name.partition(".")[0] in _IMPORTED:
        return import_module(name)
    return _unknown(name) if _file(name) is None else _Module(name)


@final
class _Module:
    """A module of which something is asked, such as `nn.Module`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        inner = f"{self._name}.{name}"
        return _Module(inner) if _file(inner) is not None else _found(self._name, name)


@final
class _Names(dict[str, Any]):
    """The names that an expression of a module may use, found when it asks for them.

    Args:
        module: of the expression.
        abroad: whether to read the sources of other packages for it. An annotation only needs to know that they name
            classes.
    """

    def __init__(self, module: str, abroad: bool) -> None:
        self.module, self.abroad = module, abroad

    def __missing__(self, name: str) -> Any:
        bound = _bindings(self.module).get(name)
        if isinstance(bound, tuple) and not self.abroad:
            node, alias = bound
            top = str(alias.name if isinstance(node, ast.Import) else node.module).partition(".")[0]
            if top in _READ and top != self.module.partition(".")[0]:
                return _unknown(name)
        return _found(self.module, name)


def _value(module: str, expression: ast.expr, abroad: bool = False) -> Any:
    """The value of an annotation, of a base, or of a short name for one; of what is more, nothing is known."""
    try:
        return eval(compile(ast.Expression(expression), module, "eval"), {}, _Names(module, abroad))
    except Exception:  # it does with an outline what only the class itself can
        return _unknown(ast.unparse(expression))


def _function(module: str, node: ast.FunctionDef) -> Callable[..., Any]:
    def made() -> None: ...

    made.__name__, made.__module__, made.__doc__ = node.name, module, ast.get_docstring(node, clean=False)
    made.__signature__ = _signature(module, node.args, node.args.args)  # type: ignore[attr-defined]
    return made


def _class(module: str, node: ast.ClassDef) -> Any:
    made_by = {part.name: part.args for part in node.body if isinstance(part, ast.FunctionDef)}.get("__init__")
    bases = [_value(module, base, abroad=made_by is None) for base in node.bases]
    outlined = tuple(base for base in bases if isinstance(base, _Outline))
    made = _Outline(node.name, outlined, {"__module__": module, "__doc__": ast.get_docstring(node, clean=False)})
    decorators = [part.func if isinstance(part, ast.Call) else part for part in node.decorator_list]
    if any(_value(module, decorator) is dataclass for decorator in decorators) or NamedTuple in bases:
        made.__signature__ = _of_fields(module, node, made if outlined else None)
    elif made_by is not None:
        made.__signature__ = _signature(module, made_by, made_by.args[1:])
    elif not outlined:
        made.__signature__ = Signature()
    return made


def _signature(module: str, arguments: ast.arguments, positional: list[ast.arg]) -> Signature:
    """What a function takes; all by name, as configurations do."""
    defaults = [False] * (len(positional) - len(arguments.defaults)) + [True] * len(arguments.defaults)
    optional = [*defaults[-len(positional) :], *(default is not None for default in arguments.kw_defaults)]
    named = zip([*positional, *arguments.kwonlyargs], optional, strict=True)
    parameters = [_parameter(module, part.arg, part.annotation, has_default) for part, has_default in named]
    first = [Parameter(arguments.vararg.arg, Parameter.VAR_POSITIONAL)] if arguments.vararg else []
    last = [Parameter(arguments.kwarg.arg, Parameter.VAR_KEYWORD)] if arguments.kwarg else []
    return Signature([*first, *parameters, *last])


def _of_fields(module: str, node: ast.ClassDef, derived: Any) -> Signature:
    """What a dataclass or a named tuple takes: the fields of those above it, and its own."""
    fields = {} if derived is None else dict(derived.__signature__.parameters)
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            field = _parameter(module, part.target.id, part.annotation, part.value is not None)
            if ClassVar not in (field.annotation, get_origin(field.annotation)):
                fields[field.name] = field
    return Signature(list(fields.values()))


def _parameter(module: str, name: str, annotation: ast.expr | None, has_default: bool) -> Parameter:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    kind = Parameter.empty if annotation is None else _value(module, annotation)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None if has_default else Parameter.empty, annotation=kind)
