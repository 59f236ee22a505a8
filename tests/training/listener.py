"""Somebody who keeps what a run warns of."""

from __future__ import annotations

from toonify.progress import Progress


class Listener(Progress):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)
