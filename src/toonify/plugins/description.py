"""The description of a plugin: the options of its constructor, its docstring, where its code is."""

from __future__ import annotations

import contextlib
import inspect
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toonify.decoding import Range, alternatives

_ARGS = re.compile(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", re.MULTILINE)
_ARGUMENT = re.compile(r"^    (\w+):\s*((?:.+\n?)(?:^ {8,}.+\n?)*)", re.MULTILINE)


@dataclass(frozen=True)
class Option:
    """An argument of a plugin's constructor.

    Attributes:
        name: As people type it.
        type: Its annotation, as it was written, or its type and range; empty without one.
        default: As Python writes it, or the name of what has no such form, a function say; `None` when the
            option must be given.
        description: Of the docstring's `Args:`; empty when that does not name it.
    """

    name: str
    type: str
    default: str | None
    description: str


@dataclass(frozen=True)
class Description:
    """Of a class.

    Attributes:
        text: Its docstring, or its contract's, without `Args:`.
        options: In the constructor's order.
        source: Of its code, as `FILE:LINE`; empty when there is no file.
    """

    text: str
    options: tuple[Option, ...]
    source: str


def describe(plugin: type) -> Description:
    """Look at a class; nothing of it is called."""
    text = inspect.getdoc(plugin) or ""
    told = _arguments(text) | _arguments(inspect.getdoc(plugin.__init__) or "")  # type: ignore[misc]
    options = tuple(
        Option(name, _written(each.annotation, plugin), _default(each), told.get(name, ""))
        for name, each in parameters(plugin).items()
    )
    return Description(_ARGS.sub("", text).strip(), options, _source(plugin))


def parameters(plugin: type) -> Mapping[str, inspect.Parameter]:
    """The arguments of a constructor that options can give, by name."""
    if plugin.__init__ is object.__init__:  # type: ignore[misc]
        return {}
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        key: parameter
        for key, parameter in inspect.signature(plugin).parameters.items()
        if parameter.kind in kinds
    }


def required(plugin: type) -> list[str]:
    """The options without a default."""
    return [name for name, each in parameters(plugin).items() if each.default is each.empty]


def _arguments(docstring: str) -> dict[str, str]:
    """What a docstring says of each argument, in a line."""
    section = _ARGS.search(docstring)
    found = _ARGUMENT.findall(section[1]) if section else []
    return {name: " ".join(text.split()) for name, text in found}


def evaluated(annotation: Any, plugin: type) -> Any:
    """An annotation that may be text, each by itself: one that cannot be resolved spoils no other.

    Raises:
        Exception: whatever evaluating a stranger's annotation brings up.
    """
    holder = types.SimpleNamespace(__annotations__={"option": annotation})
    names = vars(inspect.getmodule(plugin.__init__) or typing)  # type: ignore[misc]
    return typing.get_type_hints(holder, names, include_extras=True)["option"]


def _written(annotation: object, plugin: type) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    with contextlib.suppress(Exception):  # few have a range, and a stranger's may bring up anything
        parts = alternatives(evaluated(annotation, plugin))
        if any(map(_range, parts)):
            return "; or ".join(map(_with_range, parts))
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _range(hint: Any) -> Range | None:
    return next((part for part in typing.get_args(hint) if isinstance(part, Range)), None)


def _with_range(hint: Any) -> str:
    if limit := _range(hint):
        return f"{inspect.formatannotation(typing.get_args(hint)[0])}: {limit.words}"
    return "None" if hint is types.NoneType else inspect.formatannotation(hint)


def _default(parameter: inspect.Parameter) -> str | None:
    if parameter.default is parameter.empty:
        return None
    with contextlib.suppress(Exception):  # a stranger's may fail
        written = repr(parameter.default)
        if " at 0x" not in written:
            return written
    return getattr(parameter.default, "__qualname__", f"a {type(parameter.default).__name__}")


def _source(plugin: type) -> str:
    try:
        return f"{inspect.getsourcefile(plugin)}:{inspect.getsourcelines(plugin)[1]}"
    except (OSError, TypeError):  # compiled, or made at run time
        return ""
