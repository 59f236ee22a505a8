"""Options of a plugin: the keyword arguments of its constructor, as a person types them."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from typing import Any

from toonify.decoding import read_value
from toonify.errors import ToonifyError, one_line, unknown, usage_error
from toonify.plugins.description import evaluated, parameters, required
from toonify.plugins.in_use import plugin_in_use
from toonify.plugins.registry import SINGULAR, load_plugin


def create(group: str, name: str, options: Mapping[str, Any]) -> Any:
    """Make a plugin with the options that the user gave.

    Args:
        group: One of `CONTRACTS`: a style is a folder, which `toonify.load_style` reads.
        name: The plugin's name.
        options: Keyword arguments of its constructor; text is read as the parameter's type.

    Raises:
        ToonifyError: as `load_plugin`, and if an option is unknown, missing or unfit.
    """
    plugin = load_plugin(group, name)
    arguments = _arguments(plugin, group, name, options)
    try:
        return plugin(**arguments)
    except ToonifyError:
        raise
    except (Exception, SystemExit) as error:  # a stranger's constructor may refuse a value in its own words
        raise usage_error(
            f"{plugin_in_use(group, name)} cannot be made: {type(error).__name__}: {one_line(error)}",
            f"`toonify plugins {group} {name}` shows its options, and where it comes from.",
        ) from error


def read_options(group: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Every argument of a plugin's constructor, as JSON holds it: what is given, read as its type, and the
    defaults.

    What JSON has no words for, such as a path, stays as it is given; as a default it is left out.

    Raises:
        ToonifyError: as `create`.
    """
    read = _arguments(load_plugin(group, name), group, name, options)
    plain = {key: value for key, value in read.items() if _is_plain(value)}
    return {key: plain.get(key, options.get(key)) for key in read if key in plain or key in options}


def _is_plain(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _arguments(plugin: type, group: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    label = f"{SINGULAR[group]} '{name}'"
    known = parameters(plugin)
    for key in options:
        if key not in known:
            raise unknown(f"option of the {label} called", key, known)
    lacking = [key for key in required(plugin) if key not in options]
    if lacking:
        raise usage_error(
            f"the {label} needs the option {', '.join(lacking)}",
            f"`toonify plugins {group} {name}` shows its options.",
        )
    given = {key: _read(plugin, key, value, label) for key, value in options.items()}
    return {key: parameter.default for key, parameter in known.items()} | given


def _read(plugin: type, key: str, value: Any, label: str) -> Any:
    """An option as its parameter's annotation says; without one, as it is.

    Raises:
        ToonifyError: if it is of another type, or the annotation is of no use: `if TYPE_CHECKING:` imports
            are not there when options are read.
    """
    annotation = parameters(plugin)[key].annotation
    if annotation is inspect.Parameter.empty:
        return value
    try:
        hint = evaluated(annotation, plugin)
    except Exception as error:  # whatever evaluating a stranger's annotation brings up
        raise usage_error(
            f"the option {key} of the {label} cannot be read: its annotation '{annotation}' "
            f"does not resolve ({one_line(error)})",
            "Leave it out, or tell the authors: the annotation's names must exist when the module runs.",
        ) from error
    return read_value(value, hint, f"the option {key} of the {label}")


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
