"""Writes docs/cli.md from the commands themselves.

python docs/make_reference.py
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.models import ArgumentInfo, OptionInfo

from toonify.cli.app import app

PAGE = Path(__file__).with_name("cli.md")

INTRODUCTION = """\
# Commands

This page lists every command and option. `toonify COMMAND --help` shows the same in the terminal.

| exit code | meaning |
| --- | --- |
| 0 | everything worked |
| 1 | something failed |
| 2 | the request makes no sense, or its output exists already |
| 130 | stopped by Ctrl-C, SIGTERM or a closed terminal; `serve`, and an idle `convert --watch`, end with 0 |

Reports go to standard output, errors to standard error. With `--json` the report is JSON, for scripts. A
command that fails prints JSON, too: `{"error": "…", "hint": "…", "exit_code": 2}`.

`toonify --install-completion` sets up Tab completion for bash, zsh, fish or PowerShell. Tab then completes
commands, options and their values: styles, presets, plugins, controls, and options of plugins (`--loss wgan
--loss-option` Tab gives `clip=0.01`). `toonify --show-completion` prints what would be added to your shell's
configuration.

Set `TOONIFY_DISABLE_PLUGINS=1` to ignore plugins that do not come with toonify.

`make docs` writes this page from the commands themselves, so change those, not the page.
"""

TAKES = {int: "N", float: "NUMBER", Path: "PATH", str: "NAME"}


@dataclass(frozen=True)
class Parameter:
    """An argument or option as a command's function declares it."""

    name: str
    kind: type
    several: bool
    info: ArgumentInfo | OptionInfo
    given: Any

    @property
    def required(self) -> bool:
        return self.given is inspect.Parameter.empty

    def title(self) -> str:
        """`PHOTOS...` of an argument, `--output, -o PATH` of an option."""
        dots = "..." if self.several else ""
        if isinstance(self.info, ArgumentInfo):
            return self.name.upper() + dots
        names = ", ".join(self.spellings()).replace("/", " / ")
        return names if self.kind is bool else f"{names} {self.info.metavar or TAKES[self.kind]}{dots}"

    def spellings(self) -> list[str]:
        # Within Annotated, Typer takes the first one, which it calls the default, for a name too.
        return [name for name in (self.info.default, *(self.info.param_decls or ())) if isinstance(name, str)]

    def usage(self) -> str:
        return self.title() if self.required else f"[{self.title()}]"

    def default(self) -> str:
        """What is taken when nothing is given."""
        if self.required:
            return "required"
        if isinstance(self.info.show_default, str):
            return code(self.info.show_default)
        if self.kind is bool:
            return code(self.spellings()[0].split("/")[0]) if self.given else ""
        return "" if self.given is None else code(str(self.given))


def parameters(function: Callable[..., Any]) -> Iterator[Parameter]:
    """Of a command's function, in order."""
    hints = typing.get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        annotation, info = typing.get_args(_annotated(hints[name]))
        kind = next(part for part in typing.get_args(annotation) or (annotation,) if part is not type(None))
        several = typing.get_origin(annotation) is list or typing.get_origin(kind) is list
        inner = typing.get_args(kind)[0] if typing.get_origin(kind) is list else kind
        yield Parameter(name, inner, several, info, parameter.default)


def _annotated(hint: Any) -> Any:
    """Python 3.10 makes a hint optional when the parameter's default is `None`."""
    wrapped = (part for part in typing.get_args(hint) if hasattr(part, "__metadata__"))
    return hint if hasattr(hint, "__metadata__") else next(wrapped)


def reference() -> str:
    """The page."""
    assert app.registered_callback and app.registered_callback.callback
    sections = [INTRODUCTION, "## toonify [--debug] COMMAND", table(app.registered_callback.callback)]
    for command in app.registered_commands:
        assert command.callback
        sections += section(command.callback)
    return "\n\n".join(part.strip() for part in sections) + "\n"


def section(function: Callable[..., Any]) -> list[str]:
    """Title, what it does, an example, all arguments and options."""
    summary, _, example = (inspect.getdoc(function) or "").partition("Example:")
    arguments = [p.usage() for p in parameters(function) if isinstance(p.info, ArgumentInfo)]
    title = " ".join(["## toonify", function.__name__.replace("_", "-"), *arguments])
    return [title, summary, f"```sh\n{example.strip()}\n```", table(function)]


def table(function: Callable[..., Any]) -> str:
    rows = [f"| {code(p.title())} | {p.default()} | {p.info.help} |" for p in parameters(function)]
    return "\n".join(["| | default | |", "| --- | --- | --- |", *rows])


def code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
