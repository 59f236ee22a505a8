"""How a stage tells what it is doing, without knowing who listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Task:
    """One countable piece of work."""

    def advance(self, amount: int = 1, **figures: float) -> None:
        """Count `amount` more units; `figures` (losses, say) are shown beside the rate."""


class Progress:
    """Listens in silence; the command line draws bars and prints instead."""

    @contextmanager
    def task(
        self, description: str, total: int | None = None, *, unit: str = "pictures", done: int = 0
    ) -> Iterator[Task]:
        """A task of `total` units (`None` when not known), `done` of which were done before."""
        yield Task()

    def say(self, message: str) -> None:
        """A fact worth a line."""

    def warn(self, message: str) -> None:
        """Something that a person should look at."""
