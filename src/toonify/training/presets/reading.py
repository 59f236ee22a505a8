"""Turns nested tables (TOML, JSON) into dataclasses, strictly: every key known, every value of its type."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from toonify.errors import ToonifyError, unknown, usage_error

T = TypeVar("T")


def read_tables(kind: type[T], tables: Mapping[str, Any], where: str) -> T:
    """A dataclass from nested tables.

    Args:
        kind: A dataclass; its fields are `bool`, `int`, `float`, `str`, `dict[str, Any]`, a
            `Literal` of words, a further dataclass, a `dict[str, …]` of these, or one `| None`.
        tables: What was read.
        where: What to call it in messages.

    Raises:
        ToonifyError: naming the key, if one is unknown (with the nearest right one), missing, or
            has a value of another type or outside its range.
    """
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    for key in tables:
        if key not in fields:
            raise unknown(f"key of {where} called", key, fields)
    values = {}
    for name, field in fields.items():
        if name in tables:
            values[name] = _value(hints[name], tables[name], f"{where}: {name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise usage_error(f"{where} lacks the key '{name}'")
    try:
        return kind(**values)
    except ToonifyError as error:
        raise usage_error(f"{where}: {error.message}", error.hint) from error


def _value(hint: Any, value: Any, where: str) -> Any:
    if typing.get_origin(hint) is types.UnionType:
        if value is None:
            return None
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise usage_error(f"{where} should be a table, not {value!r}")
        return read_tables(typing.cast(type, hint), value, where)
    if typing.get_origin(hint) is typing.Literal:
        if value not in typing.get_args(hint):
            raise unknown(f"choice for {where} called", str(value), typing.get_args(hint))
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError as error:
            raise usage_error(f"{where} is too large a number") from error
    if typing.get_origin(hint) is dict and dataclasses.is_dataclass(typing.get_args(hint)[1]):
        if not isinstance(value, Mapping):
            raise usage_error(f"{where} should be a table, not {value!r}")
        return {key: _value(typing.get_args(hint)[1], part, f"{where}: {key}") for key, part in value.items()}
    expected = typing.get_origin(hint) or hint
    if not isinstance(value, expected) or isinstance(value, bool) is not (expected is bool):
        raise usage_error(f"{where} should be {expected.__name__}, not {value!r}")
    return dict(value) if expected is dict else value
