"""Runners: each job once, few at a time, and no job stops another."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.runners import InlineRunner, ProcessRunner, Runner, ThreadRunner, processes

PATIENCE = 30  # seconds


def times(factor: int, number: int) -> int:
    """What is done in most of these tests; it fails for 13, and takes its process along for 666."""
    if number == 13:
        raise ValueError("unlucky")
    if number == 666:
        os._exit(1)
    return factor * number


def is_set_up(_: object, name: str) -> str | None:
    return os.environ.get(name)


@contextmanager
def marked() -> Iterator[None]:
    os.environ["TOONIFY_TEST_MARK"] = "here"
    try:
        yield
    finally:
        del os.environ["TOONIFY_TEST_MARK"]


@pytest.fixture(scope="module")
def pool() -> Iterator[Runner]:
    with ProcessRunner(2, 10, marked) as runner:
        yield runner


@pytest.fixture(params=["inline", "threads", "processes"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Each kind, sharing the number 10."""
    if request.param == "processes":
        yield request.getfixturevalue("pool")
        return
    with InlineRunner(10) if request.param == "inline" else ThreadRunner(2, 10) as runner:
        yield runner


class TestEveryRunner:
    def test_gives_each_job_with_its_result_in_order(self, runner: Runner) -> None:
        found = [(job, attempt.get()) for job, attempt in runner.run(range(20), times) if job != 13]
        assert found == [(number, 10 * number) for number in range(20) if number != 13]

    def test_does_each_job_once_in_whatever_order(self, runner: Runner) -> None:
        found = Counter(job for job, _ in runner.run(range(40), times, ordered=False))
        assert found == Counter(range(40))

    def test_goes_on_after_a_job_that_fails(self, runner: Runner) -> None:
        attempts = dict(runner.run([12, 13, 14], times))
        assert (attempts[12].get(), attempts[14].get()) == (120, 140)
        with pytest.raises(ValueError, match="unlucky"):
            attempts[13].get()

    def test_takes_jobs_only_as_there_is_room(self, runner: Runner) -> None:
        taken = 0

        def jobs() -> Iterator[int]:
            nonlocal taken
            for number in range(100, 130):
                taken += 1
                yield number

        for asked, _ in enumerate(runner.run(jobs(), times, in_flight=4)):
            assert taken - asked <= 4
        assert taken == 30

    def test_of_no_jobs_gives_nothing(self, runner: Runner) -> None:
        assert list(runner.run([], times)) == []


