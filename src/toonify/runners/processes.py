"""Worker processes, for work that holds Python's lock (GIL). They end with the process that started them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.connection import Connection
from typing import Any

from toonify.ending import SIGNALS, end_with_parent
from toonify.errors import ToonifyError, one_line, refusal, usage_error
from toonify.resources import cores
from toonify.runners.base import Attempt, InlineRunner, Job, Result, Runner
from toonify.runners.pool import PoolRunner

MOST_ON_WINDOWS = 61  # all that it can wait for at once
FAILING = 10.0  # seconds that a broken pool has to fail all its futures

LOOKING = 5.0  # seconds between two looks after a pool

Setting = Callable[[], AbstractContextManager[object]]
"""Makes a context that work is done in: the number of threads that a library uses, say."""


@contextlib.contextmanager
def processes(workers: int, shared: Any, setting: Setting = nullcontext) -> Iterator[Runner]:
    """A runner on worker processes, or, where one is enough, on this very process.

    Args:
        workers: How many; 0 for one per core that this process may use.
        shared: The first argument of all work; it travels to each process once.
        setting: A function of a module; each process works within what it gives.

    Raises:
        ToonifyError: if `shared` cannot be sent to another process.
    """
    count = workers or cores()
    if count > 1:
        with ProcessRunner(count, shared, setting) as runner:
            yield runner
    else:
        with setting(), InlineRunner(shared) as runner:
            yield runner


class ProcessRunner(PoolRunner):
    """Carries out jobs in processes.

    A worker that dies, of too little memory for the most part, ends the run with a `ToonifyError`. An
    exception inside the `with` block ends the workers at once, in the middle of whatever they do; so
    does the end of this process, however it comes.

    Args:
        workers: How many; 0 for one per core that this process may use.
        shared: The first argument of all work; it travels to each process once.
        setting: As for `processes`.
    """

    def __init__(self, workers: int, shared: Any, setting: Setting = nullcontext) -> None:
        super().__init__(workers)
        if sys.platform == "win32":
            self._workers = min(self._workers, MOST_ON_WINDOWS)
        self._shared = shared
        self._setting = setting
        self._letting_go = threading.Lock()
        self._undone: list[Future[Any]] = []

    def __enter__(self) -> ProcessRunner:
        try:
            work = pickle.dumps((self._shared, self._setting))
        except Exception as error:
            raise usage_error(
                f"the work cannot be sent to worker processes: {one_line(error)}", "Use `workers` 1."
            ) from error
        # `spawn`, because a fork of a process with threads (TensorFlow's, say) can hang.
        context = multiprocessing.get_context("spawn")
        with _starting(), _interrupts_held():  # a helper of Python's starts with the first of its queues
            self._tether, self._held = context.Pipe(duplex=False)
            self._pool = ProcessPoolExecutor(self._workers, context, _begin, (self._tether, work))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._let_go()
            _expect_no_more_of(self._pool)
        try:
            self._pool.shutdown(cancel_futures=True)
        except RuntimeError:  # the pool's thread could not even be started
            if kind is None:
                raise
        self._let_go()
        self._tether.close()

    def _submit(self, work: Callable[[Any, Job], Result], job: Job) -> Future[Result]:
        super()._leave_undone(self._undone)
        self._undone = []
        with self._telling_of_deaths(), _starting(), _interrupts_held():
            future = self._pool.submit(_work, work, job)
        future.add_done_callback(self._let_go_of_a_broken_pool)
        return future

    def _leave_undone(self, futures: Iterable[Future[Any]]) -> None:
        # Only when the next job comes, or the block ends: an exception may be on its way out of it, and up
        # to Python 3.11 a pool whose workers are let go ends in a traceback if another cancels a job.
        self._undone.extend(futures)

    def _let_go(self) -> None:
        """End the workers at once."""
        with self._letting_go:
            self._held.close()

    def _let_go_of_a_broken_pool(self, future: Future[Any]) -> None:
        """End a broken pool's workers: it would wait for them, and they ignore SIGTERM."""
        if not future.cancelled() and isinstance(future.exception(), BrokenProcessPool):
            self._let_go()

    def _attempt(self, future: Future[Result]) -> Attempt[Result]:
        with self._telling_of_deaths():
            self._wait([future])
            attempt = super()._attempt(future)
            if isinstance(attempt.error, BrokenProcessPool):
                raise attempt.error
        return attempt

    def _first_finished(self, waiting: Iterable[Future[Result]]) -> Future[Result]:
        with self._telling_of_deaths():
            self._wait(waiting)
        return super()._first_finished(waiting)

    def _wait(self, futures: Iterable[Future[Any]]) -> None:
        """Wait for any of some jobs, or for the end of the pool's own thread: it dies where it can start no
        helper.
        """
        thread = getattr(self._pool, "_executor_manager_thread", None)
        while thread and not wait(futures, LOOKING, FIRST_COMPLETED).done:
            if not thread.is_alive() and not any(future.done() for future in futures):
                raise BrokenProcessPool

    @contextlib.contextmanager
    def _telling_of_deaths(self) -> Iterator[None]:
        try:
            yield
        except BrokenProcessPool as error:
            # A broken pool fails all its futures one by one, and its thread ends in a traceback where
            # another cancels one of them meanwhile.
            wait(self._waiting, FAILING)
            raise ToonifyError(
                "a worker process died; most often the memory of the machine is too small",
                "Try fewer `workers`; a script must do this under `if __name__ == '__main__':`.",
            ) from error


@contextlib.contextmanager
def _starting() -> Iterator[None]:
    """What keeps processes from starting is told: too little room in /dev/shm, or a limit of the system."""
    try:
        yield
    except BrokenProcessPool:
        raise
    except (ImportError, OSError, RuntimeError) as error:
        if "bootstrapping" in str(error):  # Python explains what a script lacks
            raise
        raise ToonifyError(
            f"worker processes cannot be started: {refusal(error)}",
            "`workers` 1 does without. They need room in /dev/shm; `ulimit` limits files and processes.",
        ) from error


def _expect_no_more_of(pool: Executor) -> None:
    """Close this process's own end for writing of the pipe that results come through.

    Otherwise it would wait for ever for the rest of a result that a worker was sending when it died. The
    standard library leaves that end open, and has no name for it.
    """
    writer = getattr(getattr(pool, "_result_queue", None), "_writer", None)
    if writer is not None:
        writer.close()


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes that start in this block have Ctrl-C, SIGTERM and SIGHUP blocked: the parent handles them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_shared: Any
_for_life = contextlib.ExitStack()  # of a worker


def _begin(tether: Connection, work: bytes) -> None:
    """Make a worker ready.

    Args:
        tether: Only the parent holds its other end: it closes when the parent says so, or dies.
        work: What all jobs share and the setting, pickled: reading it may import for a second, in which
            the parent may die.
    """
    global _shared
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # or NumPy would begin one per core in each worker
    end_with_parent(tether.recv_bytes)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shared, setting = pickle.loads(work)
    _for_life.enter_context(setting())


def _work(work: Callable[[Any, Job], Result], job: Job) -> Result:
    return work(_shared, job)
