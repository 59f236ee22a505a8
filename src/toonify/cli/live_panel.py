"""A training under way, drawn as a panel on a terminal or told in a line."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import psutil
from rich import filesize
from rich.console import Console, ConsoleOptions, RenderResult
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from toonify.cli.live_task import Facts, LiveTask, Snapshot, Stretch
from toonify.text import visible

UNKNOWN = "not known yet"
BLOCKS = "▁▂▃▄▅▆▇█"
LABEL = 16  # columns of a label at most
TREND = 24  # letters of a trend at most
WIDE = 64  # columns from which on there is room for bars, and for all that is known of the time
FIGURES = 3  # whose lines stay free, however much else there is to say

Row = tuple[Text, Text | Table]


class LivePanel:
    """Draws a task as it is at that moment, in any width and height."""

    def __init__(self, task: LiveTask) -> None:
        self._task = task

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        now = self._task.snapshot()
        width = max(1, options.max_width - LABEL - 6)  # beside the labels and within the frame
        head, foot = _head(now, wide=options.max_width >= WIDE), _foot(now)
        room = console.height - 2 - sum(_lines(cell, console, width) for _, cell in head)  # within the frame
        foot = _fitting(foot, room - min(FIGURES, len(now.figures)), console, width)
        room -= sum(_lines(cell, console, width) for _, cell in foot)
        letters = 0 if options.ascii_only else min(TREND, width - 11)
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        grid.add_column(style="dim", max_width=LABEL, no_wrap=True, overflow="ellipsis")
        grid.add_column(ratio=1, overflow="fold")
        for row in (*head, *_figures(now.figures, max(1, room), letters), *foot):
            grid.add_row(*row)
        yield Panel(grid, title=_text(now.whole.name), border_style="dim", padding=(0, 1))


def in_a_line(now: Snapshot) -> str:
    """The task in a line, for where nothing can be drawn."""
    losses = ", ".join(_pair(name, values[-1]) for name, values in now.figures.items())
    part = f"{now.part.name}: step {now.whole.done:,} of {now.whole.steps:,}"
    left = f"; {_left(now)} left" if now.part.left else ""
    return f"{part}; {losses}; {_pace(now)}{left}"


def trend(values: Sequence[float], letters: int) -> str:
    """The course of some values: means of equal stretches, as blocks between their least and greatest.

    A stretch without a finite value is shown as a gap.
    """
    cuts = [place * len(values) // letters for place in range(letters + 1)]
    means = [_mean(values[start:end]) for start, end in itertools.pairwise(cuts) if start < end]
    known = [mean for mean in means if math.isfinite(mean)]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(BLOCKS[round((m - low) * scale)] if math.isfinite(m) else " " for m in means)


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else math.nan


def _lines(cell: Text | Table, console: Console, width: int) -> int:
    return len(cell.wrap(console, width)) if isinstance(cell, Text) else 1


def _fitting(rows: list[Row], room: int, console: Console, width: int) -> list[Row]:
    """The rows in as many lines as there are, at least one each: the longest are cut short."""
    lines = [_lines(cell, console, width) for _, cell in rows]
    while sum(lines) > max(room, len(rows)):
        lines[lines.index(max(lines))] -= 1
    return [
        (label, _cut(cell, most, console, width)) for (label, cell), most in zip(rows, lines, strict=True)
    ]


def _cut(cell: Text | Table, lines: int, console: Console, width: int) -> Text | Table:
    if not isinstance(cell, Text) or _lines(cell, console, width) <= lines:
        return cell
    kept = list(cell.wrap(console, width))[:lines]
    kept[-1].truncate(width - 1)
    kept[-1].append("…")
    return Text("\n").join(kept)


def _head(now: Snapshot, *, wide: bool) -> list[Row]:
    rows: list[Row] = [(_text(now.part.name), _progress(now.part, wide))]
    if now.whole.steps > now.part.steps:
        rows.append((Text("in all"), _progress(now.whole, wide)))
    pace = _pace(now) if wide else _pace(now).partition(",")[0]
    left = _left(now) if wide else str(now.whole.left or UNKNOWN)
    return [*rows, (Text("pace"), Text(pace)), (Text("time left"), Text(left))]


def _foot(now: Snapshot) -> list[Row]:
    process = filesize.decimal(psutil.Process().memory_info().rss)
    memory = {"process": process, **now.facts.get("memory", {})}
    facts = {**now.facts, "memory": memory}
    warnings = [(Text("warning", "yellow"), _text(warning)) for warning in now.warnings]
    return [*((_text(title), _said(values)) for title, values in facts.items()), *warnings]


def _progress(stretch: Stretch, bar: bool) -> Text | Table:
    counted = Text(f"{stretch.done:,} of {stretch.steps:,} steps")
    if not bar:
        return counted
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_row(ProgressBar(stretch.steps, stretch.done, width=24), counted)
    return row


def _pace(now: Snapshot) -> str:
    return f"{now.rate:.3g} steps/s, {now.pictures:.3g} pictures/s" if now.rate else UNKNOWN


def _left(now: Snapshot) -> str:
    if now.part.left is None:
        return UNKNOWN
    if now.whole.left == now.part.left:
        return str(now.part.left)
    return f"{now.part.left} of {now.part.name}, {now.whole.left} in all"


def _figures(figures: Mapping[str, tuple[float, ...]], room: int, letters: int) -> list[Row]:
    """Each figure's newest value with its trend; those that no line is left for are counted."""
    shown = list(figures.items()) if len(figures) <= room else list(figures.items())[: room - 1]
    rows: list[Row] = [(_text(name), _figure(values, letters)) for name, values in shown]
    if len(shown) < len(figures):
        rows.append((Text(""), Text(f"and {len(figures) - len(shown)} more", "dim")))
    return rows


def _figure(values: Sequence[float], letters: int) -> Text:
    shown = Text(f"{values[-1]:<10.4g}", "" if math.isfinite(values[-1]) else "bold red")
    return shown.append(f" {trend(values, letters)}", "cyan") if letters > 0 else shown


def _said(facts: Facts) -> Text:
    return _text("  ".join(_pair(name, value) for name, value in facts.items()))


def _text(said: str) -> Text:
    """Names of runs, phases and terms come from files, and warnings hold others."""
    return Text(visible(said))


def _pair(name: str, value: float | str) -> str:
    shown = value if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return f"{name.replace('_', ' ')} {shown}" if name else shown
