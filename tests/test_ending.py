"""Ctrl-C and SIGTERM are heard, mean what they meant before afterwards, and nobody outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from toonify.ending import SIGNALS, sigterm_interrupts, stop_asked


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


@pytest.fixture(autouse=True)
def sigterm_as_it_comes():
    """Whatever handles it in this process, such as a library that a test before this one has used."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


def test_sigterm_interrupts_as_ctrl_c_does_and_once_is_enough():
    with sigterm_interrupts():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)


def test_sigterm_that_does_not_come_is_what_it_was():
    before = signal.getsignal(signal.SIGTERM)
    with sigterm_interrupts():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_sigterm_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with sigterm_interrupts():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


BUSY = """
import os, re
print(os.getpid(), flush=True)
re.match("(a*)*b", "a" * 40)  # for hours, and nobody else gets Python's lock meanwhile
"""
PATIENT = """
import os, time
print(os.getpid(), flush=True)
time.sleep(3600)
"""
PARENT = """
import os, subprocess, sys
tether, held = os.pipe()
child = subprocess.Popen([sys.executable, "-m", "toonify.ending", "child"], stdin=tether)
child.wait()
"""
POOL = """
import os, re, sys, time
from toonify.runners import processes
from toonify.runners.processes import ProcessRunner

class Slow:
    def __reduce__(self):
        return read, ()

def read():
    os.write(1, b"%d\\n" % os.getpid())  # at once: two of them write
    time.sleep(3600)

def busy(shared, number):
    os.write(1, b"%d\\n" % os.getpid())  # at once: two of them write
    re.match("(a*)*b", "a" * 40)

if __name__ == "__main__":
    with processes(2, Slow() if sys.argv[1] == "reading" else None) as runner:
        list(runner.run(range(2), busy))
"""


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
@pytest.mark.parametrize("child", [BUSY, PATIENT], ids=["busy", "patient"])
def test_a_module_that_is_run_for_a_process_ends_with_it(child):
    Path("child.py").write_text(child)
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert lives(pid)
    parent.kill()
    parent.wait()
    wait_until(lambda: not lives(pid))


@linux_only
@pytest.mark.parametrize("doing", ["working", "reading"])
def test_workers_end_with_their_parent_whatever_they_do(doing):
    Path("pool.py").write_text(POOL)
    parent = subprocess.Popen([sys.executable, "pool.py", doing], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(parent.stdout.readline()) for _ in range(2)]
    assert all(map(lives, pids))
    parent.kill()
    parent.wait()
    wait_until(lambda: not any(map(lives, pids)))


def test_a_module_ends_with_its_standard_input_and_gets_its_arguments():
    Path("child.py").write_text(
        "import sys; print(sys.argv[1:], __name__, flush=True); import time; time.sleep(600)"
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "toonify.ending", "child", "one", "two"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None and child.stdout is not None
    assert child.stdout.readline() == "['one', 'two'] __main__\n"
    child.stdin.close()
    assert child.wait() == 1


def test_a_module_that_is_run_for_a_process_finds_an_empty_standard_input():
    """Nobody waits for it who looks at it while it is being read, as libraries do on Windows."""
    Path("child.py").write_text("import sys; print(sys.stdin.read())")
    command = [sys.executable, "-m", "toonify.ending", "child"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.wait(60) == 0
        assert child.stdout is not None and child.stdout.read() == "\n"
