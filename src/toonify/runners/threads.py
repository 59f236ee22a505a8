"""Threads, for work that waits, or that libraries do without Python's lock (GIL)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from toonify.runners.base import Job, Result
from toonify.runners.pool import PoolRunner


class ThreadRunner(PoolRunner):
    """Carries out jobs in threads.

    Args:
        workers: How many; 0 for one per core that this process may use.
        shared: The first argument of all work; the threads use it at the same time.
    """

    def __init__(self, workers: int = 0, shared: Any = None) -> None:
        super().__init__(workers)
        self._shared = shared

    def __enter__(self) -> ThreadRunner:
        self._pool = ThreadPoolExecutor(self._workers)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(cancel_futures=kind is not None)

    def _submit(self, work: Callable[[Any, Job], Result], job: Job) -> Future[Result]:
        return self._pool.submit(work, self._shared, job)
