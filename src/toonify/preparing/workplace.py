"""Where a dataset is built, and how the result comes into place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toonify.errors import ToonifyError, refusal, usage_error
from toonify.preparing.plan import SPLITS
from toonify.preparing.request import PrepareRequest
from toonify.preparing.shards import CONTINUES, Journal
from toonify.storage import DatasetFolder, DatasetManifest, make_folder, put_in_place, remove, sweep

MANIFEST = DatasetManifest.FILE
LOST_AND_FOUND = "lost+found"  # in every fresh file system of Linux


def check_output(request: PrepareRequest) -> None:
    """Refuse an output that would touch the inputs or something that is not ours.

    Raises:
        ToonifyError: saying which folder is in the way.
    """
    output = _real(request.output)
    for folder in request.folders:
        inputs = _real(folder)
        if inputs in (output, *output.parents) or output in inputs.parents:
            raise usage_error(
                f"the output {request.output} and the pictures in {folder} must not lie in each other",
                "Choose another `output`.",
            )
    if _holds_a_dataset(output):
        _remove_leftovers(DatasetFolder(output))
        if not request.overwrite:
            raise usage_error(
                f"{request.output} exists", "Choose another `output`, or give `overwrite` to replace it."
            )
    elif not _is_free(output) and not _holds_a_dataset(DatasetFolder(output).unfinished):
        raise usage_error(f"{request.output} exists and is not a dataset", "Choose another `output`.")


class Workplace:
    """The folder where a dataset is built: `<output>.part` beside the output, for a rename is all at once.

    A mount point cannot be renamed over: there, the folder lies inside, and what is in it is moved up at
    the end, the manifest last.

    Attributes:
        folder: What is built.
        journal: What was done there before, by the same request.
    """

    def __init__(self, output: Path, fingerprint: Mapping[str, Any]) -> None:
        """Make the folder, or go on in it.

        Args:
            output: Where the dataset will be.
            fingerprint: What must not have changed for a run to be continued.

        Raises:
            ToonifyError: if it cannot be made, or holds something else.
        """
        self._output = DatasetFolder(_real(output))
        self._inside = os.path.ismount(self._output.path)
        self.folder = DatasetFolder(
            self._output.unfinished
            if self._inside
            else self._output.path.with_name(self._output.path.name + ".part")
        )
        self._make()
        if self._inside:
            self._take_back()
        self.journal = Journal(self.folder, fingerprint)
        if self.journal.continues:
            sweep(self.folder.path)
        else:
            _empty(self.folder.path)
            self.journal.save()

    def install(self) -> None:
        """Put what was built in place of what is at the output.

        Nothing that a further run needs is removed before the dataset is whole where it should be.

        Raises:
            ToonifyError: if the file system does not allow it.
        """
        try:
            if self._inside:
                self._move_up()
            else:
                put_in_place(self.folder.path, self._output.path)
                _remove_leftovers(self._output)
        except OSError as error:
            raise ToonifyError(
                f"{self.folder.path} cannot be moved to {self._output.path}: {refusal(error)}", CONTINUES
            ) from error

    def _make(self) -> None:
        part = self.folder.path
        if not _is_unfinished(part) and not _is_free(part):
            raise usage_error(f"{part} is in the way and is not an unfinished dataset", "Move it elsewhere.")
        make_folder(part)

    def _move_up(self) -> None:
        part, output = self.folder.path, self._output.path
        remove(output / MANIFEST)  # what is between two datasets must not look like one
        for name in self._parts():
            if os.path.lexists(part / name):
                put_in_place(part / name, output / name)
        put_in_place(part / MANIFEST, output / MANIFEST)
        remove(part)

    def _take_back(self) -> None:
        """Undo what a run that was killed in the middle of `install` has moved up."""
        part, output = self.folder.path, self._output.path
        if not _holds_a_dataset(part) or _holds_a_dataset(output):
            return
        for name in self._parts():
            if os.path.lexists(output / name) and not os.path.lexists(part / name):
                put_in_place(output / name, part / name)

    def _parts(self) -> list[str]:
        """What a dataset consists of, but for its manifest."""
        files = (self._output.contact_sheet, self._output.report, self._output.survey)
        return [*SPLITS, *(file.name for file in files)]


def _real(path: Path) -> Path:
    """Absolute, with links followed; a loop of links stays as it is."""
    return Path(os.path.realpath(path))


def _holds_a_dataset(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _is_unfinished(folder: Path) -> bool:
    """Whether a dataset was being built there."""
    return DatasetFolder(folder).journal.is_file() or _holds_a_dataset(folder)


def _is_free(folder: Path) -> bool:
    ignored = {LOST_AND_FOUND, DatasetFolder(folder).unfinished.name}
    if not os.path.lexists(folder):
        return True
    return folder.is_dir() and all(entry.name in ignored for entry in folder.iterdir())


def _remove_leftovers(dataset: DatasetFolder) -> None:
    """Remove what a whole dataset needs no longer; a run may have been killed before it came to that."""
    for left in (dataset.scan, dataset.journal):
        remove(left)


def _empty(folder: Path) -> None:
    """Remove what an earlier run with another request left."""
    for entry in folder.iterdir():
        remove(entry)
