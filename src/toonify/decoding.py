"""The one typed decoder: tables of JSON and TOML, and what people type, as the types that they should be.

A dataclass says by its annotations what it takes, and a number's range is written beside its type, as in
`crop: Natural`. pydantic checks; its findings are put into this project's words here, with the nearest
right name for a wrong one.
"""

from __future__ import annotations

import functools
import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

from toonify.errors import ToonifyError, nearest, usage_error

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

T = TypeVar("T")

DETAILS = range(32, 2**15 + 1)  # what a style's `detail` may be, unless it is 0


class Decodable:
    """Base of the dataclasses that `decode` makes: every value of its type exactly, no number without end.

    Attributes:
        EXTRA: `forbid` refuses names that are no fields, `ignore` leaves them out.
    """

    EXTRA: ClassVar[str] = "forbid"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> Any:
        # Strict values, yet tables in place of instances.
        return handler(source) | {"strict": False}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__pydantic_config__ = {  # type: ignore[attr-defined]
            "strict": True,
            "extra": cls.EXTRA,
            "allow_inf_nan": False,
        }


@dataclass(frozen=True)
class Range:
    """What a number should be.

    Attributes:
        words: In words, after "should be".
        holds: Whether a finite number is.
    """

    words: str
    holds: Callable[[float], bool]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import AfterValidator

        return handler.generate_schema(Annotated[source, AfterValidator(self._checked)])

    def _checked(self, value: float) -> float:
        if not (math.isfinite(value) and self.holds(value)):
            raise ValueError(self.words)
        return value


@dataclass(frozen=True)
class Kind:
    """What a value should be that is of no type pydantic knows, or of several.

    Attributes:
        words: In words, after "should be".
        read: The value as it is kept; a `TypeError` or `ValueError` says that it is of another kind.
    """

    words: str
    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import PlainValidator

        return handler.generate_schema(Annotated[Any, PlainValidator(self._checked)])

    def _checked(self, value: Any) -> Any:
        try:
            return self.read(value)
        except (TypeError, ValueError):
            raise ValueError(self.words) from None


Natural = Annotated[int, Range("0 or more", lambda n: n >= 0)]
Count = Annotated[int, Range("1 or more", lambda n: n >= 1)]
Detail = Annotated[
    int, Range(f"0, or {DETAILS.start} to {DETAILS.stop - 1}", lambda n: n == 0 or n in DETAILS)
]
CloseUp = Annotated[int, Range("0, or 32 to 512", lambda n: n == 0 or 32 <= n <= 512)]
Enlargement = Annotated[float, Range("1 to 4", lambda x: 1 <= x <= 4)]
Seed = Annotated[int, Range(f"0 to {2**32 - 1}", lambda n: 0 <= n < 2**32)]  # NumPy and Keras take no other
Rate = Annotated[float, Range("above 0", lambda x: x > 0)]
Weight = Annotated[float, Range("0 or more", lambda x: x >= 0)]
Fraction = Annotated[float, Range("0 to 1", lambda x: 0 <= x <= 1)]
Share = Annotated[float, Range("0 or more and less than 1", lambda x: 0 <= x < 1)]


def decode(
    kind: type[T],
    document: Mapping[str, Any],
    where: str,
    *,
    error: Callable[[str, str], ToonifyError] = usage_error,
) -> T:
    """A dataclass from nested tables.

    Args:
        kind: A `Decodable` dataclass; so are the dataclasses among its fields.
        document: What was read.
        where: What to call it in messages.
        error: Makes what is raised, from a message and a hint.

    Raises:
        ToonifyError: naming the key, if one is unknown (with the nearest right one), missing, or has a
            value of another type or outside its range.
    """
    from pydantic import ValidationError

    try:
        made: T = _adapter(kind, kind.__name__).validate_python(document)  # type: ignore[arg-type]
        return made
    except ValidationError as found:
        # Unknown names first: a missing one often is the same name, misspelt.
        problems = sorted(found.errors(include_url=False), key=lambda one: one["type"] != _UNKNOWN)
        message, hint = _in_words(kind, problems[0], where)
        raise error(message, hint) from None


@functools.lru_cache(maxsize=1024)
def _adapter(kind: Any, told: str) -> TypeAdapter[Any]:
    """What checks a type; `told`, its text, keeps unions apart that differ in their order alone."""
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


_UNKNOWN = "unexpected_keyword_argument"


