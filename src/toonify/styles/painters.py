"""A style's painter, checked: an error of its code names the plugin, and costs no more than that picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toonify.plugins import Painter, create, plugin_in_use

if TYPE_CHECKING:
    import numpy as np


class CheckedPainter(Painter):
    """Paints as another painter does, and holds it to its contract.

    Args:
        name: Of the painter, an installed plugin.

    Raises:
        ToonifyError: if there is none of that name, or it does not load.
    """

    def __init__(self, name: str) -> None:
        self.painter: Painter = create("painters", name, {})
        self._plugin = plugin_in_use("painters", name)

    def paint(self, photo: np.ndarray, cartoon: np.ndarray, controls: Mapping[str, float]) -> np.ndarray:
        """As `Painter.paint`.

        Raises:
            ToonifyError: if the painter fails, or gives something other than such a picture.
        """
        with self._plugin.errors("In Python, `toonify.convert` shows where."):
            painted = self.painter.paint(photo, cartoon, controls)
        if not _alike(painted, cartoon):
            raise self._plugin.error(f"{self._plugin} gave {_described(painted)}, not {_described(cartoon)}")
        return painted


def _alike(painted: Any, cartoon: np.ndarray) -> bool:
    return hasattr(painted, "dtype") and (painted.dtype, painted.shape) == (cartoon.dtype, cartoon.shape)


def _described(painted: Any) -> str:
    return f"{painted.dtype} {painted.shape}" if hasattr(painted, "dtype") else type(painted).__name__
