"""`toonify runs`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json


def runs(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="RUNS", help="Runs, or folders that hold runs.", show_default="runs"),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="PAGE", help="Write an HTML page that shows the runs side by side."),
    ] = None,
    json: Json = False,
) -> None:
    """List training runs with their figures, or compare them on a page.

    Example:  toonify runs runs/comic-1 runs/comic-2 --report both.html
    """
    from toonify.training.report import as_json, figures_shown, list_runs, write_comparison

    found = list_runs(paths or [Path("runs")])
    if report:
        write_comparison(found, report)
    if json:
        console.print_json({"runs": [as_json(run) for run in found]})
        return
    shown = figures_shown(found)
    rows = [
        (
            str(run.folder),
            run.preset,
            run.done,
            *(f"{run.newest[name]:.4g}" if name in run.newest else "" for name in shown),
            run.verdict.state if run.verdict else "",
            "yes" if run.figures else "",
        )
        for run in found
    ]
    heads = ("run", "preset", "steps", *(name.replace("_", " ") for name in shown), "verdict", "style")
    console.print_table(heads, rows)
    if report:
        console.say(f"Their samples side by side: {report}")
