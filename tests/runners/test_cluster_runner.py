"""A cluster's runner: what is lost is done again, and what costs three workers is given up.

By workers of this very thread, which are lost as the tests want it. Those of Ray are in
`converting/test_cluster.py`.
"""

from __future__ import annotations

import itertools
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.runners import Attempt, RayRunner, ray
from toonify.runners.cluster import ClusterRunner, Lost

DEADLY = 13


class Workers(ClusterRunner):
    """Three workers who do what they are given when somebody waits for it, the last one first.

    Args:
        deadly: Jobs that end a worker.
        once: Jobs that end a worker the first time, when they are done.
        starts: Whether each worker, in turn, comes up; those that follow do.
        again: As of `ClusterRunner`.
    """

    def __init__(
        self,
        deadly: Sequence[int] = (),
        once: Sequence[int] = (),
        starts: Sequence[bool] = (),
        again: Callable[[Any, int], Any] | None = None,
    ) -> None:
        super().__init__(3, again)
        self._deadly, self._once = {*deadly}, {*once}
        self._starts = itertools.chain(starts, itertools.repeat(True))
        self._numbers = itertools.count()
        self._attempts: dict[int, Attempt[Any] | Lost] = {}
        self.living: set[int] = set()
        self.given: Counter[int] = Counter()
        for _ in range(3):
            self._start()

    def _start_worker(self) -> tuple[int, int]:
        worker, pending = next(self._numbers), next(self._numbers)
        self._attempts[pending] = Attempt() if next(self._starts) else Lost("it has no toonify")
        self.living.add(worker)
        return worker, pending

    def _give(self, worker: int, work: Callable[[Any, int], Any], job: int) -> int:
        assert worker in self.living
        self.given[job] += 1
        pending = next(self._numbers)
        if job in self._deadly:
            self._attempts[pending] = Lost("it died")
            return pending
        attempt = Attempt.of(work, 10, job)
        self._attempts[pending] = Lost("its machine died") if job in self._once else attempt
        self._once.discard(job)
        return pending

    def _first(self, pending: Sequence[int], seconds: float) -> Sequence[int]:
        return [pending[-1]]

    def _attempt(self, pending: int) -> Attempt[Any]:
        attempt = self._attempts.pop(pending)
        if isinstance(attempt, Lost):
            raise attempt
        return attempt

    def _end_worker(self, worker: int) -> None:
        self.living.discard(worker)


def times(factor: int, number: int) -> int:
    return factor * number


@pytest.mark.parametrize("ordered", [True, False])
def test_jobs_of_lost_workers_go_to_others(ordered):
    workers = Workers(once=[3, 4, 17])
    found = [(job, attempt.get()) for job, attempt in workers.run(range(20), times, ordered=ordered)]
    assert sorted(found) == [(number, 10 * number) for number in range(20)]
    assert not ordered or found == sorted(found)
    assert {job for job, given in workers.given.items() if given == 2} == {3, 4, 17}
    assert max(workers.given.values()) == 2


def test_what_costs_three_workers_is_given_up_and_the_rest_done():
    workers = Workers(deadly=[DEADLY])
    attempts = dict(workers.run(range(20), times, ordered=False))
    assert workers.given[DEADLY] == 3
    with pytest.raises(ToonifyError, match="its worker was lost 3 times, the last time because it died"):
        attempts.pop(DEADLY).get()
    assert {job: attempt.get() for job, attempt in attempts.items()} == {
        number: 10 * number for number in range(20) if number != DEADLY
    }
    assert {workers.given[job] for job in attempts} == {1}  # nobody else's is done twice
    assert len(workers.living) == 3


def test_what_may_have_been_done_is_looked_at_first():
    again = []

    def look(factor: int, number: int) -> str:
        again.append(number)
        return "was done"

    attempts = dict(Workers(once=[5], again=look).run(range(8), times))
    assert again == [5]
    assert attempts[5].get() == "was done"
    assert attempts[4].get() == 40


@pytest.mark.parametrize("ordered", [True, False])
def test_jobs_are_taken_as_there_is_room(ordered):
    taken = 0

    def jobs() -> Iterator[int]:
        nonlocal taken
        for number in range(30):
            taken += 1
            yield number

    for asked, _ in enumerate(Workers().run(jobs(), times, in_flight=4, ordered=ordered)):
        assert taken - asked <= 4
    assert taken == 30


def test_of_no_jobs_it_gives_nothing():
    assert list(Workers().run([], times)) == []


def test_after_an_interrupt_what_has_begun_is_finished_and_no_more():
    workers = Workers(deadly=[1])
    found = workers.run(itertools.count(), times, ordered=False)
    assert next(found)[0] == 2
    found.close()
    assert [(job, attempt.get()) for job, attempt in workers.drain(10)] == [(3, 30), (0, 0)]
    assert workers.given == {0: 1, 1: 1, 2: 1, 3: 1}
    assert len(workers.living) == 2  # no new one for the one that was lost


def test_workers_that_cannot_start_are_an_error_that_says_why():
    with pytest.raises(ToonifyError, match="no worker can be started: it has no toonify") as raised:
        list(Workers(starts=[False] * 9).run(range(5), times))
    assert "the same toonify" in raised.value.hint


def test_one_that_cannot_start_is_replaced():
    attempts = dict(Workers(starts=[False, True, False, False]).run(range(5), times))
    assert sorted(attempts) == [0, 1, 2, 3, 4]


def test_without_ray_it_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ToonifyError, match="needs Ray, which is not installed") as raised:
        RayRunner(1, None, times).__enter__()
    assert raised.value.exit_code == USAGE
    assert "toonify-gan[ray]" in raised.value.hint


def test_whatever_else_answers_is_told_at_once(cluster_libraries):
    """Ray would try for minutes; the port of its page of figures is easily taken for the cluster's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=_answer, args=(server, b"HTTP/1.1 400 Bad Request\r\n\r\n")).start()
        with pytest.raises(ToonifyError) as raised:
            RayRunner(1, None, times, address=where).__enter__()
    assert raised.value.message == f"Ray at {where} cannot be reached: what answers there is no Ray"


def test_silence_is_told_soon(cluster_libraries, monkeypatch):
    monkeypatch.setattr(ray, "KNOCKING", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ToonifyError, match="timed out"):
        RayRunner(1, None, times, address=f"127.0.0.1:{server.getsockname()[1]}").__enter__()


def _answer(server: socket.socket, answer: bytes) -> None:
    with server.accept()[0] as line:
        line.recv(1)
        line.sendall(answer)


def test_ctrl_c_waits_until_ray_is_shut_down():
    done = []

    def shut_down() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("all of it")

    runner = RayRunner(1, None, times)
    private = SimpleNamespace(worker=SimpleNamespace())
    runner._ray, runner._connected = SimpleNamespace(shutdown=shut_down, _private=private), True
    with pytest.raises(KeyboardInterrupt):
        runner.__exit__(None)
    assert done == ["all of it"]
