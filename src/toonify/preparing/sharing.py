"""Memory, shared out among workers that decode pictures side by side.

A worker leaves alone what is larger than its share. The process that runs the workers does it itself, so
that one such picture at a time is in memory, wherever the workers are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from toonify.errors import ToonifyError
from toonify.media import decoding_memory, picture_size
from toonify.preparing.plan import Recipe
from toonify.resources import cores, usable_memory
from toonify.runners import Attempt, Runner

Job = TypeVar("Job")
Result = TypeVar("Result")

LARGE = 10**9
"""Bytes above which pictures are decoded one at a time, however much is free."""


class TooLarge(Exception):
    """A picture is larger than a worker's share of the memory."""


def worker_share(workers: int) -> int:
    """Bytes that each of so many workers may decode a picture in.

    Args:
        workers: How many; 0 for one per core that this process may use.

    Returns:
        0, for any number, where one works alone.
    """
    count = workers or cores()
    return max(1, min(usable_memory() // count, LARGE)) if count > 1 else 0


def need_room(recipe: Recipe, *files: Path) -> None:
    """Look into the headers of files before these are decoded.

    Args:
        recipe: Whose share of the memory there is.
        files: Of which one picture is made: all of them may be in memory at a time.

    Raises:
        TooLarge: if together they hold more than that.
    """
    if not recipe.memory:
        return
    needed = 0
    for file in files:
        with suppress(ToonifyError):  # no picture, as films are not; or whoever opens it says what is wrong
            needed += decoding_memory(picture_size(file))
    if needed > recipe.memory:
        raise TooLarge(f"{files[0]} needs {needed} bytes")


def run_shared(
    runner: Runner, recipe: Recipe, jobs: Iterable[Job], work: Callable[[Recipe, Job], Result]
) -> Iterator[tuple[Job, Attempt[Result]]]:
    """As `runner.run`; what is too large for a worker is done here, in its turn."""
    alone = replace(recipe, memory=0)
    for job, attempt in runner.run(jobs, work):
        if isinstance(attempt.error, TooLarge):
            attempt = Attempt.of(work, alone, job)
        yield job, attempt
