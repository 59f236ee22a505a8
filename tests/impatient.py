"""Stands for a person who presses Ctrl-C."""

from __future__ import annotations

from typing import Any

from toonify.progress import Progress


class Impatient(Progress):
    """Presses it when so many pictures, or frames, are finished."""

    def __init__(self, patience: int) -> None:
        self.patience = patience

    def task(self, *arguments: Any, **options: Any) -> Any:
        return _Counted(self.patience)


class _Counted:
    def __init__(self, patience: int) -> None:
        self.left = patience

    def __enter__(self) -> _Counted:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def advance(self, *arguments: Any, **options: Any) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt
