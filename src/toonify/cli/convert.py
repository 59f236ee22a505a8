"""`toonify convert`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite, Workers
from toonify.cli.convert_options import Faces, Films, Kept, Machines
from toonify.errors import usage_error
from toonify.text import visible

if TYPE_CHECKING:
    from toonify.cli.progress import ConsoleProgress
    from toonify.converting import ConvertRequest, Outcome

FIELDS = (
    "background_only",
    "codec",
    "detail",
    "device",
    "end",
    "faces_only",
    "first_frame",
    "format",
    "no_painter",
    "overwrite",
    "runner",
    "start",
)
"""What failures of single files may speak of."""


def convert(
    inputs: Annotated[
        list[str] | None,  # no paths, which would lose slashes of addresses
        typer.Argument(
            help="Pictures, films, folders or patterns to convert; - reads standard input.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Argument(
            help="The folder to write into. For a single input file it may be a file name, or - for standard "
            "output. A single argument is the input.",
            show_default="photo.cartoon.jpg for photo.jpg, photos-cartoons for photos/",
        ),
    ] = None,
    *,
    style: Annotated[
        str | None,
        typer.Option(
            "--style",
            metavar="NAME|RUN|FOLDER|FILE",
            help="The style to draw in; `toonify styles` lists them. Several, with commas, for --compare.",
            show_default="comic",
        ),
    ] = None,
    strength: Annotated[
        float,
        typer.Option("--strength", help="How much cartoon to mix in: 0 is the photograph, 1 the cartoon."),
    ] = 1.0,
    detail: Annotated[
        int | None,
        typer.Option(
            "--detail",
            metavar="PIXELS",
            min=0,
            help="Draw at PIXELS x PIXELS, then enlarge. Smaller numbers give fewer, broader strokes; "
            "0 draws at full size.",
            show_default="the style's own",
        ),
    ] = None,
    controls: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="CONTROL=X",
            help="Set one of the style's controls, such as ink=0.5; `toonify styles NAME` lists them.",
        ),
    ] = None,
    faces: Faces,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="keep|jpeg|png|webp",
            help="File format to write; keep writes the format of the input.",
        ),
    ] = "keep",
    kept: Kept,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare",
            help="Also write NAME.compare, before and after side by side; of several styles, one sheet.",
        ),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="PAGE", help="Also write an HTML page with before and after of each picture."
        ),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("--recursive/--no-recursive", help="Include sub-folders.")
    ] = True,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch", help="Keep converting files that appear or change in the folders, until Ctrl-C."
        ),
    ] = False,
    workers: Workers = 0,
    machines: Machines,
    overwrite: Overwrite = False,
    films: Films,
    json: Json = False,
    json_lines: Annotated[
        bool,
        typer.Option("--json-lines", help="Print a line of JSON as each file is finished, then the report."),
    ] = False,
) -> None:
    """Turn photographs and films into cartoons.

    Example:  toonify convert photo.jpg
    """
    from toonify.cli.progress import ConsoleProgress
    from toonify.converting import ConvertRequest, convert_all, names_a_stream
    from toonify.plugins import parse_numbers
    from toonify.styles import default_style

    if not inputs:  # the last one counts as OUTPUT, though it is the only one
        inputs, output = [output] if output else [], None
    if not inputs:
        raise usage_error("the argument INPUTS is missing", "For example: toonify convert photo.jpg")
    request = ConvertRequest(
        inputs=inputs,
        output=output,
        style=default_style() if style is None else style,
        strength=strength,
        detail=detail,
        controls=parse_numbers(controls or [], "--set"),
        format=format,
        compare=compare,
        report=report,
        recursive=recursive,
        workers=workers,
        overwrite=overwrite,
        **faces.values(),
        **kept.values(),
        **machines.values(),
        **films.values(),
    )
    progress = ConsoleProgress(quiet=json or json_lines)
    if watch:
        _watch(request, progress, as_json=json, in_lines=json_lines)
    if names_a_stream(request):
        _pipe(request, progress, as_json=json, in_lines=json_lines)
    result = convert_all(request, progress, _print_line if json_lines else None)
    console.finish(result, as_json=json, in_lines=json_lines, fields=FIELDS)


def _pipe(request: ConvertRequest, progress: ConsoleProgress, *, as_json: bool, in_lines: bool) -> NoReturn:
    """Convert what comes through standard input, or goes to standard output, with nothing else there."""
    from toonify.converting import convert_stream

    arrives, leaves = str(request.inputs[0]) == "-", str(request.output or "-") == "-"
    if leaves and (as_json or in_lines):
        raise usage_error("a picture and JSON cannot both go to standard output", "Give the picture a name.")
    for stream, name, used in ((sys.stdin, "input", arrives), (sys.stdout, "output", leaves)):
        if used and stream is None:  # as some schedulers start programs
            raise usage_error(f"standard {name} is closed", "Give the picture a name.")
    if leaves and sys.stdout.isatty():
        raise usage_error(
            "a picture cannot be written to a terminal", "Redirect it, as in: toonify convert a.jpg - > b.jpg"
        )
    if arrives and sys.stdin.isatty():
        raise usage_error("a picture cannot be typed", "Redirect one, as in: toonify convert - b.jpg < a.jpg")
    source, target = (
        stream.buffer if used else io.BytesIO()  # the other one may be closed
        for stream, used in ((sys.stdin, arrives), (sys.stdout, leaves))
    )
    result = convert_stream(request, source, target, progress)
    if in_lines:
        for outcome in result.outcomes:
            _print_line(outcome)
    if not leaves:
        console.finish(result, as_json=as_json, in_lines=in_lines, fields=FIELDS)
    console.finish_aside("\n".join(result.remarks), result.exit_code, fields=FIELDS)


def _watch(request: ConvertRequest, progress: ConsoleProgress, *, as_json: bool, in_lines: bool) -> NoReturn:
    """Convert what is in folders, and what appears there, with a line for each."""
    from toonify.converting import watch

    tell = _print_line if in_lines else None if as_json else _say_line
    result = watch(request, progress, tell)
    console.finish(result, as_json=as_json, in_lines=in_lines, fields=FIELDS)


def _say_line(outcome: Outcome) -> None:
    told = outcome.remark or visible(f"{outcome.source}: {_what_became(outcome)}")
    if outcome.remark or outcome.result != "skipped" or outcome.differs:
        console.say(console.as_options(told, FIELDS), to=console.stderr)


def _what_became(outcome: Outcome) -> str:
    if not outcome.differs:
        return outcome.result
    return f"{outcome.target} stays, but was made differently: {'; '.join(outcome.differs)}"


def _print_line(outcome: Outcome) -> None:
    console.print_json(outcome.as_json(), in_a_line=True)
