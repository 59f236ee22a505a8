"""What the requests of all stages share: fields that are checked, and what these take and become."""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import Field, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Protocol, TypeVar

from toonify.decoding import Kind, alternatives, read_value
from toonify.errors import unknown, usage_error
from toonify.storage import AnyPath, why_no_name
from toonify.text import spelt, visible

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Callable[[type], type]:
        """Is for type checkers alone."""
        return lambda made: made


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Request:
    """Base of the requests, each a frozen dataclass whose fields are read by their annotations.

    Text is read as a number or as yes or no where these are wanted, as people type them.

    Raises:
        ToonifyError: (usage) that names the field, if a value is of another type, or outside its range.
    """

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True)(cls)

    def __post_init__(self) -> None:
        hints = typing.get_type_hints(type(self), include_extras=True)
        for each in dataclasses.fields(self):
            if each.init:
                value = _read(getattr(self, each.name), hints[each.name], f"`{each.name}`")
                if isinstance(value, Path):
                    check_name(value, f"`{each.name}`")
                object.__setattr__(self, each.name, value)


def _read(value: Any, hint: Any, label: str) -> Any:
    if isinstance(value, str) and str in alternatives(hint):
        return value  # also "none", which names something here
    if isinstance(value, str) and typing.get_origin(hint) is Literal:
        if value not in typing.get_args(hint):
            raise unknown(label, value, typing.get_args(hint))
        return value
    return read_value(value, hint, label)


def check_name(path: Path, label: str) -> None:
    """Raise a `ToonifyError` if no file can be called so; what is an address is not looked at."""
    if "://" not in spelt(path) and (why := why_no_name(path)):
        raise usage_error(f"{label} is no name for a file: {why} ({visible(str(path)):.80})")


T = TypeVar("T")
Given = TypeVar("Given", contravariant=True)
Kept = TypeVar("Kept", covariant=True)


class Taken(Protocol[Given, Kept]):
    """To type checkers, a field that takes one type, and is of another once the request is made.

    The field must then be given its default by `default`.
    """

    def __get__(self, instance: object, owner: type | None = None) -> Kept: ...
    def __set__(self, instance: object, value: Given) -> None: ...


def default(value: Any) -> Any:
    """The default of a field that is `Taken`: any type, for the field's own is that of no value."""
    return value


def as_given(value: AnyPath) -> str | Path:
    """A path of somebody's program; text stays text, which may be a name or an address.

    Raises:
        TypeError: if it is none.
        ValueError: if it is empty.
    """
    if not isinstance(os.fspath(value), str):
        raise TypeError("paths are text")
    if not value:
        raise ValueError("empty")
    return value if isinstance(value, str) else Path(value)


def several(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    """What reads each of several; a single one may stand for itself."""

    def read_each(value: Any) -> tuple[T, ...]:
        single = isinstance(value, str) or not isinstance(value, Iterable)
        return tuple(map(read, [value] if single else value))

    return read_each


def _texts(value: Any) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("not text")
    return tuple(dict.fromkeys(texts))


def or_none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What reads the same, or `None`."""
    return lambda value: None if value is None else read(value)


def _path(value: AnyPath) -> Path:
    return Path(as_given(value))


OnePath = Annotated[Taken[AnyPath, Path], Kind("a path", _path)]
MaybePath = Annotated[Taken[AnyPath | None, Path | None], Kind("a path or none", or_none(_path))]
Paths = Annotated[
    Taken[AnyPath | Iterable[AnyPath], Sequence[Path]], Kind("a path, or a list of paths", several(as_given))
]
"""Of which text stays text until the request makes something of it."""
Texts = Annotated[Taken[str | Iterable[str], tuple[str, ...]], Kind("text, or a list of it", _texts)]
"""Each once, in their order."""
