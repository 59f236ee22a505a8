"""`toonify serve`."""

from __future__ import annotations

import contextlib
import threading
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from toonify.cli import console
from toonify.errors import ToonifyError

if TYPE_CHECKING:
    from toonify.styles import Style


def serve(
    styles: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="STYLES",
            help="Styles to offer: names, folders, files or runs.",
            show_default="all that are installed",
        ),
    ] = None,
    port: Annotated[int, typer.Option("--port", help="Port on this machine; 0 picks a free one.")] = 8765,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in your browser.")
    ] = True,
) -> None:
    """Draw cartoons in your browser, on a page that only this machine can open. Ctrl-C ends it.

    Example:  toonify serve comic drawn
    """
    from toonify.exporting.web import open_page
    from toonify.styles import load_each

    found = load_each(styles) if styles else _all_there_are()
    with open_page(found, port) as server:
        names = ", ".join(style.manifest.name for style in found)
        console.say(f"{server.address}  ({names}; Ctrl-C ends it)")
        if open_browser:  # beside: it waits for a browser that it starts, which waits for the page
            threading.Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


def _all_there_are() -> list[Style]:
    """Every installed style; one that is damaged is reported and left out."""
    from toonify.styles import load_style, style_names

    found = []
    for name in style_names():
        try:
            found.append(load_style(name))
        except ToonifyError as problem:
            console.print_error(problem)
    if not found:
        raise ToonifyError("there is no style to serve", "Give a style's folder or file, or a run's folder.")
    return found
