"""Stands for a person who presses Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from toonify.progress import Progress, Task


class Impatient(Task, Progress):
    """Presses it when so many pictures, or frames, are finished."""

    def __init__(self, patience: int) -> None:
        self.patience = patience

    @contextmanager
    def task(self, *arguments: Any, **options: Any) -> Iterator[Task]:
        self.left = self.patience
        yield self

    def advance(self, *arguments: Any, **options: Any) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
