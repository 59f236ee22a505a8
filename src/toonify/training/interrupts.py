"""Ctrl-C and a polite kill, heard between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_asked() -> Iterator[threading.Event]:
    """An event that the first SIGINT or SIGTERM sets; a second one ends the process as usual.

    Outside the main thread, where Python allows no handlers, the event is only ever set by the caller.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
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
