"""What commands share: the options that several have, and how results and errors are shown."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, NoReturn, Protocol

import typer
from rich.console import Console as RichConsole
from rich.table import Table

from toonify.ending import lead_nowhere
from toonify.errors import ToonifyError
from toonify.text import for_terminal

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace output that already exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON, for scripts.")]
Seed = Annotated[
    int, typer.Option("--seed", min=0, help="Seed of random choices; the same seed gives the same result.")
]
Workers = Annotated[
    int, typer.Option("--workers", min=0, help="Pictures to work on at once; 0 means one per core.")
]

stdout = RichConsole()
stderr = RichConsole(stderr=True)


def print_error(error: ToonifyError) -> None:
    """An error as one or two lines on standard error."""
    stderr.print(f"[bold red]error:[/] {for_terminal(error.message)}", highlight=False, soft_wrap=True)
    if error.hint:
        stderr.print(f"       {for_terminal(error.hint)}", highlight=False, soft_wrap=True)


def print_json(document: Mapping[str, Any], *, in_a_line: bool = False) -> None:
    """For scripts: a report, alone on standard output, or a line of many."""
    text = json.dumps(document, indent=None if in_a_line else 2)
    print(text, flush=True)  # where there is no room for it, an error tells


def print_failure(error: ToonifyError, *, in_a_line: bool = False) -> None:
    """What went wrong, for scripts, in place of the report; people read it on standard error."""
    with contextlib.suppress(OSError):  # they still do
        told = {"error": error.message, "hint": error.hint, "exit_code": error.exit_code}
        print_json(told, in_a_line=in_a_line)


def give_up_output_without_room() -> None:
    """That was told already; Python 3.14 would try to write it once more at its end, and exit with 120."""
    if sys.stdout is None:  # it was closed from the beginning
        return
    try:
        sys.stdout.flush()
    except OSError:
        lead_nowhere(sys.stdout.fileno())


class Report(Protocol):
    """The result of a stage."""

    @property
    def exit_code(self) -> int: ...
    @property
    def summary(self) -> str: ...
    def as_json(self) -> dict[str, Any]: ...


def finish(report: Report, *, as_json: bool, in_lines: bool = False, fields: Iterable[str] = ()) -> NoReturn:
    """End a command: its report on standard output, its exit code for the shell.

    Args:
        report: What the stage gave back.
        as_json: For scripts, instead of the summary.
        in_lines: Likewise, as the last of many lines, which have told of each picture.
        fields: Of the request, which the summary may name; the options are called alike.
    """
    if in_lines:
        told = {key: value for key, value in report.as_json().items() if key != "pictures"}
        print_json({"kind": "report", **told}, in_a_line=True)
    elif as_json:
        print_json(report.as_json())
    else:
        say(as_options(report.summary, fields))
    raise typer.Exit(report.exit_code)


def finish_aside(remarks: str, exit_code: int, *, fields: Iterable[str]) -> NoReturn:
    """End a command whose standard output holds no words: what there is to say goes to standard error."""
    if remarks:
        say(as_options(remarks, fields), to=stderr)
    raise typer.Exit(exit_code)


def as_options(text: str, fields: Iterable[str]) -> str:
    """A text in which fields of a request are spelt as options."""
    return as_typed(text, {field: f"--{field.replace('_', '-')}" for field in fields})


def as_typed(text: str, options: Mapping[str, str]) -> str:
    """A text in which fields of a request are spelt as people type them.

    Of a field and its value there may be one option that sets both: `only` faces is --faces-only, and
    `painter` False is --no-painter.

    Args:
        text: With fields in backticks.
        options: How each field is typed, and options that are called otherwise.
    """

    def typed(named: re.Match[str]) -> str:
        field, value = named.groups()
        both = f"no_{field}" if value == "False" else f"{value}_{field}"
        return options.get(both) or named[0].replace(f"`{field}`", options.get(field, f"`{field}`"))

    return re.sub(r"`(\w+)`(?: (\w+))?", typed, text)


def print_table(columns: tuple[str, ...], rows: Sequence[tuple[str | int, ...]]) -> None:
    """A table on standard output; cells are shown as they are, without markup, numbers to the right."""
    table = Table(header_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        numbers = bool(rows) and all(isinstance(row[place], int) for row in rows)
        table.add_column(column, overflow="fold", justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else for_terminal(cell) for cell in row))
    stdout.print(table)


def say(message: str, to: RichConsole = stdout) -> None:
    """The lines of a summary, on standard output unless that is for something else."""
    for line in message.split("\n"):
        to.print(for_terminal(line), soft_wrap=True)
