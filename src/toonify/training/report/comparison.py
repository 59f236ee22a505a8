"""Runs beside each other: what each came to, as rows of a table and as one page."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from toonify.errors import ToonifyError, nothing_at
from toonify.html_report import (
    Page,
    check_place,
    columns,
    line_chart,
    picture,
    strip,
    table,
    verdict,
    write_page,
)
from toonify.media import open_rgb
from toonify.storage import RunManifest
from toonify.training.report.evidence import MAX_PIXELS, Evidence, read_run
from toonify.training.report.page import NEWEST
from toonify.training.report.words import flat, origin, plain

SHOWN = ("kid", "target", "change")
"""Figures of the table, those that some run has."""

APART = (
    "These runs have different datasets or backbones, so figures that compare drawings with cartoons, with "
    "targets or by features, such as kid, cannot be compared from run to run."
)


def list_runs(paths: Iterable[Path]) -> list[Evidence]:
    """Every run that is among some folders, or somewhere below them, each once, by name.

    Raises:
        ToonifyError: if a folder is not there, or has no run.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.is_dir():
            raise nothing_at(path, "folder", "Give runs, or a folder of runs.")
        below = [path] if (path / RunManifest.FILE).exists() else _below(path)
        if not below:
            raise ToonifyError(f"there is no run in {path}", "Begin one: toonify train DATASET")
        for run in below:
            found.setdefault(run.resolve(), run)
    return [read_run(run) for run in found.values()]


def _below(folder: Path) -> list[Path]:
    return sorted(file.parent for file in folder.rglob(RunManifest.FILE))


def as_json(run: Evidence) -> dict[str, Any]:
    """A run for scripts."""
    best = None
    if run.best:
        name, row = run.best
        best = {
            "figure": name,
            "step": int(run.measures["step"][row]),
            "value": float(run.measures[name][row]),
        }
    return {
        "run": str(run.folder),
        "preset": run.preset,
        "steps": run.done,
        "figures": run.newest,
        "best": best,
        "verdict": dataclasses.asdict(run.verdict) if run.verdict else None,
        "style": bool(run.figures),
    }


def figures_shown(runs: Sequence[Evidence]) -> list[str]:
    """Those that some of the runs have."""
    return [name for name in SHOWN if any(name in run.newest for run in runs)]


def write_comparison(runs: Sequence[Evidence], path: Path) -> None:
    """One page with their figures, their newest samples side by side, their curves, and what they differ in.

    Raises:
        ToonifyError: if it cannot be written, or would replace what is no page.
    """
    check_place(path)
    names = _names(runs)
    page = Page("Runs side by side", ", ".join(names))
    blocks = [_verdict(name, run) for name, run in zip(names, runs, strict=True)]
    page.section("Where they stand", *blocks, _table(names, runs))
    if samples := list(_samples(names, runs)):
        words = "The newest of each. From the top: photographs, drawings, and targets if there are any."
        page.section("Samples", strip(samples, alt="the newest samples of each run"), words)
    if charts := list(_charts(names, runs)):
        remarks = [] if _same_yardstick(runs) else [APART]
        page.section("On validation pictures", *remarks, columns(charts))
    if differences := list(_differences(runs)):
        page.section("What differs", table(["part", "setting", *names], differences))
    write_page(path, page)


def _verdict(name: str, run: Evidence) -> Markup:
    if run.verdict is None:
        return verdict(f"{name}: nothing yet", "no step has been kept yet")
    return verdict(f"{name}: {run.verdict.state}", run.verdict.sentence, run.verdict.advice)


def _table(names: Sequence[str], runs: Sequence[Evidence]) -> Markup:
    shown = list(dict.fromkeys(figure for run in runs for figure in run.newest))
    rows = (
        [name, run.preset, run.done, *(run.newest.get(figure, "") for figure in shown)]
        for name, run in zip(names, runs, strict=True)
    )
    return table(["run", "preset", "steps", *map(plain, shown)], rows)


def _names(runs: Sequence[Evidence]) -> list[str]:
    """Short where that tells them apart."""
    short = [run.folder.resolve().name for run in runs]
    return short if len({*short}) == len(short) else [str(run.folder) for run in runs]


def _samples(names: Sequence[str], runs: Sequence[Evidence]) -> Iterator[tuple[Markup, str]]:
    for name, run in zip(names, runs, strict=True):
        if not run.samples:
            continue
        step, path = run.samples[-1]
        try:
            grid = open_rgb(path, max_pixels=MAX_PIXELS)
        except ToonifyError as error:
            yield Markup(""), f"{name}: {error.message}"
            continue
        grid.thumbnail((NEWEST, NEWEST))
        yield picture(np.asarray(grid), f"samples of {name}"), f"{name}, step {step:,}"


def _charts(names: Sequence[str], runs: Sequence[Evidence]) -> Iterator[Markup]:
    every = dict.fromkeys(figure for run in runs for figure in run.ranking)
    for figure in every:
        # One that has it not keeps its place, so that a run has the same colour in every chart.
        series = {
            name: (measures["step"], measures[figure]) if figure in measures else ([0.0], [math.nan])
            for name, measures in zip(names, (run.measures for run in runs), strict=True)
        }
        alt = f"{figure} of each run over the steps"
        yield line_chart(series, alt=alt, across="step", up=plain(figure), dots=True)


def _same_yardstick(runs: Sequence[Evidence]) -> bool:
    """Whether all runs are measured by the same pictures and the same features of them."""
    known = [(run.manifest and run.manifest.dataset_hash, run.raw_settings.get("backbone")) for run in runs]
    return all(one == known[0] for one in known)


def _differences(runs: Sequence[Evidence]) -> Iterator[list[str]]:
    every: list[dict[tuple[str, str], str]] = []
    for run in runs:
        made_with = origin(run.manifest) if run.manifest else {}
        settings = {(part, name): value for part, name, value in flat(run.raw_settings)}
        every.append({("made with", name): str(value) for name, value in made_with.items()} | settings)
    for part, name in dict.fromkeys(key for one in every for key in one):
        values = [one.get((part, name), "") for one in every]
        if len({*values}) > 1:
            yield [part, name, *values]
