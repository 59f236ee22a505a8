"""Processes that look at pictures and make them: results come in order, and few wait in memory."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any, Protocol, TypeVar

from toonify.errors import ToonifyError, one_line, usage_error
from toonify.preparing.making import Recipe
from toonify.resources import cores

WAITING_PER_WORKER = 3

Job = TypeVar("Job")
Result = TypeVar("Result")


class Workers(Protocol):
    """Whoever carries out jobs."""

    def run(self, work: Callable[[Recipe, Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
        """Each job with what `work`, a function of a module, makes of it, in the order of `jobs`."""
        ...


@contextlib.contextmanager
def start(recipe: Recipe, count: int) -> Iterator[Workers]:
    """Workers for the length of a `with` block; one of them means this very process.

    Args:
        recipe: What all jobs share.
        count: How many; 0 for one per core that this process may use.

    Raises:
        ToonifyError: if a worker dies, or the source cannot be sent to another process.
    """
    count = count or cores()
    if sys.platform == "win32":
        count = min(count, 61)  # all that it can wait for at once
    if count == 1:
        with _one_thread():
            yield _Here(recipe)
        return
    try:
        pickle.dumps(recipe)
    except Exception as error:
        raise usage_error(
            f"the source cannot be sent to worker processes: {one_line(error)}", "Use --workers 1."
        ) from error
    # `spawn`, because a fork of a process with threads (TensorFlow's, say) can hang.
    context = multiprocessing.get_context("spawn")
    tether, held = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(count, context, _begin, (recipe, tether))
    try:
        yield _There(pool, count * WAITING_PER_WORKER)
    except BaseException:
        held.close()  # ends the workers at once, in the middle of whatever they do
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        held.close()
        tether.close()


class _Here:
    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def run(self, work: Callable[[Recipe, Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
        for job in jobs:
            yield job, work(self._recipe, job)


class _There:
    def __init__(self, pool: ProcessPoolExecutor, waiting: int) -> None:
        self._pool = pool
        self._waiting = waiting

    def run(self, work: Callable[[Recipe, Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result]]:
        jobs = iter(jobs)
        queue: deque[tuple[Job, Future[Result]]] = deque()
        try:
            while True:
                for job in itertools.islice(jobs, self._waiting - len(queue)):
                    with _interrupts_held():
                        queue.append((job, self._pool.submit(_work, work, job)))
                if not queue:
                    return
                job, future = queue.popleft()
                yield job, future.result()
        except BrokenProcessPool as error:
            raise ToonifyError(
                "a worker process died; most often the memory of the machine is too small",
                "Try fewer --workers; a script must call prepare() under `if __name__ == '__main__':`.",
            ) from error


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Workers born here never see Ctrl-C, which is for the parent alone to handle."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


_recipe: Recipe


def _begin(recipe: Recipe, tether: Connection) -> None:
    global _recipe
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _recipe = recipe
    threading.Thread(target=_end_with_parent, args=(tether,), daemon=True).start()


def _end_with_parent(tether: Connection) -> None:
    """The other end is held by the parent alone: it closes when the parent wants, or dies."""
    with contextlib.suppress(EOFError, OSError):
        tether.recv_bytes()
    os._exit(1)


def _work(work: Callable[[Recipe, Any], Result], job: Any) -> Result:
    return work(_recipe, job)
