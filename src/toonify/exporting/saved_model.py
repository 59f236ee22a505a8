"""SavedModel: for TensorFlow, TensorFlow Hub and TensorFlow Serving."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting import tensorflow_module
from toonify.exporting.base import need_own, need_weights
from toonify.plugins import Draw, Exporter, usage_error

if TYPE_CHECKING:
    from toonify.styles import Style

CARD_FOLDER = "assets.extra"  # what a SavedModel keeps but does not load
GRAPH = "saved_model.pb"
PATTERN = r"\[.+\]" if os.sep == "\\" else r"\[.+\]|\\"
"""What TensorFlow takes for a pattern in the path of a file that it opens, which none then is found by."""


class SavedModel(Exporter):
    """A folder that holds the generator, rebuilt with the style's weights, and the style's card."""

    suffix = "-saved-model"
    any_size = True
    takes_controls = True
    needs_tensorflow = True

    def check(self, style: Style, path: Path) -> None:
        """The weights must be there, TensorFlow must find it again, and only a SavedModel may be replaced."""
        if found := re.search(PATTERN, str(path)):
            raise usage_error(
                f"{path} is where TensorFlow finds no SavedModel: it takes {found[0]} for a pattern",
                "Choose another `output`.",
            )
        need_weights(style, "which a SavedModel is")
        card = f"{CARD_FOLDER}/{style.manifest.FILE}"
        own = (GRAPH, "fingerprint.pb", "variables/variables.*", "assets/", card)  # no assets: it is empty
        need_own(path, "SavedModel", (path / GRAPH).is_file(), own)

    def write(self, style: Style, path: Path) -> None:
        tensorflow_module.save(style, path)
        (path / CARD_FOLDER).mkdir()
        style.manifest.write(path / CARD_FOLDER)

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {
            "TensorFlow": tensorflow_module.open_signature,
            "TensorFlow Hub": tensorflow_module.open_with_hub,
        }
