"""How far a stage is: bars on a terminal, elsewhere a line a minute of what takes hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.progress import Task as RichTask
from rich.table import Column
from rich.text import Text

from toonify.cli import console
from toonify.cli.live_task import LiveTask
from toonify.progress import Progress, Task
from toonify.text import for_terminal

NARROW, BESIDE = 64, 27  # columns below which there is no room for bars; what a count and a time take
MINUTE = 60.0  # between two lines where nothing can be drawn


class RichTaskHandle(Task):
    """A task on the screen."""

    def __init__(self, progress: RichProgress, identity: Any) -> None:
        self._progress = progress
        self._identity = identity

    def advance(self, amount: int = 1, /, **figures: float) -> None:
        shown = for_terminal("  ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        if figures:
            self._progress.update(self._identity, advance=amount, figures=shown)
        else:
            self._progress.advance(self._identity, amount)


class RateColumn(ProgressColumn):
    """Units a second since the task began on this screen."""

    def render(self, task: RichTask) -> Text:
        done = task.completed - task.fields["done"]
        rate = f"{done / task.elapsed:.1f} {task.fields['unit']}/s" if done and task.elapsed else ""
        return Text(rate, style="cyan")


class ConsoleProgress(Progress):
    """Draws bars on a terminal; elsewhere prints only what is said, on standard error.

    Args:
        quiet: Prints nothing but warnings.
        fields: Of the request, which warnings may name; the options are called alike.
    """

    def __init__(self, *, quiet: bool = False, fields: Iterable[str] = ()) -> None:
        self._quiet = quiet
        self._fields = tuple(fields)
        self._live: LiveTask | None = None

    @contextmanager
    def task(
        self, description: str, total: int | None = None, *, unit: str = "pictures", done: int = 0
    ) -> Iterator[Task]:
        if self._quiet or not console.stderr.is_terminal:
            yield Task()
            return
        with _bars() as progress:
            identity = progress.add_task(
                for_terminal(description), total=total, completed=done, unit=unit, done=done, figures=""
            )
            yield RichTaskHandle(progress, identity)

    @contextmanager
    def watch(self, name: str, parts: Mapping[str, int], *, size: int = 1, done: int = 0) -> Iterator[Task]:
        if self._quiet:
            yield Task()
            return
        if not console.stderr.is_terminal:
            yield MinuteTask(name, parts, size, done)
            return
        from toonify.cli.live_panel import LivePanel

        self._live = LiveTask(name, parts, size, done)
        try:
            with Live(LivePanel(self._live), console=console.stderr, transient=True):
                yield self._live
        finally:
            self._live = None

    def say(self, message: str) -> None:
        if not self._quiet:
            console.stderr.print(for_terminal(message), highlight=False, soft_wrap=True)

    def warn(self, message: str) -> None:
        message = console.as_options(message, self._fields)
        console.stderr.print(f"[yellow]warning:[/] {for_terminal(message)}", highlight=False, soft_wrap=True)
        if self._live:
            self._live.warn(message)


class MinuteTask(LiveTask):
    """Tells in a line, at most once a minute, what a terminal would show all the time."""

    _told: float | None = None

    def advance(self, amount: int = 1, /, **figures: float) -> None:
        super().advance(amount, **figures)
        now = self._clock()
        if self._told is None:
            self._told = now
        elif now - self._told >= MINUTE:
            from toonify.cli.live_panel import in_a_line

            self._told = now
            console.stderr.print(for_terminal(in_a_line(self.snapshot())), highlight=False, soft_wrap=True)


def _bars() -> RichProgress:
    """One line a task; on a narrow terminal what has been done and the time left come before all else."""
    wide = console.stderr.width >= NARROW
    longest = None if wide else console.stderr.width - BESIDE
    name, figures = (Column(no_wrap=True, overflow="ellipsis", max_width=most) for most in (longest, None))
    columns = {
        SpinnerColumn(): True,
        TextColumn("{task.description}", table_column=name): True,
        BarColumn(bar_width=16): wide,
        MofNCompleteColumn(table_column=Column(no_wrap=True)): True,
        RateColumn(table_column=Column(no_wrap=True)): wide,
        TimeRemainingColumn(compact=True, table_column=Column(no_wrap=True)): True,
        TextColumn("left", table_column=Column(no_wrap=True)): True,
        TextColumn("[dim]{task.fields[figures]}", table_column=figures): wide,
    }
    shown = [column for column, there in columns.items() if there]
    return RichProgress(*shown, console=console.stderr, transient=True)
