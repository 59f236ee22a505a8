"""The page: each photograph in all styles, then each style with its controls, and the command for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from toonify.converting.preview.variants import Variant, of_control
from toonify.html_report import Page, command, gallery, picture, table
from toonify.storage import Control, StyleManifest
from toonify.text import for_shell

if TYPE_CHECKING:
    import numpy as np

WIDTH = 230
"""Of a picture in CSS pixels: four of them lie side by side."""


@dataclass(frozen=True)
class Drawings:
    """The pictures on the page.

    Attributes:
        photos: Each photograph as it is shown, RGB, (H, W, 3), uint8.
        cartoons: Likewise, in each way that it could be drawn.
        unpainted: Styles that were drawn without their painters, and why.
    """

    photos: Mapping[Path, np.ndarray]
    cartoons: Mapping[tuple[Path, Variant], np.ndarray]
    unpainted: Mapping[str, str]

    def row(self, path: Path, variants: Mapping[str, Variant]) -> Markup:
        """A photograph and its cartoons side by side, each with a title and the command that draws it."""
        photo = picture(self.photos[path], f"{path.name}, the photograph")
        figures: list[tuple[Markup, Markup | str]] = [(photo, "photograph")]
        for title, variant in variants.items():
            if (path, variant) in self.cartoons:
                cartoon = picture(self.cartoons[path, variant], f"{path.name}, {variant.style}, {title}")
                typed = convert_command(path, variant, painted=variant.style not in self.unpainted)
                figures.append((cartoon, command(title, typed)))
        return gallery(figures, width=WIDTH)


def make_page(styles: Mapping[str, StyleManifest], drawings: Drawings, failures: Mapping[str, str]) -> Page:
    """The page, photograph by photograph.

    Args:
        styles: Their cards, by the name that they were asked for.
        drawings: What there is to show.
        failures: What there is not, and why.
    """
    page = Page(
        "Choose a style", "Below each picture is the command that draws it at full size: a click selects it."
    )
    if failures:
        page.section("Not here", table(("what", "why"), failures.items()))
    if drawings.unpainted:
        page.section("Without their painters", table(("style", "why"), drawings.unpainted.items()))
    for path in drawings.photos:
        page.section(path.name, drawings.row(path, {name: Variant(name) for name in styles}))
        for name, card in styles.items():
            if card.controls:
                page.section(f"{path.name} · {name}", *_controls(path, name, card, drawings))
    return page


def _controls(path: Path, name: str, card: StyleManifest, drawings: Drawings) -> Iterator[Markup | str]:
    """A line and a row of pictures for each control."""
    for control, its in card.controls.items():
        yield _line(control, its)
        variants = of_control(control, name, its)
        values = (one.controls.get(control, its.default) for one in variants)
        titles = (f"{control} {value:g}" for value in values)
        yield drawings.row(path, dict(zip(titles, variants, strict=True)))


def _line(name: str, control: Control) -> str:
    words = f": {control.description}" if control.description else ""
    return f"{name}, {control.minimum:g} to {control.maximum:g}, {control.default:g} by default{words}"


def convert_command(path: Path, variant: Variant, *, painted: bool) -> str:
    """The shell command that draws a variant; `painted` says whether the style's painter takes part."""
    name = str(path)
    photo, style = for_shell(f"./{name}" if name.startswith("-") else name), for_shell(variant.style)
    chosen = f"{variant.control}={variant.value:g}"
    commands = {
        (True, False): f"toonify convert {photo} --style {style}",
        (True, True): f"toonify convert {photo} --style {style} --set {chosen}",
        (False, False): f"toonify convert {photo} --style {style} --no-painter",
        (False, True): f"toonify convert {photo} --style {style} --set {chosen} --no-painter",
    }
    return commands[painted, bool(variant.control)]
