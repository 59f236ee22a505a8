"""One call from a request to a report."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toonify.errors import ToonifyError, refusal
from toonify.exporting.formats import Format, chosen
from toonify.exporting.request import Exported, ExportRequest, ExportResult
from toonify.exporting.verifying import Test, make_test, verify
from toonify.progress import Progress
from toonify.storage import put_in_place, remove
from toonify.styles import Style, load_style


def export_style(request: ExportRequest, progress: Progress | None = None) -> ExportResult:
    """Write a style in other formats, each verified against the style in its own runtime.

    Args:
        request: Which style, in which formats, to where.
        progress: Who listens; silent by default.

    Raises:
        ToonifyError: if a format or the style is unknown, an export exists already and is not to be
            replaced, or cannot be written, or draws something else than the style does. Formats
            that come before the one that fails stay.
    """
    progress = progress or Progress()
    formats = chosen(request.formats)
    style = load_style(request.style)
    stem = _file_name(style.manifest.name)
    paths = {name: request.output / f"{stem}{one.suffix}" for name, one in formats.items()}
    for name, one in formats.items():
        _check(one, style, paths[name], overwrite=request.overwrite)
    test = make_test(style)
    _make_folder(request.output)
    exported = []
    with progress.task(f"exporting {stem}", len(formats), unit="formats") as task:
        for name, one in formats.items():
            exported.append(_export(style, name, one, paths[name], test))
            task.advance()
    return ExportResult(style.manifest.name, tuple(exported))


def _file_name(name: str) -> str:
    """A style's name as part of a file's: a card may say anything."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-") or "style"


def _check(one: Format, style: Style, path: Path, *, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise ToonifyError(f"{path} exists already", "Give --overwrite to replace it, or another --output.")
    one.check(style, path)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToonifyError(f"{folder} cannot be made: {refusal(error)}") from error


def _export(style: Style, name: str, one: Format, path: Path, test: Test) -> Exported:
    """Write beside, verify what was written, rename."""
    with _beside(path) as part:
        one.write(style, part)
        differences = {
            runtime: verify(open_(part), test, f"{path} is not written: in {runtime} it")
            for runtime, open_ in one.runtimes.items()
        }
        size = _size(part)
    return Exported(name, path, size, differences)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A place beside `path` that takes its place when all went well, and vanishes when not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        put_in_place(part, path)
    except OSError as error:
        raise ToonifyError(f"{path} cannot be written: {refusal(error)}") from error
    finally:
        remove(part)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
