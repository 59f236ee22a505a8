"""How processes end: by Ctrl-C, SIGTERM or a terminal that closes, and with their parent.

`python -m toonify.ending MODULE ARGUMENTS` runs a module that ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import errno
import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

HANGUPS = tuple(filter(None, [getattr(signal, "SIGHUP", None)]))  # of a terminal; Windows has none
ENDINGS = (signal.SIGTERM, *HANGUPS)  # by which Python would end without a word
SIGNALS = (signal.SIGINT, *ENDINGS)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGTERM, which schedulers and containers send, raise `KeyboardInterrupt` as Ctrl-C does, and so
    SIGHUP, which a terminal sends as it closes.

    From then on both are ignored, until the process has ended: `timeout`, for one, sends SIGTERM to the
    process and to the group that it belongs to, and whoever logs out is told of by both. Where one was
    ignored, as by `nohup`, or somebody handles it already, that stays so.
    """
    ours = [number for number in ENDINGS if _in_main_thread() and signal.getsignal(number) is signal.SIG_DFL]

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in ours:
            signal.signal(each, _unheard)
        _leave_terminal(closing=number in HANGUPS)
        raise KeyboardInterrupt

    for number in ours:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is interrupt:
                signal.signal(number, signal.SIG_DFL)


@contextmanager
def stop_asked() -> Iterator[threading.Event]:
    """An event that the first of `SIGNALS` sets; a second one ends the process as usual.

    Not one that may come with the first as somebody logs out, and is no second wish: SIGHUP, of which the
    shell sends one and the system another, and SIGTERM after it. Where SIGHUP was ignored, as by `nohup`, it
    stays so. Outside the main thread, where Python allows no handlers, the event is only ever set by the
    caller.
    """
    asked = threading.Event()
    if not _in_main_thread():
        yield asked
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in HANGUPS:
        if before[number] is signal.SIG_IGN:
            del before[number]

    def hear(number: int, frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, _unheard)  # or another would be heard in the middle of this
        asked.set()
        _leave_terminal(closing=number in HANGUPS)
        with_it = ENDINGS if number in HANGUPS else HANGUPS
        _install({each: handler for each, handler in before.items() if each not in with_it})

    try:
        for number in before:
            signal.signal(number, hear)
        yield asked
    finally:
        _install(before)


@contextmanager
def signals_wait() -> Iterator[None]:
    """Let the first of `SIGNALS` wait until the end of the block; a second one acts at once, as usual."""
    if not _in_main_thread():
        yield
        return
    before = {number: handler for number in SIGNALS if (handler := signal.getsignal(number)) is not None}
    waiting: list[int] = []

    def wait(number: int, frame: FrameType | None) -> None:
        _install(before)
        waiting.append(number)

    for number in before:
        signal.signal(number, wait)
    try:
        yield
    finally:
        if not waiting:
            _install(before)
        for number in waiting:
            signal.raise_signal(number)


def _unheard(number: int, frame: FrameType | None) -> None:
    """A signal that Python was told of before it is ignored would be told as an error; not so here."""


def _install(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        # None: installed from outside Python, and cannot be put back.
        signal.signal(number, handler or signal.SIG_DFL)


def _leave_terminal(*, closing: bool) -> None:
    """Write to nowhere what would go to a terminal that is gone, or closing.

    Or words to it would fail before all is saved.
    """
    for descriptor in (1, 2):
        try:
            os.get_terminal_size(descriptor)
            gone = closing
        except OSError as error:
            gone = error.errno == errno.EIO  # others are no terminals
        if gone:
            lead_nowhere(descriptor)


def lead_nowhere(descriptor: int) -> None:
    """Let what is written to a descriptor vanish, and let nothing be read from it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def fill_standard_descriptors() -> None:
    """Lead those of the three nowhere that were closed from the beginning.

    Else the next file that is opened would be one of them, and what a library prints would go into it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


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
    taken = os.dup(0)
    lead_nowhere(0)
    return taken


if __name__ == "__main__":
    tether = _standard_input_taken_over()
    end_with_parent(lambda: os.read(tether, 1))
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
