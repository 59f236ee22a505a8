"""Where a dataset is built, and how the result comes into place."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from toonify.errors import ToonifyError, exists_already, holds_more, refusal, usage_error
from toonify.preparing.journal import Journal, was_moved_away
from toonify.preparing.plan import SPLITS
from toonify.preparing.request import PrepareRequest
from toonify.preparing.shards import CONTINUES
from toonify.storage import (
    DatasetFolder,
    DatasetManifest,
    held,
    is_part,
    put_in_place,
    remove,
    strangers,
    sweep,
)

MANIFEST = DatasetManifest.FILE
PARTS = (*SPLITS, *(file.name for file in DatasetFolder(Path()).files))
"""What a dataset consists of, but for its manifest."""

LOST_AND_FOUND = "lost+found"  # in every fresh file system of Linux


def check_apart(output: Path, folders: Iterable[Path]) -> None:
    """Refuse an output that would touch folders which pictures are read from.

    Raises:
        ToonifyError: saying which folder is in the way.
    """
    real = _real(output)
    for folder in folders:
        inputs = _real(folder)
        if inputs in (real, *real.parents) or real in inputs.parents:
            raise usage_error(
                f"the output {output} and the pictures in {folder} must not lie in each other",
                "Choose another `output`.",
            )


def check_output(request: PrepareRequest) -> None:
    """Refuse an output that would touch the inputs or something that is not ours.

    Raises:
        ToonifyError: saying which folder is in the way.
    """
    check_apart(request.output, request.folders)
    output = _real(request.output)
    if _holds_a_dataset(output):
        if not request.overwrite:
            raise exists_already(request.output)
        if not os.path.ismount(output) and (others := _others(output)):
            raise holds_more(request.output, "dataset", others[0])
    elif not _is_free(output) and not _was_free(output):
        raise usage_error(f"{request.output} exists and is not a dataset", "Choose another `output`.")


class Workplace:
    """The folder where a dataset is built: `<output>.part` beside the output, for a rename is all at once.

    A mount point cannot be renamed over: there, the folder lies inside, and what is in it is moved up at
    the end, the manifest last.

    Attributes:
        folder: What is built.

    Args:
        request: Whose output it is.
    """

    def __init__(self, request: PrepareRequest) -> None:
        self._request = request
        self._output = DatasetFolder(_real(request.output))
        self._inside = os.path.ismount(self._output.path)
        self.folder = DatasetFolder(
            self._output.unfinished
            if self._inside
            else self._output.path.with_name(self._output.path.name + ".part")
        )

    @contextmanager
    def held(self) -> Iterator[None]:
        """The folder, there and nobody else's; one in which nothing was kept is gone afterwards.

        Raises:
            ToonifyError: if it cannot be made, holds something else or is in use; or as `check_output`.
        """
        output, part = self._output.path, self.folder.path
        sweep(output.parent, output)
        if _holds_a_dataset(output):
            _remove_leftovers(self._output)
        check_output(self._request)
        if not _is_unfinished(part) and not _is_free(part):
            raise usage_error(f"{part} is in the way and is not an unfinished dataset", "Move it elsewhere.")
        busy = ToonifyError(
            f"{self._request.output} is in use: another process makes a dataset there",
            "Wait for it, or choose another `output`.",
        )
        with held(part, self.folder.lock, busy) as self._lock:
            check_output(self._request)  # somebody else's may have come into place since
            yield

    def open(self, fingerprint: Mapping[str, Any]) -> Journal:
        """What was done here before by the same request; nothing, and an empty folder, for another.

        Args:
            fingerprint: What must not have changed for a run to be continued.
        """
        if self._inside:
            self._take_back()
        journal = Journal(self.folder, fingerprint)
        if not journal.continues:
            remove(self.folder.scan)  # before the journal says whose it is
            journal.save()
        self._clear(journal)
        return journal

    def install(self) -> None:
        """Put what was built in place of what is at the output.

        Nothing that a further run needs is removed before the dataset is whole where it should be.

        Raises:
            ToonifyError: if the file system does not allow it.
        """
        check_output(self._request)  # hours may have passed, and something else have come into place
        try:
            if self._inside:
                self._move_up()
            else:
                self._rename()
                _remove_leftovers(self._output)
        except OSError as error:
            raise ToonifyError(
                f"{self.folder.path} cannot be moved to {self._output.path}: {refusal(error)}", CONTINUES
            ) from error

    def _rename(self) -> None:
        try:
            put_in_place(self.folder.path, self._output.path)
        except PermissionError:  # Windows renames no folder in which a file is open, as the lock is
            self._lock.release()
            put_in_place(self.folder.path, self._output.path)

    def _move_up(self) -> None:
        part, output = self.folder.path, self._output.path
        remove(output / MANIFEST)  # what is between two datasets must not look like one
        for name in PARTS:
            if os.path.lexists(part / name):
                put_in_place(part / name, output / name)
            else:
                remove(output / name)  # an older dataset's
        put_in_place(part / MANIFEST, output / MANIFEST)
        _remove_leftovers(self._output)

    def _clear(self, journal: Journal) -> None:
        """Remove what is not this request's, or was cut short by a kill."""
        kept = {self.folder.lock, self.folder.journal, self.folder.scan}
        kept |= {path for split in SPLITS for found in journal.files(split).values() for path in found}
        if journal.continues:
            kept.add(self.folder.path / MANIFEST)  # which says that a mount point is ours
        for folder, folders, files in os.walk(self.folder.path, topdown=False):
            for name in files:
                if Path(folder, name) not in kept:
                    remove(Path(folder, name))
            for name in folders:
                with contextlib.suppress(OSError):  # not empty
                    Path(folder, name).rmdir()

    def _take_back(self) -> None:
        """Undo what a run that was killed in the middle of `install` has moved up."""
        part, output = self.folder.path, self._output.path
        if not _holds_a_dataset(part) or _holds_a_dataset(output):
            return
        for name in PARTS:
            if os.path.lexists(output / name) and not os.path.lexists(part / name):
                put_in_place(output / name, part / name)


