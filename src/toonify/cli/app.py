"""The `toonify` command: its subcommands, and how errors become exit codes."""

from __future__ import annotations

import gc
import io
import itertools
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from toonify.cli import console
from toonify.cli.completion import answer_first_tab, complete_values
from toonify.cli.convert import convert
from toonify.cli.export import export
from toonify.cli.new_plugin import new_plugin
from toonify.cli.option_groups import spread
from toonify.cli.plugins import plugins
from toonify.cli.prepare import prepare
from toonify.cli.presets import presets
from toonify.cli.preview import preview
from toonify.cli.runs import runs
from toonify.cli.serve import serve
from toonify.cli.styles import styles
from toonify.cli.train import train
from toonify.distributions import both_installed, missing
from toonify.ending import fill_standard_descriptors, signals_interrupt
from toonify.errors import (
    INTERRUPTED,
    ToonifyError,
    lacks_memory,
    lacks_threads,
    one_line,
    refusal,
    usage_error,
)
from toonify.text import visible

AS_JSON = "toonify.as_json"
"""Of a context: the option by which a script asks for the report; empty where a person reads it."""

LINES = "--json-lines"

_USUAL_WIDTH = 80  # letters


class Commands(TyperGroup):
    """Turns whatever a command raises into a line or two and an exit code."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **options: Any) -> Any:
        as_json, debug = _asks_for_json(args), "--debug" in args  # which are taken out as they are read
        if "" in args:  # as a path it would be the folder that one is in
            raise _told(_empty(args), as_json)
        try:
            context = super().make_context(info_name, args, *more, **options)
        except BrokenPipeError:
            raise
        except Exception as error:  # `--help` writes before there is a command, perhaps to a full disk
            problem = _misuse(error)
            if debug or (_belongs_to_typer(error) and not problem):
                raise
            raise _told(problem or _for_people(error), as_json) from error
        context.meta[AS_JSON] = as_json
        return context

    def invoke(self, ctx: Any) -> Any:
        as_json = ctx.meta[AS_JSON]
        try:
            with signals_interrupt():
                _tell_of_both()
                return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            raise _told(ToonifyError("stopped", exit_code=INTERRUPTED), as_json) from interrupt
        except BrokenPipeError:
            raise  # whoever read our output has gone (`| head`): Typer ends without a word
        except Exception as error:
            problem = _misuse(error)
            if ctx.params.get("debug") or (_belongs_to_typer(error) and not problem):
                raise
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            raise _told(problem or _as_options(_for_people(error), command), as_json) from error


def _asks_for_json(args: list[str]) -> str:
    """The option by which a script asks for JSON, or an empty text; found before arguments are parsed."""
    options = [*itertools.takewhile(lambda arg: arg != "--", args)]
    return next((option for option in (LINES, "--json") if option in options), "")


def _empty(args: list[str]) -> ToonifyError:
    before = visible(" ".join(["toonify", *args[: args.index("")]]))
    return usage_error(f"an argument is empty: what follows {before}", "A variable may have no value.")


def _told(problem: ToonifyError, as_json: str) -> typer.Exit:
    """Print why a command failed, for people and for scripts, and return the exit that ends it."""
    console.print_error(problem)
    if as_json:
        console.print_failure(problem, in_a_line=as_json == LINES)
    console.give_up_output_without_room()
    return typer.Exit(problem.exit_code)


def _tell_of_both() -> None:
    """Warn if both distributions are installed: they share files, and removing one breaks the other."""
    if advice := both_installed():
        from toonify.cli.progress import ConsoleProgress

        ConsoleProgress().warn(advice)


def _as_options(problem: ToonifyError, command: Any) -> ToonifyError:
    """An error in the words of the command line: what stages call `val_fraction` is --val-fraction there."""
    parameters = command.params if command else []
    spelt = {parameter.name: _spelt(parameter) for parameter in parameters}
    spelt |= {
        f"no_{each.name}": max(each.secondary_opts, key=len) for each in parameters if each.secondary_opts
    }
    message, hint = (console.as_typed(text, spelt) for text in (problem.message, problem.hint))
    return ToonifyError(message, hint, exit_code=problem.exit_code)


def _spelt(parameter: Any) -> str:
    """How a parameter is typed: `--size`, or `PHOTOS`."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return str(max(parameter.opts, key=len))


