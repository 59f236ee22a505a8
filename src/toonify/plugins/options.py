"""Options of a plugin: the keyword arguments of its constructor, as a person types them."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toonify.errors import ToonifyError, one_line, unknown, usage_error
from toonify.plugins.registry import SINGULAR, load_plugin


def create(group: str, name: str, options: Mapping[str, Any]) -> Any:
    """Make a plugin with the options that the user gave.

    Args:
        group: One of `CONTRACTS`.
        name: The plugin's name.
        options: Keyword arguments of its constructor; text is read as the parameter's type.

    Raises:
        ToonifyError: as `load_plugin`, and if an option is unknown, missing or unfit.
    """
    plugin = load_plugin(group, name)
    label = f"{SINGULAR[group]} '{name}'"
    arguments = _arguments(plugin, label, options)
    try:
        return plugin(**arguments)
    except ToonifyError:
        raise
    except Exception as error:  # a stranger's constructor may refuse a value in its own words
        raise usage_error(f"the {label} cannot be made: {type(error).__name__}: {one_line(error)}") from error


def read_options(group: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument of a plugin's constructor: what is given, read as its type, and the defaults.

    Raises:
        ToonifyError: as `create`.
    """
    return _arguments(load_plugin(group, name), f"{SINGULAR[group]} '{name}'", options)


def _arguments(plugin: type, label: str, options: Mapping[str, Any]) -> dict[str, Any]:
    parameters = _parameters(plugin)
    for key in options:
        if key not in parameters:
            raise unknown(f"option of the {label} called", key, parameters)
    lacking = [
        key
        for key, parameter in parameters.items()
        if parameter.default is parameter.empty and key not in options
    ]
    if lacking:
        raise usage_error(f"the {label} needs the option {', '.join(lacking)}")
    hints = _hints(plugin)
    given = {key: _read(value, hints.get(key), f"{key} of the {label}") for key, value in options.items()}
    return {key: parameter.default for key, parameter in parameters.items()} | given


@functools.cache
def _parameters(plugin: type) -> dict[str, inspect.Parameter]:
    if plugin.__init__ is object.__init__:  # type: ignore[misc]
        return {}
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        key: parameter
        for key, parameter in inspect.signature(plugin).parameters.items()
        if parameter.kind in kinds
    }


def _hints(plugin: type) -> dict[str, Any]:
    try:
        return typing.get_type_hints(plugin.__init__)  # type: ignore[misc]
    except (NameError, TypeError):  # annotations that exist only for type checkers
        return {}


_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


_PLAIN = frozenset({bool, int, float, str, Path, type(None)})  # types that can be checked


def _read(value: Any, hint: Any, label: str) -> Any:
    """Text as the annotated type; what is of that type already, or cannot be checked, as it is."""
    accepted = (
        typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    )
    if not _PLAIN.issuperset(accepted) or _is_one_of(value, accepted):
        return value
    if isinstance(value, str):
        if type(None) in accepted and value.lower() == "none":
            return None
        for kind in (bool, int, float, Path):
            if kind not in accepted:
                continue
            try:
                return _TRUTHS[value.lower()] if kind is bool else kind(value)
            except (KeyError, ValueError):
                continue
    names = " or ".join("none" if kind is type(None) else kind.__name__ for kind in accepted)
    raise usage_error(f"the option {label} should be {names}, not '{value}'")


def _is_one_of(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    return isinstance(value, (*kinds, int) if float in kinds else kinds)


def parse_options(pairs: Sequence[str], flag: str) -> dict[str, str]:
    """`["a=1", "b=x"]` as a dictionary.

    Args:
        pairs: What the user gave.
        flag: The command-line option, for the message.

    Raises:
        ToonifyError: if there is no `=`, or a key comes twice.
    """
    options: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key.strip():
            raise usage_error(f"{flag} {pair}: give it as KEY=VALUE")
        if key.strip() in options:
            raise usage_error(f"{flag} {key.strip()} is given twice")
        options[key.strip()] = value.strip()
    return options


def parse_numbers(pairs: Sequence[str], flag: str) -> dict[str, float]:
    """`["a=1", "b=0.5"]` as numbers; otherwise as `parse_options`."""
    numbers = {}
    for key, text in parse_options(pairs, flag).items():
        try:
            numbers[key] = float(text)
        except ValueError:
            raise usage_error(f"{flag} {key}={text}: give a number") from None
    return numbers