def _real(path: Path) -> Path:
    """Absolute, with links followed; a loop of links stays as it is."""
    return Path(os.path.realpath(path))


def _holds_a_dataset(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _others(folder: Path) -> list[str]:
    """What lies in a dataset's folder and is none of it, such as a run; nothing that systems leave."""
    dataset = DatasetFolder(folder)
    files = (*dataset.files, dataset.journal, dataset.scan, dataset.lock)
    own = [MANIFEST, *(file.name for file in files), *(f"{split}/*.npy" for split in SPLITS)]
    ignored = {LOST_AND_FOUND, dataset.unfinished.name}
    return [name for name in strangers(folder, own) if Path(name).name not in ignored]


def _is_unfinished(folder: Path) -> bool:
    """Whether a dataset was being built there."""
    return DatasetFolder(folder).journal.is_file() or _holds_a_dataset(folder)


def _is_free(folder: Path) -> bool:
    dataset = DatasetFolder(folder)
    ignored = {LOST_AND_FOUND, dataset.unfinished.name, dataset.lock.name}
    if not os.path.lexists(folder):
        return True
    return folder.is_dir() and all(entry.name in ignored or is_part(entry) for entry in folder.iterdir())


def _was_free(folder: Path) -> bool:
    """Whether a mount point was ours to write to: a run was killed that was at work inside."""
    inside = DatasetFolder(folder).unfinished
    untouched = not any(os.path.lexists(folder / name) for name in PARTS)
    return _holds_a_dataset(inside) or (untouched and _is_unfinished(inside))


def _remove_leftovers(dataset: DatasetFolder) -> None:
    """Remove what a whole dataset needs no longer; a run may have been killed before it came to that."""
    if was_moved_away(DatasetFolder(dataset.unfinished)):
        _remove_leftovers(DatasetFolder(dataset.unfinished))
        with contextlib.suppress(OSError):
            dataset.unfinished.rmdir()
    for left in (dataset.scan, dataset.journal, dataset.lock):
        remove(left)