def _belongs_to_typer(error: Exception) -> bool:
    """Usage errors, exits, and the help that is shown where there is no command."""
    return type(error).__module__.split(".")[0] in ("typer", "click")


def _misuse(error: Any) -> ToonifyError | None:
    """A usage error of Typer's, with a hint; `None` for other errors."""
    kind = type(error).__name__
    if not _belongs_to_typer(error) or not hasattr(error, "format_message") or kind == "NoArgsIsHelpError":
        return None
    help_ = f"`{error.ctx.command_path} --help` shows what there is." if error.ctx else ""
    if kind == "MissingParameter":
        example = (error.ctx.command.help or "").partition("Example:")[2].strip()
        what = f"the {error.param.param_type_name} {_spelt(error.param)}"
        return usage_error(f"{what} is missing", f"For example: {example}" if example else help_)
    return usage_error(visible(error.format_message()), help_)  # which repeats names of files, say


def _for_people(error: Exception) -> ToonifyError:
    """An error with a message for people; one that nobody foresaw is called a bug of toonify."""
    if isinstance(error, ToonifyError):
        return error
    if isinstance(error, ImportError) and _was_interrupted(error):
        return ToonifyError("stopped", exit_code=INTERRUPTED)
    if isinstance(error, ModuleNotFoundError) and (lacking := missing(error)):
        return lacking
    if found := _of_the_system(error):
        return found
    problem = f"unexpected {type(error).__name__}: {one_line(error)}"
    return ToonifyError(problem, "This is a bug in toonify: `toonify --debug …` shows where.")


def _of_the_system(error: Exception) -> ToonifyError | None:
    """What the system lacks or refuses, if that is why."""
    if lacks_memory(error):
        return ToonifyError("the memory of this machine is too small for this")
    if lacks_threads(error):
        return ToonifyError(
            "the system lets this process start no more threads",
            "Raise its limit: `ulimit -u`, or that of the container.",
        )
    if isinstance(error, RuntimeError) and "home directory" in str(error):  # pathlib's
        return ToonifyError("nobody knows where your home folder is", "Set HOME to it.")
    if isinstance(error, FileNotFoundError) and not error.filename and _is_nowhere():
        return ToonifyError("the current folder is not there any more", "Go to another one.")
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return ToonifyError(where + refusal(error), "`toonify --debug …` shows where it happened.")
    if isinstance(error, ImportError):
        return ToonifyError(
            f"a library cannot be loaded: {one_line(error)}",
            "It may be damaged, need one of the system's, or more memory: `toonify --debug …` shows which.",
        )
    return None


def _is_nowhere() -> bool:
    """Whether somebody removed the folder that the command was started in."""
    try:
        return not Path.cwd()
    except OSError:
        return True


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether Ctrl-C caused an error: a library that is being imported may raise one of its own instead."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


app = typer.Typer(
    name="toonify",
    cls=Commands,
    epilog="Start here:  toonify convert photo.jpg",
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
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Turn photographs into cartoons, and train your own cartoon style."""


for command in (
    convert,
    preview,
    prepare,
    train,
    runs,
    export,
    serve,
    styles,
    presets,
    plugins,
    new_plugin,
):
    with_options = spread(command)
    complete_values(with_options)
    app.command()(with_options)


def main() -> None:
    """The entry point of the installed command."""
    fill_standard_descriptors()
    gc.freeze()  # the command line itself stays: to look through it for garbage takes time, and finds none
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal and log has every letter
    if os.environ.get("COLUMNS") == "0":  # unknown; to so many Rich would print nothing
        os.environ["COLUMNS"] = str(_USUAL_WIDTH)
        console.stdout.width = console.stderr.width = _USUAL_WIDTH
    answer_first_tab()
    try:
        # By this name, however it was started, completion is installed. Commands that take pictures expand
        # patterns; on Windows Click would before: `a[1].jpg` would mean `a1.jpg`, `**` forget its folders.
        app(prog_name="toonify", windows_expand_args=False)
    finally:
        gc.freeze()  # Python would look through everything once more as it ends
