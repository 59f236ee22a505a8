"""Signals to stop are heard, mean what they meant before afterwards, and nobody outlives its parent."""

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

from toonify.ending import ENDINGS, HANGUPS, SIGNALS, signals_interrupt, signals_wait, stop_asked


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_the_first_signal_is_heard_and_the_second_acts_as_before(number):
    before = [signal.getsignal(one) for one in SIGNALS]
    with stop_asked() as asked:
        assert not asked.is_set()
        os.kill(os.getpid(), number)
        assert asked.is_set()
        assert [signal.getsignal(one) for one in SIGNALS if one not in HANGUPS] == before[:2]
    assert [signal.getsignal(one) for one in SIGNALS] == before


@pytest.mark.skipif(not HANGUPS, reason="no terminal tells that it closes")
@pytest.mark.parametrize("sent", [(1, 1), (15, 1), (1, 15), (1, 15, 1)], ids=str)
def test_whoever_logs_out_is_heard_whatever_tells_of_it_and_how_often(sent):
    with stop_asked() as asked:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        for number in sent:  # to this thread: another may take one that is the process', and late
            signal.pthread_kill(threading.get_ident(), number)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # all at once
        assert asked.is_set()
        for number in sent[1:]:
            os.kill(os.getpid(), number)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


@pytest.mark.skipif(not HANGUPS, reason="no terminal tells that it closes")
def test_a_terminal_that_closes_is_not_heard_under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_interrupt(), stop_asked() as asked:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not asked.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


ON_A_TERMINAL = """
import sys
from pathlib import Path
from toonify.ending import stop_asked

with stop_asked() as asked:
    print("ready", flush=True)
    asked.wait()
    Path("heard").touch()
    sys.stdin.read()
    print("the terminal is gone", flush=True)  # which would fail
    print("so is this one", file=sys.stderr, flush=True)
    Path("saved").touch()
"""


@pytest.mark.skipif(not HANGUPS, reason="no terminal tells that it closes")
@pytest.mark.parametrize("told_first", [False, True])
def test_what_is_said_to_a_terminal_that_closed_keeps_nobody_from_saving(told_first):
    import pty

    ours, terminal = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL], stdin=subprocess.PIPE, stdout=terminal, stderr=terminal
    )
    assert os.read(ours, 5) == b"ready"
    os.close(terminal)
    for event in ("told", "closed") if told_first else ("closed", "told"):
        if event == "closed":
            os.close(ours)
        else:
            child.send_signal(signal.SIGHUP)
            while not Path("heard").exists():
                time.sleep(0.001)
    child.communicate()
    assert (child.wait(), Path("saved").exists()) == (0, True)


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
def signals_as_they_come():
    """Whatever handles them in this process, such as a library that a test before this one has used."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ENDINGS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDINGS)
def test_signals_interrupt_as_ctrl_c_does_and_once_is_enough(number):
    with signals_interrupt():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)


@pytest.mark.skipif(not HANGUPS, reason="no terminal tells that it closes")
@pytest.mark.parametrize("sent", [(1, 15), (15, 1)], ids=str)
def test_whoever_logs_out_interrupts_once(sent):
    with signals_interrupt():
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), sent[0])
        os.kill(os.getpid(), sent[1])


@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_that_does_not_come_is_what_it_was(number):
    before = signal.getsignal(number)
    with signals_interrupt():
        assert signal.getsignal(number) != before
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", ENDINGS)
def test_a_signal_that_is_ignored_stays_so(number):
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with signals_interrupt():
            os.kill(os.getpid(), number)
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(("sent", "done"), [(1, [True]), (2, [])])
def test_the_first_signal_waits_and_the_second_does_not(number, sent, done):
    seen = []
    with signals_interrupt(), pytest.raises(KeyboardInterrupt), signals_wait():
        for _ in range(sent):
            os.kill(os.getpid(), number)
        seen.append(True)
    assert seen == done


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
