"""An export in a process of its own, whose Keras runs on TensorFlow whatever it runs on here.

`python -m toonify.exporting.tensorflow_process STYLE FORMAT PATH OPTIONS [overwrite]` prints what it wrote as
JSON; `OPTIONS` are the exporter's, as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from toonify.backend_import import failing_in_words, in_tensorflow_process
from toonify.exporting.base import Export, draw_original, write_verified
from toonify.exporting.result import Exported
from toonify.inference.verification import Likeness
from toonify.plugins import create
from toonify.styles import load_style

OVERWRITE = "overwrite"


def write_there(export: Export) -> Exported:
    """As `write_verified`."""
    options = json.dumps(export.options)
    asked = [str(export.style.path), export.format, str(export.path), options]
    told = in_tensorflow_process(__name__, *asked, *([OVERWRITE] if export.overwrite else []))
    written = json.loads(told.splitlines()[-1])  # libraries may have printed lines before
    likeness = {
        name: Likeness(**{**found, "size": tuple(found["size"])})
        for name, found in written["likeness"].items()
    }
    return Exported(export.format, export.path, written["bytes"], likeness, export.exporter.close_ups)


def main(style: str, name: str, path: str, options: str, overwrite: str = "") -> None:
    """The other process."""
    with failing_in_words():
        found = load_style(Path(style))
        exporter = create("exporters", name, json.loads(options))
        export = Export(found, name, exporter, Path(path), overwrite == OVERWRITE)
        print(json.dumps(write_verified(export, draw_original(found)).as_json()))


if __name__ == "__main__":
    main(*sys.argv[1:])