def _in_words(kind: Any, problem: ErrorDetails, where: str) -> tuple[str, str]:
    path = [*problem["loc"]]  # empty: the document itself
    table = "".join([where, *(f": {part}" for part in path[:-1])])
    key = "".join([where, *(f": {part}" for part in path)])
    if problem["type"] == _UNKNOWN:
        name = str(path[-1])
        names = [field.name for field in fields(_reached(kind, path[:-1]))]
        message = f"there is no key of {table} called '{name}'.{nearest(name, names)}"
        return message, f"Choices: {', '.join(sorted(names))}."
    if problem["type"] == "missing":
        return f"{table}: '{path[-1]}' is missing", ""
    expected = _reached(kind, path)
    if problem["type"] == "value_error" and is_dataclass(expected):
        # What a dataclass finds wrong with itself, beyond types.
        return f"{key}: {problem['ctx']['error']}", ""
    if problem["type"] == "literal_error":
        choices = sorted(typing.get_args(expected))
        message = f"there is no choice for {key} called '{problem['input']}'."
        return message + nearest(str(problem["input"]), choices), f"Choices: {', '.join(choices)}."
    return f"{key} should be {_wanted(problem, expected)}, not {_shown(problem['input'])}", ""


def _reached(kind: Any, path: list[Any]) -> Any:
    """The annotation at a path of names below a dataclass; `Any` where it is not known."""
    for part in path:
        kind = _without_none(kind)
        if is_dataclass(kind):
            kind = typing.get_type_hints(kind).get(str(part), Any)
        elif typing.get_origin(kind) in (dict, list):
            kind = typing.get_args(kind)[-1]
        else:
            return Any
    return _without_none(kind)


def _without_none(kind: Any) -> Any:
    parts = [part for part in alternatives(kind) if part is not type(None)]
    return parts[0] if len(parts) == 1 else kind


def _wanted(problem: ErrorDetails, expected: Any) -> str:
    if problem["type"] == "finite_number":
        return "a finite number"
    if problem["type"] == "value_error":
        return str(problem["ctx"]["error"])
    return _type_in_words(expected)


_WORDS: Mapping[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    dict: "a table",
    Mapping: "a table",
    type(None): "none",
}


def _type_in_words(kind: Any) -> str:
    if len(parts := alternatives(kind)) > 1:
        return " or ".join(map(_type_in_words, parts))
    if typing.get_origin(kind) is Annotated:
        return _type_in_words(typing.get_args(kind)[0])
    if is_dataclass(kind):
        return "a table"
    if typing.get_origin(kind) is typing.Literal:
        return " or ".join(map(str, typing.get_args(kind)))
    plain = typing.get_origin(kind) or kind
    if plain in (list, tuple):
        return ", each ".join(["a list", *map(_type_in_words, typing.get_args(kind)[:1])])
    return _WORDS.get(plain, getattr(plain, "__name__", str(kind)))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def read_value(value: Any, hint: Any, label: str) -> Any:
    """One value as its annotated type: text as people type it is read, anything else must be of the type.

    Args:
        value: `0.5`, `"0.5"`, `"none"`, `["a", "b"]`, a number of NumPy's ...
        hint: The annotation; types that pydantic does not know are not checked.
        label: What to call it in the message.

    Raises:
        ToonifyError: if it is of another type, or outside the range.
    """
    from pydantic import PydanticSchemaGenerationError, ValidationError

    if isinstance(value, str) and type(None) in alternatives(hint) and value.lower() == "none":
        return None
    if typing.get_origin(hint) is Mapping and isinstance(value, Mapping):
        return _read_table(value, hint, label)
    try:
        adapter = (_adapter if _is_hashable(hint) else _adapter.__wrapped__)(hint, str(hint))
    except PydanticSchemaGenerationError:
        return value
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    # Tables hold lists where a constructor may want tuples or sets.
    strict = not isinstance(value, (str, list, dict))
    try:
        return adapter.validate_python(value, strict=strict)
    except ValidationError as found:
        problem = found.errors(include_url=False)[0]
        raise usage_error(f"{label} should be {_wanted(problem, hint)}, not {_shown(value)}") from None


def _is_hashable(hint: Any) -> bool:
    """Whether an annotation can be; a stranger's may hold anything: `Annotated[int, {"unit": "px"}]`."""
    try:
        hash(hint)
    except TypeError:
        return False
    return True


def _read_table(table: Mapping[Any, Any], hint: Any, label: str) -> dict[str, Any]:
    names, values = typing.get_args(hint)
    return {
        read_value(name, names, f"a name in {label}"): read_value(value, values, f"{label} {name}")
        for name, value in table.items()
    }


def alternatives(hint: Any) -> tuple[Any, ...]:
    """What an annotation allows: the members of a union, or itself."""
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    return typing.get_args(hint) if is_union else (hint,)
