"""A run goes on from a checkpoint: what it wrote after that belongs to a course that it gives up."""

from __future__ import annotations

from toonify.storage import RunFolder
from toonify.training.runs import recording
from toonify.training.tables import whole_rows, write_rows


def rewind(files: RunFolder, step: int) -> None:
    """Drop the rows of both tables and the sample grids of steps after a checkpoint's.

    Else a run that goes on with another learning rate, or with fewer steps than were done, would be judged by
    what became of it before.

    Args:
        files: The run's.
        step: Of the checkpoint; 0 where there is none.

    Raises:
        ToonifyError: if a file cannot be written or removed.
    """
    for table in (files.metrics, files.measures):
        rows = [*whole_rows(table)]
        kept = rows[:1] + [row for row in rows[1:] if int(row[0]) <= step]
        if len(kept) < len(rows):
            write_rows(table, kept)
    for number, path in files.grids:
        if number > step:
            with recording(path):
                path.unlink(missing_ok=True)
