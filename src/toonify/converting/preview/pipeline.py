"""Photographs and styles to a page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PIL import Image

from toonify.converting.budget import Budget
from toonify.converting.comparison import reduced
from toonify.converting.converter import Converter
from toonify.converting.preview.page import Drawings, make_page
from toonify.converting.preview.request import PreviewRequest
from toonify.converting.preview.result import PreviewResult
from toonify.converting.preview.variants import Variant, of_style
from toonify.errors import ToonifyError
from toonify.html_report import write_page
from toonify.inference import Runtime, open_runtime
from toonify.media import open_rgb
from toonify.progress import Progress
from toonify.resources import cores, usable_memory
from toonify.runners import ThreadRunner
from toonify.storage import make_folder, sweep
from toonify.styles import Style, load_style, style_names

if TYPE_CHECKING:
    from toonify.plugins import Painter

SHOWN = 560
"""Pixels a side of each picture on the page: sharp in four columns, and on a phone."""

Job = tuple[Path, Variant]
Name = TypeVar("Name", str, Path)
Made = TypeVar("Made")


@dataclass(frozen=True)
class _Opened:
    """A style, ready to draw; `unpainted` says why without its painter, where that cannot be had here."""

    style: Style
    runtime: Runtime
    painter: Painter | None
    unpainted: str = ""


@dataclass(frozen=True)
class _Studio:
    """What the threads share that draw."""

    photos: dict[Path, Image.Image]
    styles: dict[str, _Opened]
    budget: Budget


def preview(request: PreviewRequest, progress: Progress | None = None) -> PreviewResult:
    """Draw photographs in every style, and with each control of each at three values, on one page.

    A photograph or a style that cannot be used costs only itself, and a painter that is not here only what it
    paints.

    Args:
        request: Which, and where to.
        progress: Who listens; silent by default.

    Raises:
        ToonifyError: if no photograph, or no style, can be used, or the page cannot be written.
    """
    started = time.perf_counter()
    failures: dict[str, str] = {}
    styles = {name: _open(name) for name in request.styles}  # what is asked for by its name must be there
    styles = styles or _each(style_names(), _open, failures)
    photos = _each(request.photos, lambda path: reduced(open_rgb(path)), failures)
    if not photos or not styles:
        raise ToonifyError("; ".join(f"{what}: {why}" for what, why in failures.items()))
    studio = _Studio(photos, styles, Budget(usable_memory()))
    drawn = _draw_all(studio, failures, progress or Progress())
    unpainted = {name: opened.unpainted for name, opened in styles.items() if opened.unpainted}
    shown = Drawings({photo: _shrunk(image) for photo, image in photos.items()}, drawn, unpainted)
    cards = {name: opened.style.manifest for name, opened in styles.items()}
    make_folder(request.output.parent)
    sweep(request.output.parent)
    write_page(request.output, make_page(cards, shown, failures))
    seconds = time.perf_counter() - started
    told = tuple(failures.items())
    return PreviewResult(request.output, tuple(photos), tuple(styles), len(drawn), told, seconds, unpainted)


def _each(names: Iterable[Name], make: Callable[[Name], Made], failures: dict[str, str]) -> dict[Name, Made]:
    """What can be made from each name; failures are noted, with the reason."""
    made: dict[Name, Made] = {}
    for name in names:
        try:
            made[name] = make(name)
        except ToonifyError as error:
            failures[str(name)] = error.message
    return made


def _open(name: str) -> _Opened:
    style = load_style(name)
    runtime = open_runtime(style, threads=1)  # pictures side by side use the cores better
    try:
        return _Opened(style, runtime, style.painter())
    except ToonifyError as error:
        return _Opened(style, runtime, None, error.message)


def _draw_all(studio: _Studio, failures: dict[str, str], progress: Progress) -> dict[Job, np.ndarray]:
    """Draw every photograph in every variant; failures are noted, with the reason."""
    jobs = [
        (photo, variant)
        for photo in studio.photos
        for name, opened in studio.styles.items()
        for variant in of_style(name, opened.style)
    ]
    drawn: dict[Job, np.ndarray] = {}
    with progress.task("Drawing", len(jobs)) as task, ThreadRunner(cores(), studio) as runner:
        for job, attempt in runner.run(jobs, _draw, ordered=False):
            try:
                drawn[job] = attempt.get()
            except ToonifyError as error:
                photo, variant = job
                failures[f"{photo} in the style {variant.style}"] = error.message
            task.advance()
    return drawn


def _draw(studio: _Studio, job: Job) -> np.ndarray:
    photo, variant = job
    opened = studio.styles[variant.style]
    converter = Converter(
        opened.style,
        controls=variant.controls,
        runtime=opened.runtime,
        painter=opened.painter or not opened.style.manifest.painter,
    )
    image = studio.photos[photo]
    with studio.budget.share(converter.memory_needed(image.size)):
        return _shrunk(converter.convert(image))


def _shrunk(image: Image.Image) -> np.ndarray:
    """As it is shown on the page."""
    small = image.copy()
    small.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(small)
