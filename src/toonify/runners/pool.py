"""What runners on pools of threads and processes share: a window that moves over the jobs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import Any

from toonify.resources import cores
from toonify.runners.base import Attempt, Job, Result, Runner

IN_FLIGHT_PER_WORKER = 3


class PoolRunner(Runner):
    """Hands jobs to an executor, as many at a time as there is room for.

    Args:
        workers: How many; 0 for one per core that this process may use.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers or cores()
        self._pool: Executor
        self._waiting: dict[Future[Any], Any] = {}  # jobs, in order
        self._given_up = False

    def run(
        self,
        jobs: Iterable[Job],
        work: Callable[[Any, Job], Result],
        *,
        in_flight: int | None = None,
        ordered: bool = True,
    ) -> Iterator[tuple[Job, Attempt[Result]]]:
        room = in_flight or self._workers * IN_FLIGHT_PER_WORKER
        waiting: dict[Future[Result], Job] = {}
        self._waiting = waiting
        left = iter(jobs)
        try:
            while True:
                for job in islice(left, room - len(waiting)):
                    waiting[self._submit(work, job)] = job
                if not waiting:
                    return
                future = next(iter(waiting)) if ordered else self._first_finished(waiting)
                attempt = self._attempt(future)
                yield waiting.pop(future), attempt
        finally:
            self._leave_undone(waiting)

    def drain(self, seconds: float) -> Iterator[tuple[Any, Attempt[Any]]]:
        begun = [future for future in self._waiting if not future.cancel()]
        self._given_up = True  # if this is interrupted, too
        done, late = wait(begun, seconds)
        self._given_up = bool(late)
        for future in done:
            if not future.cancelled():
                yield self._waiting[future], self._attempt(future)

    @abstractmethod
    def _submit(self, work: Callable[[Any, Job], Result], job: Job) -> Future[Result]:
        """Give a job to the pool."""

    def _leave_undone(self, futures: Iterable[Future[Any]]) -> None:
        """Do without those that have not begun."""
        for future in futures:
            future.cancel()

    def _attempt(self, future: Future[Result]) -> Attempt[Result]:
        """Wait for a job."""
        return Attempt.of(future.result)

    def _first_finished(self, waiting: Iterable[Future[Result]]) -> Future[Result]:
        """Wait for any of some jobs."""
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        return next(future for future in waiting if future in finished)
