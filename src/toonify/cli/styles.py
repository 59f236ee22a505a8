"""`toonify styles`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toonify.cli import console
from toonify.cli.console import Json
from toonify.errors import FAILURE, ToonifyError
from toonify.text import for_shell

if TYPE_CHECKING:
    from toonify.storage import Control, StyleManifest
    from toonify.styles import Style


def styles(
    style: Annotated[
        list[str] | None,
        typer.Argument(
            help="Styles to list: names, folders, files or runs. One alone is shown with its controls.",
            show_default="all that are installed",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List the installed styles, or show one with its controls.

    Example:  toonify styles comic
    """
    if style is None or len(style) > 1:
        _list(style, json)
    elif json:
        console.print_json({"styles": [_row(style[0], _origins().get(style[0]))]})
    else:
        _show(style[0])


def _list(names: Sequence[str] | None, json: bool) -> None:
    origins = _origins()
    rows: list[dict[str, Any]] = []
    problems: list[ToonifyError] = []
    for name in names or origins:
        try:
            rows.append(_row(name, origins.get(name)))
        except ToonifyError as problem:
            problems.append(problem)
    if json:
        told = [{"error": problem.message, "hint": problem.hint} for problem in problems]
        console.print_json({"styles": rows, **({"failures": told} if told else {})})
    else:
        _print(rows)
    for complaint in problems:
        console.print_error(complaint)
    raise typer.Exit(FAILURE if problems else 0)


def _origins() -> dict[str, str]:
    """Which distribution brings each style that is installed."""
    from toonify.plugins import plugin_names

    return {name: plugin.distribution for name, plugin in plugin_names("styles").items()}


def _row(name: str, distribution: str | None) -> dict[str, Any]:
    """What there is to say of a style. `distribution` is `None` for one that no package brings."""
    from toonify.styles import load_style

    style = load_style(name)
    return {
        **dataclasses.asdict(style.manifest),
        "name": name if distribution else style.manifest.name,
        "distribution": distribution,
        "path": str(style.path),
        "size": style.size,
    }


def _print(rows: Sequence[dict[str, Any]]) -> None:
    cells = [
        (
            row["name"],
            row["distribution"] or row["path"],
            row["licence"],
            f"{row['size'] / 1e6:.1f} MB",
            row["description"],
        )
        for row in rows
    ]
    console.print_table(("name", "from", "licence", "size", "description"), cells)


def _show(name: str) -> None:
    """The card in words, and its controls."""
    from toonify.styles import load_style

    style = load_style(name)
    facts = [(key, value) for key, value in _facts(style).items() if value]
    console.print_table((style.manifest.name, ""), facts)
    if style.manifest.controls:
        _show_controls(name, style.manifest.controls)
    else:
        console.say("\nIt has no controls for `toonify convert --set`.")


def _facts(style: Style) -> dict[str, str]:
    card = style.manifest
    options = ", ".join(f"{key}={value}" for key, value in card.generator_options.items())
    return {
        "description": card.description,
        "licence": card.licence,
        "sources": f"{len(card.sources)}, named on the card" if card.sources else "",
        "generator": f"{card.generator} ({options})" if options else card.generator,
        "size": f"{style.size / 1e6:.1f} MB",
        "drawn best at": _best_size(card),
        "small faces": f"drawn once more, {card.close_up} pixels wide" if card.close_up else "",
        "black and white": "drawn without colours" if card.keeps_grey else "",
        "painter": f"{card.painter}, over what the generator draws" if card.painter else "",
        "large pictures": "whole" if card.halo is None else "in tiles",
        "folder" if style.path.is_dir() else "file": str(style.path),
    }


def _best_size(card: StyleManifest) -> str:
    if not card.detail:
        return "every size"
    enlarged = f"; smaller pictures are enlarged up to {card.enlarge:g} times" if card.enlarge > 1 else ""
    return f"{card.detail} x {card.detail} pixels{enlarged}"


def _show_controls(style: str, controls: Mapping[str, Control]) -> None:
    """A table of them, with a command to begin with."""
    rows = [
        (name, f"{control.minimum:g}", f"{control.maximum:g}", f"{control.default:g}", control.description)
        for name, control in controls.items()
    ]
    console.say("")
    console.print_table(("control", "least", "most", "default", "what it is"), rows)
    first, control = next(iter(controls.items()))
    middle = (control.minimum + control.maximum) / 2
    value = (control.minimum + control.default) / 2 if middle == control.default else middle
    console.say(f"\ntoonify convert photo.jpg cartoon.jpg --style {for_shell(style)} --set {first}={value:g}")
