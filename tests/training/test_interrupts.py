"""Ctrl-C and a polite kill are heard once, and mean what they meant before afterwards."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from toonify.training.interrupts import SIGNALS, stop_asked


@pytest.mark.parametrize("number", SIGNALS, ids=["ctrl-c", "kill"])
def test_the_first_signal_is_heard_and_the_second_acts_as_before(number):
    before = [signal.getsignal(one) for one in SIGNALS]
    with stop_asked() as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), number)
        assert asked.is_set()
        assert [signal.getsignal(one) for one in SIGNALS] == before
    assert [signal.getsignal(one) for one in SIGNALS] == before


def test_elsewhere_than_in_the_main_thread_no_handler_is_touched():
    seen = []

    def ask() -> None:
        with stop_asked() as asked:
            seen.append((asked.is_set(), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert seen == [(False, signal.getsignal(signal.SIGINT))]
