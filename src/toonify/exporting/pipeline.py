"""One style in several formats: check all, then write and verify each."""

from __future__ import annotations

import os
import re
import sys

from toonify.backend_import import installed
from toonify.errors import ToonifyError
from toonify.exporting.base import Export, draw_original, write_verified
from toonify.exporting.request import ExportRequest
from toonify.exporting.result import Exported, ExportResult
from toonify.inference.verification import Probe
from toonify.plugins import Exporter, create
from toonify.progress import Progress
from toonify.storage import make_folder
from toonify.styles import load_style


def export_style(request: ExportRequest, progress: Progress | None = None) -> ExportResult:
    """Write a style in other formats, each verified against the style in the runtimes that will use it.

    Args:
        request: Which style, in which formats, to where.
        progress: Who listens; silent by default.

    Raises:
        ToonifyError: if the style is unknown, an export exists already and is not to be replaced, or
            cannot be written, or draws something else than the style does. Formats that come before
            the one that fails stay.
    """
    progress = progress or Progress()
    exporters: dict[str, Exporter] = {name: create("exporters", name, {}) for name in request.formats}
    style = load_style(request.style)
    stem = _file_name(style.manifest.name)
    exports = [
        Export(style, name, exporter, request.output / f"{stem}{exporter.suffix}")
        for name, exporter in exporters.items()
    ]
    for export in exports:
        _check(export, overwrite=request.overwrite)
    probes = draw_original(style)
    make_folder(request.output)
    exported = []
    with progress.task(f"exporting {stem}", len(exports), unit="formats") as task:
        for export in exports:
            exported.append(_written(export, probes))
            task.advance()
    return ExportResult(style.manifest.name, tuple(exported), style.manifest.detail)


def _file_name(name: str) -> str:
    """A style's name as part of a file's: a card may say anything."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "style"


def _check(export: Export, *, overwrite: bool) -> None:
    if export.path.exists() and not overwrite:
        raise ToonifyError(
            f"{export.path} exists already", "Give `overwrite` to replace it, or another `output`."
        )
    if export.exporter.needs_tensorflow and not installed("tensorflow"):
        raise ToonifyError(
            f"the format {export.format} needs TensorFlow, which is not installed",
            "Install it: pip install tensorflow",
        )
    with export.plugin_errors():
        export.exporter.check(export.style, export.path)


def _written(export: Export, probes: list[Probe]) -> Exported:
    """Here, or in another process where Keras runs on something else than the format needs."""
    if export.exporter.needs_tensorflow and _keras_backend() != "tensorflow":
        from toonify.exporting.tensorflow_process import write_there

        return write_there(export)
    return write_verified(export, probes)


def _keras_backend() -> str:
    """What Keras runs on, or will."""
    keras = sys.modules.get("keras")
    return keras.backend.backend() if keras else os.environ.get("KERAS_BACKEND", "tensorflow")
