"""Runs beside each other: what each came to, as rows of a table and as one page."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from toonify.training.report.evidence import MAX_PIXELS, Evidence, flat, read_run
from toonify.training.verdict import Verdict, judge

SHOWN = ("kid", "target", "change")
"""Figures of the table, those that some run has."""


@dataclasses.dataclass(frozen=True)
class RunSummary:
    """What became of a run so far.

    Attributes:
        path: Its folder.
        preset: What it began with.
        steps: Kept so far.
        figures: Of the newest measurement.
        best: Name, step and value of the figure by which its best checkpoint is chosen.
        verdict: Where it stands; `None` before its first step.
        style: Whether it has made a style.
        evidence: Everything that its folder tells.
    """

    path: Path
    preset: str
    steps: int
    figures: Mapping[str, float]
    best: tuple[str, int, float] | None
    verdict: Verdict | None
    style: bool
    evidence: Evidence = dataclasses.field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        best = dict(zip(("figure", "step", "value"), self.best, strict=True)) if self.best else None
        return {
            "run": str(self.path),
            "preset": self.preset,
            "steps": self.steps,
            "figures": dict(self.figures),
            "best": best,
            "verdict": dataclasses.asdict(self.verdict) if self.verdict else None,
            "style": self.style,
        }


def list_runs(paths: Iterable[Path]) -> list[RunSummary]:
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
    return [_summary(run) for run in found.values()]


def _below(folder: Path) -> list[Path]:
    return sorted(file.parent for file in folder.rglob(RunManifest.FILE))


def _summary(folder: Path) -> RunSummary:
    run = read_run(folder)
    standing = run.standing()
    preset = run.manifest.request.get("preset") if run.manifest else None
    best = run.best
    return RunSummary(
        path=folder,
        preset=str(preset or ""),
        steps=int(run.steps["step"][-1]) if standing else 0,
        figures={name: value for name in run.measured if math.isfinite(value := run.measures[name][-1])},
        best=(best[0], int(run.measures["step"][best[1]]), float(run.measures[best[0]][best[1]]))
        if best
        else None,
        verdict=judge(standing) if standing else None,
        style=bool(run.figures),
        evidence=run,
    )


def figures_shown(runs: Sequence[RunSummary]) -> list[str]:
    """Those that some of the runs have."""
    return [name for name in SHOWN if any(name in run.figures for run in runs)]


def write_comparison(runs: Sequence[RunSummary], path: Path) -> None:
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
        page.section("On validation pictures", columns(charts))
    if differences := list(_differences(runs)):
        page.section("Settings that differ", table(["part", "setting", *names], differences))
    write_page(path, page)


def _verdict(name: str, run: RunSummary) -> Markup:
    if run.verdict is None:
        return verdict(name, "no step has been kept yet")
    return verdict(f"{name}: {run.verdict.state}", run.verdict.sentence, run.verdict.advice)


def _table(names: Sequence[str], runs: Sequence[RunSummary]) -> Markup:
    shown = list(dict.fromkeys(figure for run in runs for figure in run.figures))
    rows = (
        [name, run.preset, run.steps, *(run.figures.get(figure, "") for figure in shown)]
        for name, run in zip(names, runs, strict=True)
    )
    return table(["run", "preset", "steps", *(figure.replace("_", " ") for figure in shown)], rows)


def _names(runs: Sequence[RunSummary]) -> list[str]:
    """Short where that tells them apart."""
    short = [run.path.resolve().name for run in runs]
    return short if len({*short}) == len(short) else [str(run.path) for run in runs]


def _samples(names: Sequence[str], runs: Sequence[RunSummary]) -> Iterator[tuple[Markup, str]]:
    for name, run in zip(names, runs, strict=True):
        if not run.evidence.samples:
            continue
        step, path = run.evidence.samples[-1]
        try:
            grid = open_rgb(path, max_pixels=MAX_PIXELS)
        except ToonifyError as error:
            yield Markup(""), f"{name}: {error.message}"
            continue
        grid.thumbnail((1200, 1200))
        yield picture(np.asarray(grid), f"samples of {name}"), f"{name}, step {step:,}"


def _charts(names: Sequence[str], runs: Sequence[RunSummary]) -> Iterator[Markup]:
    every = dict.fromkeys(figure for run in runs for figure in run.evidence.ranking)
    for figure in every:
        # One that has it not keeps its place, so that a run has the same colour in every chart.
        series = {
            name: (measures["step"], measures[figure]) if figure in measures else ([0.0], [math.nan])
            for name, measures in zip(names, (run.evidence.measures for run in runs), strict=True)
        }
        alt = f"{figure} of each run over the steps"
        yield line_chart(series, alt=alt, across="step", up=figure.replace("_", " "), dots=True)


def _differences(runs: Sequence[RunSummary]) -> Iterator[list[str]]:
    settings = [{(part, name): value for part, name, value in flat(run.evidence.settings)} for run in runs]
    for part, name in dict.fromkeys(key for one in settings for key in one):
        values = [one.get((part, name), "") for one in settings]
        if len({*values}) > 1:
            yield [part, name, *values]
