"""`export.json`: what was exported into a folder, how near it draws, its size, and how long it takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toonify.distributions import own_version
from toonify.errors import usage_error
from toonify.exporting.result import Exported
from toonify.storage import in_turn, read_json, write_bytes, writing

FILE = "export.json"
LOCK = f".{FILE}.lock"


def check_report(folder: Path) -> None:
    """Raise a `ToonifyError` if something else has the report's name."""
    _exports(folder)


def note_export(folder: Path, style: str, exported: Exported) -> None:
    """Add what was exported to the report of its folder; an older entry of the same file or folder goes.

    Args:
        folder: Into which it was exported.
        style: The style's name.
        exported: What was.

    Raises:
        ToonifyError: if the folder cannot be written to.
    """
    name = exported.path.name
    entry = {"style": style, **exported.as_json(), "path": name}
    with writing(folder / FILE), in_turn(folder / LOCK):  # another export may add to it at the same moment
        document = {"toonify": own_version(), "exports": {**_exports(folder), name: entry}}
        write_bytes(folder / FILE, (json.dumps(document, indent=2) + "\n").encode())


def _exports(folder: Path) -> dict[str, Any]:
    """By name of file or folder; empty where there is no report yet."""
    path = folder / FILE
    if not path.exists():
        return {}
    exports = read_json(path, "no folder of exports").get("exports")
    if not isinstance(exports, dict):
        raise usage_error(f"{path} is no report of exports: it is not replaced", "Choose another `output`.")
    return exports
