"""Options that stand under one heading of `--help`, declared once, as a dataclass.

Typer wants a parameter for every option (https://github.com/fastapi/typer/issues/154): thirty of them make
a signature of three hundred lines. Here a command takes a whole group as one parameter, and `spread` shows
Typer the options in it.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any, ClassVar


@dataclass(frozen=True)
class OptionGroup:
    """Options that belong together: each a field, `Annotated` with a `typer.Option`, and its default.

    Attributes:
        heading: What they stand under.
    """

    heading: ClassVar[str]

    def values(self) -> dict[str, Any]:
        """The fields of a request that the options set; unless a group says otherwise, those called alike."""
        return vars(self)


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """A command for Typer: the same, with the options of its groups as parameters of their own.

    Args:
        command: Its parameters that are annotated with an `OptionGroup` are keyword-only.
    """
    hints = inspect.get_annotations(command, eval_str=True)
    parameters = [*_parameters(command, hints)]
    groups = {name: hint for name, hint in hints.items() if _is_group(hint)}

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{each.name: given.pop(each.name) for each in dataclasses.fields(group)})
        command(**given)

    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_options


def _is_group(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, OptionGroup)


def _parameters(command: Callable[..., None], hints: Mapping[str, Any]) -> Iterator[Parameter]:
    for name, parameter in inspect.signature(command).parameters.items():
        if _is_group(hints[name]):
            yield from _options(hints[name])
        else:
            yield parameter.replace(annotation=hints[name])


def _options(group: type[OptionGroup]) -> Iterator[Parameter]:
    hints = inspect.get_annotations(group, eval_str=True)
    for field in dataclasses.fields(group):
        hint = hints[field.name]
        _, option = typing.get_args(hint)
        option.rich_help_panel = group.heading
        yield Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=hint)
