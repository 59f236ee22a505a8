"""One style in several formats: check all, then write and verify each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from toonify.backend_import import keras_backend
from toonify.errors import ToonifyError, usage_error
from toonify.exporting.base import Export, draw_original, need_package, write_verified
from toonify.exporting.cards import check_card, write_card
from toonify.exporting.report import check_report, note_export
from toonify.exporting.request import ExportRequest
from toonify.exporting.result import Exported, ExportResult
from toonify.inference.verification import Probe
from toonify.plugins import Exporter, create, load_plugin, plugin_names
from toonify.plugins.description import parameters
from toonify.progress import Progress
from toonify.storage import make_folder, same_files, sweep
from toonify.styles import AnyStyle, Style, load_each, load_style, split_step

LONGEST = 50
"""Letters that a file's name takes of a style's: of four bytes each, with a suffix, they fit into 255."""


def export_style(request: ExportRequest, progress: Progress | None = None) -> ExportResult:
    """Write a style in other formats, each verified against the style in the runtimes that will use it.

    Args:
        request: Which style, in which formats, to where.
        progress: Who listens; silent by default.

    Raises:
        ToonifyError: if the style is unknown, an export exists already and is not to be replaced, or
            cannot be written, or draws something other than the style does. Formats that come before
            the one that fails stay.
    """
    progress = progress or Progress()
    exports = _plan(request, progress)
    style = exports[0].style
    sweep(request.output)
    check_report(request.output)
    for export in exports:
        _check(export)
    probes = draw_original(style)
    make_folder(request.output)
    exported: list[Exported] = []
    try:
        with progress.task(f"exporting {_stem(style)}", len(exports), unit="formats") as task:
            for export in exports:
                exported.append(_written(export, probes))
                write_card(export, exported[-1])
                note_export(request.output, style.manifest.name, exported[-1])
                task.advance()
    except KeyboardInterrupt:
        sweep(request.output)  # of a process that was asked to write, and ended with this one
        progress.say(f"Stopped. Written: {_paths(exported) or 'nothing'}")
        raise
    except ToonifyError:
        if exported:
            progress.say(f"Written before it failed: {_paths(exported)}")
        raise
    card = style.manifest
    painter = card.painter if any(export.exporter.painted for export in exports) else ""
    return ExportResult(card.name, tuple(exported), card.detail, painter, card.close_up)


def _paths(exported: Sequence[Exported]) -> str:
    return ", ".join(str(one.path) for one in exported)


def _plan(request: ExportRequest, progress: Progress) -> list[Export]:
    """What is to be written where; nothing is looked for there yet."""
    options = _options(request)
    exporters: dict[str, Exporter] = {
        name: create("exporters", name, given) for name, given in options.items()
    }
    _refuse_others(request, exporters)
    style = load_style(_named(request), progress)
    _, *others = load_each([style, *request.others])
    exports = []
    for name, exporter in exporters.items():
        path = request.output / f"{_stem(style)}{exporter.suffix}"
        exports.append(Export(style, name, exporter, path, request.overwrite, tuple(others), options[name]))
    _refuse_collisions(exports)
    return exports


def _options(request: ExportRequest) -> dict[str, dict[str, Any]]:
    """The options of each format's exporter that the request gives.

    Raises:
        ToonifyError: if something is given that no format asked for takes.
    """
    asked = {"size": request.size, "calibrate": request.calibrate and str(request.calibrate)}
    given = {name: value for name, value in asked.items() if value is not None}
    takes = {name: _takes(name) for name in request.formats}
    for name in given:
        if not any(name in known for known in takes.values()):
            able = [known for known in plugin_names("exporters") if name in _takes(known)]
            raise usage_error(
                f"`{name}` is for the formats {', '.join(able)}", "Leave it out, or ask for one of them."
            )
    return {
        format_: {name: value for name, value in given.items() if name in known}
        for format_, known in takes.items()
    }


def _takes(name: str) -> set[str]:
    """The options of a format's exporter; of one that does not load, none."""
    try:
        return {*parameters(load_plugin("exporters", name))}
    except ToonifyError:
        return set()  # it is told when the format is asked for


def _refuse_others(request: ExportRequest, exporters: Mapping[str, Exporter]) -> None:
    """Raise a `ToonifyError` for several styles in a format that holds one."""
    single = [name for name, exporter in exporters.items() if not exporter.several]
    if request.others and single:
        raise usage_error(
            f"the format {single[0]} holds one style, and {len(request.others) + 1} are given",
            "Export them one by one, or to web.",
        )


def _named(request: ExportRequest) -> AnyStyle:
    """What to call the style: a step of a run has a name of its own."""
    if request.step is None:
        return request.style
    name = request.style.path if isinstance(request.style, Style) else request.style
    path = Path(f"{name}@{request.step}")
    if split_step(path) is None:
        raise usage_error(
            f"`step` chooses a checkpoint of a run, and {name} is no run",
            "Give a run's folder, or leave `step` out.",
        )
    return path


def _stem(style: Style) -> str:
    """A style's name made safe for a file name: a card may say anything, at any length."""
    return re.sub(r"[^\w.-]+", "-", style.manifest.name)[:LONGEST].strip(".-") or "style"


def _refuse_collisions(exports: Sequence[Export]) -> None:
    """Raise a `ToonifyError` for two formats whose files are one, by their names or to the file system."""
    for one, *others in same_files([export.path for export in exports]):
        formats = [export.format for export in exports if export.path in (one, *others)]
        raise usage_error(
            f"the formats {' and '.join(formats)} would both become {one}",
            "Export them one by one, into different folders.",
        )


def _check(export: Export) -> None:
    export.need_place()
    check_card(export)
    if export.exporter.needs_tensorflow:
        need_package(f"the format {export.format}", "tensorflow")
    with export.plugin.errors():
        export.exporter.check(export.style, export.path)


def _written(export: Export, probes: list[Probe]) -> Exported:
    """Write it, in another process if the format needs TensorFlow and Keras runs on something else."""
    if export.exporter.needs_tensorflow and keras_backend("tensorflow") != "tensorflow":
        from toonify.exporting.tensorflow_process import write_there

        return write_there(export)
    return write_verified(export, probes)
