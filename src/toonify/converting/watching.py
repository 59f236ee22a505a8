"""Folders that are watched: what appears in them or changes is converted, until somebody says stop.

By looking again and again, not by what the system tells of changes: that knows nothing of what other machines
do in a shared folder, has a limit on folders, and says when a file was begun, not that it is whole. What is
whole can only be told by looking twice.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from toonify.converting.inputs import Found, expand, find_files
from toonify.converting.jobs import plan_for
from toonify.converting.outputs import Output, settle_output
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Kind, Ledger, Outcome, tell_counts, tell_ways
from toonify.converting.workshop import Workshop
from toonify.errors import FAILURE, INTERRUPTED, ToonifyError, refusal, usage_error
from toonify.places import Location
from toonify.progress import Progress
from toonify.text import visible

_PAUSE = 1.0
"""Seconds between two looks."""

_SHARE = 5
"""The pause lasts so many times as long as a look at least: watching must not keep a disk busy."""

State = tuple[int, int]
"""Of a file: bytes, and when it was changed."""


@dataclass
class WatchResult:
    """What `watch` did. Only failures are kept one by one: it may go on for months.

    Attributes:
        output: Where the cartoons are.
        style: The style's name.
        counts: How often something was converted, compared or skipped.
        films: How many of those that were converted are films.
        ways: In what that which was there is not what is asked for, with how often that was so.
        failures: Of each file that failed, and was not converted since, why.
        seconds: How long it took.
        stopped: Whether it was stopped while there was something to convert.
    """

    output: Path
    style: str
    counts: Counter[Kind] = field(default_factory=Counter)
    films: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    failures: dict[Location, Outcome] = field(default_factory=dict)
    seconds: float = 0.0
    stopped: bool = False

    def note(self, outcome: Outcome) -> None:
        """Count what became of a file."""
        self.failures.pop(outcome.source, None)
        if outcome.result == "failed":
            self.failures[outcome.source] = outcome
            return
        self.counts[outcome.result] += 1
        self.films += outcome.film and outcome.result == "converted"
        if outcome.differs:
            self.ways["; ".join(outcome.differs)] += 1

    @property
    def exit_code(self) -> int:
        if self.stopped:
            return INTERRUPTED
        return FAILURE if self.failures else 0

    @property
    def summary(self) -> str:
        """What happened, in a line and one more for each failure."""
        told = tell_counts(self._all, self.films, self.output, self.seconds, stopped=self.stopped)
        remarks = [outcome.remark for outcome in self.failures.values()]
        return "\n".join([*remarks, *map(visible, [told, *tell_ways(self.ways)])])

    @property
    def _all(self) -> dict[Kind, int]:
        counts: dict[Kind, int] = {kind: self.counts[kind] for kind in get_args(Kind)}
        return counts | {"failed": len(self.failures)}

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "output": str(self.output),
            "style": self.style,
            **{str(kind): count for kind, count in self._all.items()},
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
            "pictures": [outcome.as_json() for outcome in self.failures.values()],
        }


def watch(
    request: ConvertRequest,
    progress: Progress | None = None,
    tell: Callable[[Outcome], None] | None = None,
    *,
    stop: threading.Event | None = None,
) -> WatchResult:
    """Convert what is in folders, and what appears in them or changes, until Ctrl-C or `stop`.

    A file is taken once it is neither empty nor has changed between two looks. One that changes later is
    converted again, in place of the cartoon that was made of it; nothing else that is there is replaced
    unless `overwrite` says so. Cartoons of photographs that go stay. Nothing that befalls a file ends it.

    Args:
        request: Whose inputs are folders, and whose output is one.
        progress: As of `convert_all`.
        tell: Likewise.
        stop: Ends it when it is set.

    Raises:
        ToonifyError: at the beginning: if the style cannot be used, or the request makes no sense.
    """
    started = time.perf_counter()
    watching = _Watching.begin(request, progress or Progress(), tell)
    with contextlib.suppress(KeyboardInterrupt):  # while nothing was being converted
        watching.go_on(stop or threading.Event())
    result = watching.result
    result.seconds = time.perf_counter() - started
    return result


@dataclass
class _Watching:
    """What is known between two looks.

    Attributes:
        names: The folders.
        workshop: Where pictures are converted.
        result: What has been done.
        tell: As of `watch`.
        seen: How each file looked the last time.
        done: How each file looked that was converted, or refused.
        ours: Files of which a cartoon was made.
        unreadable: Folders that cannot be looked into, and why.
    """

    names: dict[Path, Path]
    workshop: Workshop
    result: WatchResult
    tell: Callable[[Outcome], None] | None
    seen: dict[Path, State] = field(default_factory=dict)
    done: dict[Path, State] = field(default_factory=dict)
    ours: set[Path] = field(default_factory=set)
    unreadable: dict[Path, str] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, request: ConvertRequest, progress: Progress, tell: Callable[[Outcome], None] | None
    ) -> _Watching:
        if request.is_remote:
            raise usage_error(
                "`watch` looks into folders of this machine, and draws here",
                "Leave addresses and `runner` out.",
            )
        names = expand(request.inputs)
        request = replace(request, inputs=[*names])
        output = settle_output(request)
        if request.report:
            raise usage_error("a `report` is written at the end, and a `watch` has none", "Leave one out.")
        if files := [path for path in names if not path.is_dir()]:
            raise usage_error(f"{files[0]} is a file, and `watch` is for folders", "Leave `watch` out.")
        if output.written:
            raise usage_error(f"{output.path} is one file, and `watch` may write several", "Give a folder.")
        find_files(request, names, output.path)  # which refuses an output that lies in an input
        workshop = Workshop.open(request, Ledger(), progress)
        progress.say(f"Watching {', '.join(map(str, names))}, until Ctrl-C.")
        return cls(names, workshop, WatchResult(output.path, workshop.made_with.style), tell)

    def go_on(self, stop: threading.Event) -> None:
        while not stop.is_set() and not self.workshop.stopped:
            began = time.perf_counter()
            found = self._look()
            states = {path: state for path in found.files if (state := _state(path))}
            took = time.perf_counter() - began
            ready = self._ready(states)
            self.done |= ready
            if ready:
                self._convert({path: found.files[path] for path in ready}, found)
            self.seen = states
            if not self.unreadable:  # or what is there would be forgotten with what cannot be seen
                self.done = {path: state for path, state in self.done.items() if path in states}
                self.ours &= states.keys()
            if not self.workshop.stopped:
                stop.wait(max(_PAUSE, _SHARE * took))

    def _look(self) -> Found:
        try:
            found = find_files(self.workshop.request, self.names, self.result.output)
        except OSError as error:  # of a disk that is elsewhere, and cannot be reached
            found = Found(unreadable=[(folder, refusal(error)) for folder in self.names])
        now = dict(found.unreadable)
        now |= {folder: "not there any more" for folder in self.names if not os.path.lexists(folder)}
        for folder in self.unreadable.keys() - now.keys():
            self.result.failures.pop(folder, None)
        for folder in now.keys() - self.unreadable.keys():  # once, for as long as it is so
            self._note(Outcome(folder, self.result.output, "failed", now[folder]))
        self.unreadable = now
        return found

    def _ready(self, states: dict[Path, State]) -> dict[Path, State]:
        """What is new or has changed, and is whole, as far as anyone can see."""
        return {
            path: state
            for path, state in states.items()
            if state[0] and self.seen.get(path) == state and self.done.get(path) != state
        }

    def _convert(self, files: dict[Path, Path], found: Found) -> None:
        workshop, output = self.workshop, Output(self.result.output)
        workshop.ledger = Ledger(self._note_file)
        try:
            plan = plan_for(workshop.request, output, Found(files), workshop.made_with, found.files)
        except ToonifyError as error:
            for path in files:
                self._note(Outcome(path, output.path, "failed", error.message))
            return
        jobs = [
            replace(job, todo="convert", differs=(), replaces=True) if job.source in self.ours else job
            for job in plan.jobs
        ]
        for job, outcome in replace(plan, jobs=jobs).settled():
            workshop.ledger.note(job, outcome)
        workshop.carry_out(jobs)
        self.result.stopped = workshop.stopped and any(job not in workshop.ledger for job in jobs)

    def _note_file(self, outcome: Outcome) -> None:
        source = Path(str(outcome.source))
        if outcome.result == "failed" and not os.path.lexists(source):
            self.done.pop(source, None)  # before its turn came, but it may come back, with its disk
            return
        if outcome.result == "converted":
            self.ours.add(source)
        self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        self.result.note(outcome)
        if self.tell:
            self.tell(outcome)


def _state(path: Path) -> State | None:
    """`None` for what is gone by now, or no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None
