"""The `toonify` command: its subcommands, and how errors become exit codes."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from toonify.cli import console
from toonify.cli.convert import convert
from toonify.cli.export import export
from toonify.cli.plugins import plugins
from toonify.cli.prepare import prepare
from toonify.cli.styles import styles
from toonify.cli.train import train
from toonify.errors import FAILURE, ToonifyError, one_line

INTERRUPTED = 130  # what shells report for Ctrl-C


class Commands(TyperGroup):
    """Turns whatever a command raises into a line or two and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ToonifyError as error:
            if ctx.params.get("debug"):
                raise
            console.print_error(error)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as interrupt:
            console.print_error(ToonifyError("stopped"))
            raise typer.Exit(INTERRUPTED) from interrupt
        except BrokenPipeError:
            raise  # whoever read our output has gone (`| head`): Typer ends without a word
        except Exception as error:
            if ctx.params.get("debug") or _belongs_to_typer(error):
                raise
            problem = f"unexpected {type(error).__name__}: {one_line(error)}"
            console.print_error(
                ToonifyError(problem, "This is a bug in toonify: `toonify --debug …` shows where.")
            )
            raise typer.Exit(FAILURE) from error


def _belongs_to_typer(error: Exception) -> bool:
    """Usage errors and exits, which Typer itself reports."""
    return type(error).__module__.split(".")[0] in ("typer", "click")


app = typer.Typer(
    name="toonify",
    cls=Commands,
    epilog="Start here:  toonify convert photo.jpg cartoon.jpg",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from toonify import __version__

        typer.echo(f"toonify {__version__}")
        raise typer.Exit


@app.callback()
def toonify(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Turn photographs into cartoons, and train your own cartoon style."""


for command in (convert, prepare, train, export, styles, plugins):
    app.command()(command)


def main() -> None:
    """The entry point of the installed command."""
    app()
