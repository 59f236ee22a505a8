"""How processes end: by Ctrl-C or SIGTERM, and with their parent.

`python -m toonify.ending MODULE ARGUMENTS` runs a module that ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM, which schedulers and containers send, raise `KeyboardInterrupt` as Ctrl-C does.

    From then on it is ignored, until the process has ended: `timeout`, for one, sends it to the process and
    to the group that it belongs to. Where it was ignored, or somebody handles it already, that stays so.
    """
    if not _in_main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is interrupt:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def stop_asked() -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; a second one ends the process as usual.

    Outside the main thread, where Python allows no handlers, the event is only ever set by the caller.
    """
    asked = threading.Event()
    if not _in_main_thread():
        yield asked
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        asked.set()
        _install(before)

    try:
        for number in SIGNALS:
            signal.signal(number, hear)
        yield asked
    finally:
        _install(before)


def _install(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        # None: installed from outside Python, and cannot be put back.
        signal.signal(number, handler or signal.SIG_DFL)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def end_with_parent(wait: Callable[[], object]) -> None:
    """End this process at once when its parent is gone.

    Args:
        wait: Blocks until then: reads from a pipe whose other end only the parent holds.
    """
    if sys.platform == "linux":
        import ctypes

        # The kernel's signal works while a library holds the GIL; the waiting thread would need it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_end_after, args=(wait,), daemon=True).start()


def _end_after(wait: Callable[[], object]) -> None:
    with contextlib.suppress(EOFError, OSError):
        wait()
    os._exit(1)


def _standard_input_taken_over() -> int:
    """Another descriptor of standard input, which from here on is empty.

    On Windows, whoever looks at an input that is being read waits until something comes: a library, in the
    middle of being imported (https://github.com/numpy/numpy/issues/24290).
    """
    taken, nothing = os.dup(0), os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return taken


if __name__ == "__main__":
    tether = _standard_input_taken_over()
    end_with_parent(lambda: os.read(tether, 1))
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
