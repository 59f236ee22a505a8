"""`report.html`: a run on one page that needs nothing but itself, made from the run folder alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from PIL import Image

from toonify.errors import ToonifyError
from toonify.html_report import (
    Page,
    columns,
    facts,
    gallery,
    line_chart,
    picture,
    strip,
    table,
    verdict,
    write_page,
)
from toonify.media import open_rgb
from toonify.storage import RunFolder
from toonify.training.balance import KINDS
from toonify.training.grids import split_grid
from toonify.training.metrics import FIGURES
from toonify.training.report.curves import curve, phase_starts
from toonify.training.report.evidence import MAX_PIXELS, Evidence, read_run
from toonify.training.report.words import flat, origin, plain

GRIDS = 30  # sample grids on the page at most
PAIRS = 3  # photos with their drawings, at most
NEWEST = 1200  # pixels of the newest grid's longer side, at most
EARLIER = 800  # of the others
CLOSE = 384  # of a photo beside its drawing
ROWS = ("photos", "drawings", "targets")  # of a grid


def write_report(folder: Path) -> Path:
    """Write the report of a run, finished or not; the same folder gives the same bytes.

    Args:
        folder: Of the run. Its `run.json`, `metrics.csv`, `measures.csv`, `samples/` and `style/` are
            looked at; what is missing or damaged is left out, and told.

    Returns:
        The page's path.

    Raises:
        ToonifyError: if it cannot be written.
    """
    run = read_run(folder)
    page = Page(f"Training of {folder.resolve().name}", _subtitle(run))
    page.section("Where it stands", *_state(run))
    samples, unread = _samples(run)
    if samples:
        _show(page, samples)
    if charts := list(_loss_charts(run)):
        page.section("Losses", columns(charts), "Faint: each step. Strong: the mean around it.")
    if run.measured:
        page.section("On validation pictures", *_validation(run))
    if rows := list(flat(run.raw_settings)):
        page.section("Settings", table(["part", "setting", "value"], rows))
    if run.manifest:
        page.section("Made with", facts(origin(run.manifest)))
    if damage := [*run.damage, *unread]:
        page.section("What could not be read", *damage)
    write_page(RunFolder(folder).report, page)
    return RunFolder(folder).report


def _subtitle(run: Evidence) -> str:
    if not run.manifest:
        return ""
    request = run.manifest.request
    description = run.settings.description if run.settings else ""
    return f"preset {request.get('preset')}, seed {request.get('seed')}. {description}"


def _state(run: Evidence) -> Iterator[Markup | str]:
    if now := run.verdict:
        yield verdict(now.state, now.sentence, now.advice)
    yield from (f"Warning, at step {step:,}: {warning}" for step, warning in run.warnings())
    if not run.done:
        yield "No step has been kept yet."
        return
    last = {name: column[-1] for name, column in run.steps.items()}
    newest: dict[str, Any] = {"steps done": run.done, "phase": str(last["phase"])}
    if math.isfinite(epoch := last.get("epoch", math.nan)):
        phase = run.settings and run.settings.phases.get(newest["phase"])
        of = f" of {phase.epochs}" if phase else ""
        newest["epoch"] = f"{epoch:.0f}{of}"
    newest |= {plain(name): float(last[name]) for name in run.losses if math.isfinite(last[name])}
    if run.best:
        name, row = run.best
        newest["best"] = f"step {run.measures['step'][row]:,.0f}, by {name} {run.measures[name][row]:.4g}"
    known = {*run.losses, *run.measured}
    packaged = {plain(name): value for name, value in run.figures.items() if name not in known}
    yield facts(newest | packaged)


def _samples(run: Evidence) -> tuple[list[tuple[int, Image.Image]], list[str]]:
    """Grids spread over the run, oldest first, the newest alone at its full size; and why others cannot be
    read.
    """
    last = len(run.samples) - 1
    read: list[tuple[int, Image.Image]] = []
    unread: list[str] = []
    for place in np.unique(np.linspace(last, 0, min(GRIDS, last + 1)).astype(int))[::-1]:
        step, path = run.samples[place]
        try:
            grid = open_rgb(path, max_pixels=MAX_PIXELS)
        except ToonifyError as error:
            unread.append(f"{path}: {error.message}")
            continue
        if read:
            grid.thumbnail((EARLIER, EARLIER))
        read.append((step, grid))
    return read[::-1], unread


def _show(page: Page, samples: list[tuple[int, Image.Image]]) -> None:
    step, newest = samples[-1]
    rows = split_grid(np.asarray(newest))
    if rows is not None:
        page.section("Before and after", gallery(_pairs(rows), width=320), f"As drawn at step {step:,}.")
    newest.thumbnail((NEWEST, NEWEST))
    legend = ", ".join(ROWS[: len(rows)] if rows is not None else ROWS[:2])
    parts: list[Markup | str] = [_grid(step, newest), f"Step {step:,}; from above: {legend}."]
    if earlier := [(_grid(step, grid), f"step {step:,}") for step, grid in samples[:-1]]:
        parts += ["Before that, from the first on:", strip(earlier, alt="sample grids over time")]
    page.section("Samples", *parts)


def _pairs(rows: np.ndarray) -> Iterator[tuple[Markup, str]]:
    for photo, drawing in zip(rows[0, :PAIRS], rows[1, :PAIRS], strict=True):
        pair = Image.fromarray(np.concatenate([photo, drawing], axis=1))
        pair.thumbnail((2 * CLOSE, CLOSE))
        yield picture(np.asarray(pair), "a photo and its drawing"), ""


def _grid(step: int, grid: Image.Image) -> Markup:
    return picture(np.asarray(grid), f"sample grid of step {step:,}")


def _loss_charts(run: Evidence) -> Iterator[Markup]:
    steps, phases = run.steps.get("step"), run.steps.get("phase")
    if steps is None or phases is None:
        return
    starts = phase_starts(steps, phases)
    for name in (*run.losses, "learning_rate"):
        if name in run.steps and (drawn := curve(steps, run.steps[name], phases)):
            yield line_chart(
                {name: drawn.smooth},
                beneath={name: drawn.raw},
                limits=drawn.limits,
                marks=starts if len(starts) > 1 else None,
                alt=f"{plain(name)} over the steps",
                across="step",
                up=plain(name),
            )


def _validation(run: Evidence) -> Iterator[Markup | str]:
    name, best = run.best or ("", len(run.measures["step"]) - 1)
    marks = {f"best {name}": float(run.measures["step"][best])} if name else {}
    rates = [kind for kind in KINDS if kind in run.measured]
    charts = [_chart(run, [name], plain(name), marks) for name in run.ranking]
    if rates:
        charts.append(_chart(run, rates, "share taken for real", marks, limits=(-0.05, 1.05)))
    yield columns(charts)
    places = {f"best by {name}": best, "newest": -1} if name else {"newest": -1}
    heads = [f"{title}, step {run.measures['step'][place]:,.0f}" for title, place in places.items()]
    rows = (
        [plain(name), *(_known(run.measures[name][place]) for place in places.values()), _meaning(name)]
        for name in run.measured
    )
    yield table(["figure", *heads, "what it says"], rows)


def _chart(run: Evidence, names: list[str], up: str, marks: Mapping[str, float], **options: Any) -> Markup:
    series = {name: (run.measures["step"], run.measures[name]) for name in names}
    alt = f"{up} over the steps"
    return line_chart(series, alt=alt, across="step", up=up, marks=marks, dots=True, **options)


def _meaning(name: str) -> str:
    return FIGURES[name].words if name in FIGURES else ""


def _known(value: float) -> float | str:
    return float(value) if math.isfinite(value) else "not measured"
