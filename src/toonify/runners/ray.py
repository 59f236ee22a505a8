"""The workers of a Ray cluster: machines that have toonify, and find each other by Ray."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from toonify import __version__
from toonify.distributions import needs
from toonify.ending import signals_wait
from toonify.errors import ToonifyError, one_line, refusal
from toonify.privacy import stay_private
from toonify.runners.base import Attempt
from toonify.runners.cluster import ClusterRunner, Lost

KNOCKING = 10.0  # seconds

_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
"""How a client of gRPC begins (RFC 9113, 3.4), with empty settings. A server answers with its own."""

_SETTINGS = 4  # the type of a frame, in its fourth byte


class RayRunner(ClusterRunner):
    """Carries out jobs on a Ray cluster, one worker for each core.

    Workers come to an end with the `with` block, and with this process, however it ends.

    Args:
        workers: How many; 0 for one per core that the cluster has when it begins.
        shared: What all work needs; it travels to each machine once.
        opened: A function of a module; what it makes of that, once in each worker, is all work's first
            argument.
        address: Of the cluster, `host:port`; empty for what `RAY_ADDRESS` says, or else the one that runs on
            this machine. None is started.
        again: As of `ClusterRunner`.
    """

    def __init__(
        self,
        workers: int,
        shared: Any,
        opened: Callable[[Any], Any],
        *,
        address: str = "",
        again: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        super().__init__(workers, again)
        self._shared = shared
        self._opened = opened
        self._address = address or os.environ.get("RAY_ADDRESS", "auto")
        self._ray: Any = None
        self._connected = False

    def __enter__(self) -> RayRunner:
        self._ray = _import_ray()
        with _signals_kept():
            self._connect()
        self._workers = self._workers or int(self._ray.cluster_resources().get("CPU", 1))
        self._shared = self._ray.put(self._shared)
        self._kind = self._ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(_Worker)
        for _ in range(self._workers):
            self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # Used again after a shutdown that was interrupted, Ray would end the process without a word.
        with signals_wait():
            self._end_all()
            if self._connected:
                self._ray.shutdown()
                _talk(self._ray, aloud=True)

    def _connect(self) -> None:
        if self._ray.is_initialized():
            return
        where = "a Ray cluster on this machine" if self._address == "auto" else f"Ray at {self._address}"
        _knock(self._address, where)
        try:
            self._ray.init(self._address, log_to_driver=False, logging_level=logging.CRITICAL)
        except Exception as error:  # each layer of Ray has error classes of its own
            raise _unreachable(where, error) from error
        self._connected = True
        _talk(self._ray, aloud=False)

    def _start_worker(self) -> tuple[Any, Any]:
        worker = self._kind.remote()
        return worker, worker.open.remote(self._shared, self._opened, __version__)

    def _give(self, worker: Any, work: Callable[..., Any], job: Any) -> Any:
        return worker.work.remote(work, job)

    def _first(self, pending: Sequence[Any], seconds: float) -> Sequence[Any]:
        finished, _ = self._ray.wait(pending, num_returns=1, timeout=seconds)
        if not finished:
            return finished
        finished, _ = self._ray.wait(pending, num_returns=len(pending), timeout=0)
        return finished

    def _attempt(self, pending: Any) -> Attempt[Any]:
        errors = self._ray.exceptions
        try:
            attempt: Attempt[Any] = self._ray.get(pending)
        except errors.RayTaskError as error:  # the exception, or the result, cannot be pickled
            return Attempt(error=RuntimeError(one_line(error.cause or error)))
        except errors.OutOfMemoryError as error:
            raise Lost("the memory of its machine was too small") from error
        except errors.RayError as error:
            raise Lost(f"it died, or its machine did ({type(error).__name__})") from error
        return attempt

    def _end_worker(self, worker: Any) -> None:
        with suppress(self._ray.exceptions.RayError, ValueError):
            self._ray.kill(worker)


class _Worker:
    """In a process of its own, on any machine of the cluster."""

    def open(self, shared: Any, opened: Callable[[Any], Any], version: str) -> Attempt[None]:
        """Make ready what work needs."""
        if version != __version__:
            return Attempt(
                error=ToonifyError(
                    f"a machine of the cluster has toonify {__version__}, this one has {version}",
                    "Install the same version on all of them.",
                )
            )
        attempt = Attempt.of(opened, shared)
        self._shared = attempt.result
        return Attempt(error=attempt.error)

    def work(self, work: Callable[[Any, Any], Any], job: Any) -> Attempt[Any]:
        """Do one job."""
        return Attempt.of(work, self._shared, job)


def _knock(address: str, where: str) -> None:
    """Make sure that a cluster answers: Ray itself would try for more than ten minutes.

    Raises:
        ToonifyError: if nobody does, or somebody else, such as Ray's own page of figures.
    """
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not port.isdecimal():
        return
    try:
        with socket.create_connection((host, int(port)), KNOCKING) as line:
            known = _is_encrypted() or _answers(line)
    except OSError as error:
        raise _unreachable(where, error) from error
    if not known:
        raise ToonifyError(
            f"{where} cannot be reached: what answers there is no Ray",
            "The port is the one that `ray start --head` names, 6379 unless another was chosen.",
        )


def _answers(line: socket.socket) -> bool:
    """Whether gRPC, which Ray's processes talk in, answers on a line."""
    line.sendall(_GREETING)
    with line.makefile("rb") as answers:
        return answers.read(4)[3:] == bytes([_SETTINGS])


def _is_encrypted() -> bool:
    """Whether Ray's processes talk in TLS, as Ray itself reads it."""
    return os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true")


def _talk(ray: Any, *, aloud: bool) -> None:
    """Whether Ray tells of workers that are lost on standard output, amid our own lines for scripts.

    `log_to_driver` has no say in that, and there is no public switch.
    """
    ray._private.worker._worker_logs_enabled = aloud


def _unreachable(where: str, error: Exception) -> ToonifyError:
    hint = "`ray start --head` begins one, `ray status` tells whether it is up."
    return ToonifyError(f"{where} cannot be reached: {refusal(error)}", hint)


def _import_ray() -> Any:
    stay_private()
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise needs("`runner` ray", "ray") from error
    return ray


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Restore our SIGTERM handler, which ends a command as Ctrl-C does: Ray installs its own."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and before is not None:
            signal.signal(signal.SIGTERM, before)
