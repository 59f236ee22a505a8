"""How a stage tells what it is doing, without knowing who listens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Task:
    """One countable piece of work."""

    def advance(self, amount: int = 1, /, **figures: float) -> None:
        """Count `amount` more units; `figures` (losses, say) are shown beside the rate."""

    def show(self, title: str, /, *words: str, **facts: float | str) -> None:
        """Words and facts of the moment below a title, instead of what stood there; only a watched task
        shows them."""


class Progress:
    """Listens in silence; the command line draws bars and prints instead."""

    @contextmanager
    def task(
        self, description: str, total: int | None = None, *, unit: str = "pictures", done: int = 0
    ) -> Iterator[Task]:
        """A task of `total` units (`None` when not known), `done` of which were done before."""
        yield Task()

    @contextmanager
    def watch(self, name: str, parts: Mapping[str, int], *, size: int = 1, done: int = 0) -> Iterator[Task]:
        """Work of hours, in steps, that deserves more than a bar.

        Args:
            name: What it is called.
            parts: Its parts in order, each with its number of steps.
            size: Pictures in a step.
            done: Steps, over all parts, that were done before.
        """
        yield Task()

    def say(self, message: str) -> None:
        """A fact worth a line."""

    def warn(self, message: str) -> None:
        """Something that a person should look at."""
