"""Workers on machines that may be lost: their jobs are given to others."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from toonify.errors import ToonifyError
from toonify.runners.base import Attempt, Job, Result, Runner

TRIES = 3
"""How many workers a job may cost before it is given up."""

FAILED_STARTS = 3
"""Of workers, one after another, before it is no use to go on."""

PATIENCE = 600.0
"""Seconds to wait for a first worker: a cluster that grows as it is needed takes minutes for a machine."""


class Lost(Exception):
    """A worker has died or cannot be reached; the text says why, as far as is known."""


@dataclass
class _Task(Generic[Job]):
    number: int
    job: Job
    losses: int = 0


class ClusterRunner(Runner):
    """Gives each worker one job at a time, so that it is known what a worker was lost over.

    A job whose worker is lost goes to another one, twice; then it has failed. Of jobs that have begun
    none is given out again while its worker lives.

    Args:
        workers: How many.
        again: Instead of `work` of `run`, for a job whose worker was lost: it may have been done.
    """

    def __init__(self, workers: int, again: Callable[[Any, Any], Any] | None = None) -> None:
        self._workers = workers
        self._again = again
        self._starting: dict[Any, Any] = {}  # workers, by what is waited for
        self._busy: dict[Any, tuple[Any, _Task[Any]]] = {}  # likewise
        self._free: list[Any] = []
        self._queue: deque[_Task[Any]] = deque()
        self._held: dict[int, tuple[Any, Attempt[Any]]] = {}  # finished, by number
        self._failed_starts = 0
        self._closing = False

    def run(
        self,
        jobs: Iterable[Job],
        work: Callable[[Any, Job], Result],
        *,
        in_flight: int | None = None,
        ordered: bool = True,
    ) -> Iterator[tuple[Job, Attempt[Result]]]:
        left = (_Task(number, job) for number, job in enumerate(jobs))
        room, turn = in_flight or 3 * self._workers, 0
        while True:
            self._hand_out(left, work, room)
            while self._held:
                number = turn if ordered else next(iter(self._held))
                if number not in self._held:
                    break
                turn += 1
                yield self._held.pop(number)
                self._hand_out(left, work, room)
            if not self._busy and not self._queue:
                return
            self._collect(PATIENCE)

    def drain(self, seconds: float) -> Iterator[tuple[Any, Attempt[Any]]]:
        self._closing = True
        deadline = time.monotonic() + seconds
        while True:
            while self._held:
                yield self._held.pop(next(iter(self._held)))
            remaining = deadline - time.monotonic()
            if not self._busy or remaining <= 0:
                return
            self._collect(remaining)

    def _hand_out(self, left: Iterator[_Task[Any]], work: Callable[..., Any], room: int) -> None:
        """Give jobs to free workers. One job is taken ahead, to know whether there is another."""
        while len(self._queue) < max(1, len(self._free)) and self._in_hand < room:
            task = next(left, None)
            if task is None:
                break
            self._queue.append(task)
        while self._free and self._queue:
            worker, task = self._free.pop(), self._queue.popleft()
            doing = self._again if task.losses and self._again else work
            self._busy[self._give(worker, doing, task.job)] = worker, task

    @property
    def _in_hand(self) -> int:
        return len(self._queue) + len(self._busy) + len(self._held)

    def _start(self) -> None:
        worker, pending = self._start_worker()
        self._starting[pending] = worker

    def _collect(self, seconds: float) -> None:
        """Wait for the first event, a started worker or a finished job, and handle it."""
        finished = self._first([*self._busy, *self._starting], seconds)
        if not finished and not self._busy and not self._closing:
            raise ToonifyError(
                f"no worker has started in {seconds / 60:.0f} minutes",
                "`ray status` tells what the cluster has, and what it lacks.",
            )
        for pending in finished:
            if pending in self._starting:
                self._started(pending, self._starting.pop(pending))
            else:
                self._finished(pending, *self._busy.pop(pending))

    def _started(self, pending: Any, worker: Any) -> None:
        try:
            self._attempt(pending).get()
        except Lost as lost:
            self._failed_starts += 1
            if self._failed_starts >= FAILED_STARTS:
                raise ToonifyError(
                    f"no worker can be started: {lost}",
                    "Each machine of the cluster needs the same toonify, with the same extras.",
                ) from lost
            self._start()
            return
        self._failed_starts = 0
        self._free.append(worker)

    def _finished(self, pending: Any, worker: Any, task: _Task[Any]) -> None:
        try:
            attempt = self._attempt(pending)
        except Lost as lost:
            self._end_worker(worker)
            if self._closing:
                return
            self._start()
            task.losses += 1
            if task.losses < TRIES:
                self._queue.appendleft(task)
                return
            told = f"its worker was lost {TRIES} times, the last time because {lost}"
            attempt = Attempt(error=ToonifyError(told, "Convert it alone, on one machine, to see why."))
        else:
            self._free.append(worker)
        self._held[task.number] = task.job, attempt

    def _end_all(self) -> None:
        workers = [*self._free, *self._starting.values(), *(worker for worker, _ in self._busy.values())]
        for worker in workers:
            self._end_worker(worker)

    @abstractmethod
    def _start_worker(self) -> tuple[Any, Any]:
        """Start a worker. Returns it, and a future that says whether it is ready."""

    @abstractmethod
    def _give(self, worker: Any, work: Callable[..., Any], job: Any) -> Any:
        """Give a worker a job. Returns a future of what becomes of it."""

    @abstractmethod
    def _first(self, pending: Sequence[Any], seconds: float) -> Sequence[Any]:
        """The futures that are done, once one is; none after so many seconds."""

    @abstractmethod
    def _attempt(self, pending: Any) -> Attempt[Any]:
        """What a finished future holds.

        Raises:
            Lost: if the worker was.
        """

    @abstractmethod
    def _end_worker(self, worker: Any) -> None:
        """End a worker, if it is not at its end already."""
