"""Which pictures wait, and for whom."""

from __future__ import annotations

import threading

import pytest

from toonify.converting.budget import Budget

PATIENCE = 10  # seconds, for threads that should come
MOMENT = 0.05  # seconds, in which a thread that need not wait would come


class Picture(threading.Thread):
    """Takes a share in a thread of its own, and holds it until it is told to go on."""

    def __init__(self, budget: Budget, amount: int) -> None:
        super().__init__(daemon=True)
        self.budget, self.amount = budget, amount
        self.waits, self.holds, self.done = threading.Event(), threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        self.waits.set()
        with self.budget.share(self.amount):
            self.holds.set()
            self.done.wait(PATIENCE)

    def is_at_work(self) -> bool:
        assert self.waits.wait(PATIENCE)
        return self.holds.wait(MOMENT)

    def finish(self) -> None:
        self.done.set()
        self.join(PATIENCE)


@pytest.fixture
def take():
    """`take(budget, 6)`: a picture that needs 6 bytes; let go at the end, whatever happens."""
    pictures: list[Picture] = []

    def begin(budget: Budget, amount: int) -> Picture:
        pictures.append(Picture(budget, amount))
        return pictures[-1]

    yield begin
    for picture in pictures:
        picture.finish()


def test_a_large_picture_waits_until_another_is_done_and_a_small_one_does_not(take):
    budget = Budget(10)
    first = take(budget, 6)
    assert first.is_at_work()
    second, small = take(budget, 6), take(budget, 4)
    assert small.is_at_work()
    assert not second.is_at_work()
    small.finish()
    assert not second.is_at_work()
    first.finish()
    assert second.holds.wait(PATIENCE)


def test_what_is_larger_than_the_budget_goes_alone(take):
    budget = Budget(10)
    huge = take(budget, 100)
    assert huge.is_at_work()
    tiny = take(budget, 1)
    assert not tiny.is_at_work()
    huge.finish()
    assert tiny.holds.wait(PATIENCE)


def test_a_picture_that_fails_gives_its_share_back(take):
    budget = Budget(10)
    with pytest.raises(ZeroDivisionError), budget.share(10):
        raise ZeroDivisionError
    assert take(budget, 10).is_at_work()
