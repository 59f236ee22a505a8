"""`toonify styles`."""

from __future__ import annotations

from toonify.cli import console
from toonify.cli.options import Json


def styles(json: Json = False) -> None:
    """List the styles that come with toonify.

    Example:  toonify styles
    """
    from toonify.styles import bundled_styles

    found = [(style.manifest, style.size) for style in bundled_styles()]
    if json:
        rows = [
            {"name": card.name, "licence": card.licence, "size": size, "description": card.description}
            for card, size in found
        ]
        console.print_json({"styles": rows})
    else:
        cells: list[tuple[str, ...]] = [
            (card.name, card.licence, f"{size / 1e6:.1f} MB", card.description) for card, size in found
        ]
        console.print_table(("name", "licence", "size", "description"), cells)
