"""What the loop tells, and the one who hears it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from toonify.errors import ToonifyError, refusal


class Watcher:
    """Told what happens in a run; by default does nothing.

    Steps count from 1: `done` is how many the run has behind it. Epochs are the phase's, from 1.
    """

    def stepped(self, done: int, phase: str, epoch: int, rate: float, figures: Mapping[str, float]) -> None:
        """A step is done, at a learning rate of `rate`; `figures` are its losses."""
        return

    def sampled(self, done: int, path: Path) -> None:
        """A sample grid was written, a PNG."""
        return

    def measured(self, done: int, phase: str, epoch: int, figures: Mapping[str, float]) -> None:
        """The validation pictures were measured."""
        return

    def flush(self) -> None:
        """A checkpoint of this step is about to be written: what was told, onto the disk."""
        return

    def close(self) -> None:
        """The run ends or stops; nothing more is told."""
        return


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the system refuses while a watcher writes to `path`, as an error that people can read."""
    try:
        yield
    except OSError as error:
        raise ToonifyError(f"{path} cannot be written: {refusal(error)}", "Then resume the run.") from error
