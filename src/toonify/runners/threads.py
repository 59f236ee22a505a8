"""Threads, for work that waits, or that libraries do without Python's lock (GIL)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from toonify.runners.base import Job, Result
from toonify.runners.pool import PoolRunner


class ThreadRunner(PoolRunner):
    """Carries out jobs in threads. Those that `drain` gives up do not keep the process from its end.

    Args:
        workers: How many; 0 for one per core that this process may use.
        shared: The first argument of all work; the threads use it at the same time.
    """

    def __init__(self, workers: int = 0, shared: Any = None) -> None:
        super().__init__(workers)
        self._shared = shared

    def __enter__(self) -> ThreadRunner:
        self._pool = _Threads(self._workers)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(wait=not self._given_up, cancel_futures=kind is not None)

    def _submit(self, work: Callable[[Any, Job], Result], job: Job) -> Future[Result]:
        return self._pool.submit(work, self._shared, job)


class _Threads(Executor):
    """Daemon threads. For those of `ThreadPoolExecutor` Python waits before it ends, though one of them may
    be reading from a server that never answers.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads: list[Thread] = []
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()

    def submit(self, work: Callable[..., Result], /, *given: Any, **named: Any) -> Future[Result]:
        future: Future[Result] = Future()
        self._jobs.put((future, partial(work, *given, **named)))
        if len(self._threads) < self._most:
            self._begin()
        return future

    def _begin(self) -> None:
        """One more thread; where the system gives none, those that there are do the work."""
        thread = Thread(target=self._serve, daemon=True)
        self._threads.append(thread)
        try:
            thread.start()
        except RuntimeError:
            self._threads.remove(thread)
            if not self._threads:
                raise
            self._most = len(self._threads)

    def _serve(self) -> None:
        while job := self._jobs.get():
            future, work = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # told to whoever asks for the result, as by any executor
                    future.set_exception(error)
            del job, future, work  # or a picture would stay until the next one comes

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As of any executor."""
        with suppress(Empty):
            while cancel_futures:
                if job := self._jobs.get_nowait():
                    job[0].cancel()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads if wait else ():
            if thread.is_alive():  # not one that Ctrl-C came before
                thread.join()
