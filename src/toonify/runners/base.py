"""The contract of a runner, which maps a function over jobs and knows nothing of what they are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Attempt(Generic[Result]):
    """What became of a job: a result, or what was raised."""

    result: Result | None = None
    error: Exception | None = None

    @classmethod
    def of(cls, work: Callable[..., Result], *arguments: Any) -> Attempt[Result]:
        """Call `work`, and keep its result or its exception."""
        try:
            return cls(result=work(*arguments))
        except Exception as error:  # a job may be anyone's code, and must not end the others
            return cls(error=error)

    def get(self) -> Result:
        """The result.

        Raises:
            Exception: what the job raised.
        """
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]


class Runner(AbstractContextManager["Runner"], ABC):
    """Carries out jobs, each exactly once and few at a time, for the length of a `with` block.

    A block that ends with an exception (Ctrl-C, say) does not wait for jobs that have not begun.
    """

    @abstractmethod
    def run(
        self,
        jobs: Iterable[Job],
        work: Callable[[Any, Job], Result],
        *,
        in_flight: int | None = None,
        ordered: bool = True,
    ) -> Iterator[tuple[Job, Attempt[Result]]]:
        """Each job with what became of it.

        If the caller stops iterating, jobs that have not begun are not done; processes go on with those that
        they were given until the next run, or the end of the block.

        Args:
            jobs: Taken one by one, as there is room for them.
            work: Called with what all jobs share, then the job.
            in_flight: How many may have begun, or wait to begin or to be asked for, at a time; by default
                a few for each worker.
            ordered: In the order of `jobs`; otherwise as they are finished.

        Raises:
            ToonifyError: if a worker is lost; what a job raises ends nothing else.
        """

    def drain(self, seconds: float) -> Iterator[tuple[Any, Attempt[Any]]]:
        """Jobs that had begun when the caller stopped iterating, as they finish; the rest is given up.

        Args:
            seconds: For how long to wait.
        """
        return iter(())

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        return


class InlineRunner(Runner):
    """Carries out each job where it is asked for: one at a time, in this very thread.

    Args:
        shared: The first argument of all work.
    """

    def __init__(self, shared: Any = None) -> None:
        self._shared = shared

    def run(
        self,
        jobs: Iterable[Job],
        work: Callable[[Any, Job], Result],
        *,
        in_flight: int | None = None,
        ordered: bool = True,
    ) -> Iterator[tuple[Job, Attempt[Result]]]:
        for job in jobs:
            yield job, Attempt.of(work, self._shared, job)