class TestThreads:
    def gated(self) -> tuple[dict[int, threading.Event], Callable[[object, int], int]]:
        """Work that waits at a gate of its own for each number."""
        gates = {number: threading.Event() for number in range(8)}

        def work(_: object, number: int) -> int:
            assert gates[number].wait(PATIENCE)
            return number

        return gates, work

    def test_give_what_is_finished_first_when_order_does_not_matter(self) -> None:
        gates, work = self.gated()
        with ThreadRunner(2) as runner:
            found = runner.run([0, 1, 2], work, ordered=False)
            gates[1].set()
            assert next(found)[0] == 1
            gates[2].set()
            assert next(found)[0] == 2
            gates[0].set()
            assert next(found)[0] == 0

    def test_work_at_the_same_time(self) -> None:
        both = threading.Barrier(2)
        with ThreadRunner(2) as runner:
            attempts = list(runner.run(range(2), lambda _, __: both.wait(PATIENCE)))
        assert sorted(attempt.get() for _, attempt in attempts) == [0, 1]

    def test_are_as_many_as_the_system_gives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given, start = iter([True, True, False]), threading.Thread.start

        def limited(thread: threading.Thread) -> None:
            if not next(given):
                raise RuntimeError("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", limited)
        with ThreadRunner(8, 10) as runner:
            assert [attempt.get() for _, attempt in runner.run(range(6), times)] == [0, 10, 20, 30, 40, 50]

    @pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), KeyboardInterrupt()])
    def test_of_which_none_can_be_started_say_why(
        self, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        def refused(thread: threading.Thread) -> None:
            raise error

        monkeypatch.setattr(threading.Thread, "start", refused)
        with pytest.raises(type(error)) as raised, ThreadRunner(2) as runner:
            next(runner.run([1], times))
        assert raised.value is error

    def test_that_are_given_up_keep_no_process_from_its_end(self) -> None:
        script = """if True:
            import time
            from toonify.runners import ThreadRunner
            with ThreadRunner(2) as runner:
                found = runner.run([0, 900, 900, 900], lambda _, seconds: time.sleep(seconds), ordered=False)
                print(next(found)[0], [*runner.drain(0.1)])
        """
        done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (0, "0 []\n")

    @pytest.mark.parametrize("stop", ["exception", "no more asked for"])
    def test_leave_undone_what_has_not_begun_when_stopped(self, stop: str) -> None:
        begun: list[int] = []
        opened = threading.Event()

        def work(_: object, number: int) -> None:
            begun.append(number)
            assert number == 0 or opened.wait(PATIENCE)

        def interrupted() -> None:
            with ThreadRunner(1) as runner:
                found = runner.run(range(50), work, in_flight=10)
                next(found)
                if stop == "exception":
                    opened.set()
                    raise KeyboardInterrupt
                found.close()
                opened.set()

        if stop == "exception":
            with pytest.raises(KeyboardInterrupt):
                interrupted()
        else:
            interrupted()
        assert begun in ([0], [0, 1])


class TestProcesses:
    def test_work_in_the_setting_that_they_are_given(self, pool: Runner) -> None:
        ((_, attempt),) = pool.run(["TOONIFY_TEST_MARK"], is_set_up)
        assert attempt.get() == "here"
        assert "TOONIFY_TEST_MARK" not in os.environ

    def test_of_which_one_is_enough_are_this_very_process(self) -> None:
        with processes(1, None, marked) as runner:
            assert isinstance(runner, InlineRunner)
            assert os.environ["TOONIFY_TEST_MARK"] == "here"
        assert "TOONIFY_TEST_MARK" not in os.environ

    def test_that_die_are_an_error_that_says_what_to_do(self) -> None:
        with (
            pytest.raises(ToonifyError, match="a worker process died") as raised,
            processes(2, 10) as runner,
        ):
            list(runner.run([1, 666, *range(20, 60)], times))
        assert "Try fewer `workers`" in raised.value.hint

    @pytest.mark.parametrize("place", ["_multiprocessing.SemLock", "multiprocessing.util.spawnv_passfds"])
    @pytest.mark.skipif(sys.platform == "win32", reason="they begin otherwise there")
    def test_that_cannot_be_started_say_why(self, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(place, full)
        with (
            pytest.raises(ToonifyError, match="cannot be started: no space left on device") as raised,
            processes(2, None) as runner,
        ):
            list(runner.run([1], times))
        assert "`workers` 1" in raised.value.hint

    def test_that_a_script_starts_without_a_guard_are_explained(self) -> None:
        Path("script.py").write_text(
            "from toonify.runners import ProcessRunner\n"
            "with ProcessRunner(2, 1) as runner: list(runner.run([1], print))"
        )
        done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1
        assert "if __name__ == '__main__':\n" in done.stderr
        assert "/dev/shm" not in done.stderr

    @pytest.mark.timeout(60)
    @pytest.mark.parametrize("ordered", [True, False])
    def test_whose_pool_has_fallen_are_not_waited_for(
        self, monkeypatch: pytest.MonkeyPatch, ordered: bool
    ) -> None:
        """Its thread does where it can start no thread of its own, which feeds the workers."""

        def fall(_: object) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr("multiprocessing.queues.Queue._start_thread", fall)
        monkeypatch.setattr(threading, "excepthook", lambda _: None)
        monkeypatch.setattr(sys.modules["toonify.runners.processes"], "LOOKING", 0.1)
        monkeypatch.setattr(sys.modules["toonify.runners.processes"], "FAILING", 0.1)
        with pytest.raises(ToonifyError, match="a worker process died"), ProcessRunner(2, 1) as runner:
            list(runner.run([1], times, ordered=ordered))

    def test_of_numpy_begin_no_threads_of_their_own(self, pool: Runner) -> None:
        ((_, attempt),) = pool.run(["OPENBLAS_NUM_THREADS"], is_set_up)
        assert attempt.get()

    def test_are_not_begun_for_what_cannot_travel(self) -> None:
        with (
            pytest.raises(ToonifyError, match="cannot be sent to worker processes") as raised,
            processes(2, lambda: None),
        ):
            pytest.fail("nothing can be shared")
        assert (raised.value.exit_code, raised.value.hint) == (USAGE, "Use `workers` 1.")

    def test_are_stopped_in_the_middle_of_a_result_that_is_larger_than_a_pipe(self) -> None:
        with pytest.raises(KeyboardInterrupt), ProcessRunner(2, b"0" * 1000) as runner:
            for _ in runner.run(range(100), repeated):
                raise KeyboardInterrupt


def repeated(shared: bytes, _: int) -> bytes:
    return shared * 50_000


def nap_or_die(_: object, seconds: float) -> None:
    if not seconds:
        os._exit(1)
    time.sleep(seconds)


@pytest.mark.timeout(60)
def test_a_worker_that_dies_while_another_is_busy_and_jobs_are_handed_out():
    """From Python 3.12 on the pool takes none until the busy one has ended, which heeds no SIGTERM."""
    with pytest.raises(ToonifyError, match="a worker process died"), ProcessRunner(2, None) as runner:
        runner._submit(nap_or_die, 600.0)
        runner._submit(nap_or_die, 0.0)
        while True:
            runner._submit(nap_or_die, 0.001)
            time.sleep(0.01)


@pytest.fixture
def fallen(monkeypatch) -> list[object]:
    """What threads end in: up to Python 3.11 a pool's does where another cancels a job as it breaks."""
    found: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda fall: found.append(fall.exc_value))
    return found


def take_a_moment_after(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    method = getattr(ProcessRunner, name)

    def slowly(*given: object) -> None:
        method(*given)
        time.sleep(0.1)

    monkeypatch.setattr(ProcessRunner, name, slowly)


def test_a_pool_that_breaks_fails_its_jobs_before_any_is_cancelled(monkeypatch, fallen):
    take_a_moment_after("_let_go_of_a_broken_pool", monkeypatch)
    with pytest.raises(ToonifyError, match="a worker process died"), ProcessRunner(2, 2) as runner:
        list(runner.run([666, *range(10)], times, in_flight=8))
    assert fallen == []


def test_a_pool_that_is_stopped_has_broken_before_any_job_is_cancelled(monkeypatch, fallen):
    take_a_moment_after("_let_go", monkeypatch)
    with pytest.raises(KeyboardInterrupt), ProcessRunner(2, 2) as runner:
        for _ in runner.run(range(100), times, in_flight=50):
            raise KeyboardInterrupt
    assert fallen == []
